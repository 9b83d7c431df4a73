import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Person } from '../../../test/support.ts'
import { openSalon } from './salon.fixture.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'
import { openWaitingList, root } from './waiting.fixture.ts'

/** What becomes free otherwise than by a booking of the very service and time that somebody waits for. */
const { house, provider, holder, wait, waits, offers, booked, cancel, due } = await openWaitingList()

test('a time that one service gives back is offered to who waits for another one of the same person', async () => {
  const long = await offer(house, provider, { title: 'Long massage', duration_minutes: 90 })
  const short = await offer(house, provider, { title: 'Short massage', duration_minutes: 30 })
  const id = await booked('2026-01-29T10:00:00Z')
  await booked('2026-01-29T11:30:00Z')
  const span = ['2026-01-29T09:00:00Z', '2026-01-29T11:00:00Z'] as const
  const forLong = await waits(...span, { service: long })
  const forShort = await waits(...span, { service: short })
  const elsewhere = await waits('2026-01-29T13:00:00Z', '2026-01-29T17:00:00Z', { service: long })

  await cancel(id)

  assert.deepEqual(
    [await offers(forLong), await offers(forShort), await offers(elsewhere)],
    [['2026-01-29T09:00:00Z'], ['2026-01-29T10:00:00Z'], []],
  )
})

test('a start before the one that was given back, which it stood in the way of, is offered too', async () => {
  const id = await booked('2026-01-30T10:00:00Z')
  const early = await waits('2026-01-30T09:30:00Z', '2026-01-30T10:00:00Z')
  const before = await waits('2026-01-30T08:00:00Z', '2026-01-30T09:30:00Z')

  await cancel(id)

  assert.deepEqual([await offers(early), await offers(before)], [['2026-01-30T09:30:00Z'], []])
})

test('a room that is given back is offered to who waits for somebody else in it, also when a booking moves to another room', async () => {
  const salon = await openSalon(house)
  const [jane, mary] = [await salon.hire(), await salon.hire()]
  const room = async (name: string): Promise<string> =>
    (await salon.ask('POST', 'rooms/', salon.owner, { name, capacity: 2, organization_id: salon.organization_id }))
      .body['data'].id
  const [lilac, mint] = [await room('Lilac'), await room('Mint')]
  const both = { room_ids: [lilac, mint] }
  const [massage, peeling] = [await salon.offer([jane, mary], both), await salon.offer([mary], { room_ids: [lilac] })]
  const [at, other] = ['2026-02-03T09:00:00Z', '2026-02-03T11:00:00Z']
  const made = await book(house, holder, massage, at, { provider_id: jane.id, room_id: lilac })
  const moved = await book(house, holder, massage, other, { provider_id: jane.id, room_id: lilac })
  const first = await waits('2026-02-03T09:00:00Z', '2026-02-03T10:00:00Z', {
    service: peeling,
    provider_id: mary.id,
  })
  const second = await waits('2026-02-03T11:00:00Z', '2026-02-03T12:00:00Z', { service: peeling })

  await cancel(made.body['data'].id)
  const json = { date: other, room_id: mint }
  const left = await house.call('PUT', `/api/v1/bookings/${moved.body['data'].id}/`, { token: holder.token, json })

  assert.deepEqual([made.status, moved.status, left.status], [201, 201, 200])
  assert.deepEqual([await offers(first), await offers(second)], [[at], [other]])
})

test('times for which a room was missing are offered to who waits for them once the room is in use again', async () => {
  const salon = await openSalon(house)
  const name = { name: 'Lilac', capacity: 2, organization_id: salon.organization_id }
  const room = (await salon.ask('POST', 'rooms/', salon.owner, name)).body['data'].id
  const change = (json: Json) => salon.ask('PUT', `rooms/${room}/`, salon.owner, json)
  const massage = await salon.offer([await salon.hire()], { room_ids: [room] })
  const closed = await change({ is_active: false })
  const waiting = await waits('2026-02-23T00:00:00Z', '2026-02-24T00:00:00Z', { service: massage })
  house.pass({ minutes: 1 })

  const renamed = await change({ name: 'Mint' })
  const before = await offers(waiting)
  const opened = await change({ is_active: true })

  assert.deepEqual([closed.status, renamed.status, opened.status], [200, 200, 200])
  assert.deepEqual([before, await offers(waiting)], [[], ['2026-02-23T09:00:00Z']])
})

test('hours that are opened are offered to who waits, each of several to another person, and hours that were open to nobody', async () => {
  const busy = await house.person('provider')
  const open = (entry: Json) => house.call('POST', '/api/v1/schedules/', { token: busy.token, json: entry })
  const only = await offer(house, busy)
  const tuesday = { kind: 'weekly', weekday: 2, start_time: '09:00', end_time: '10:00', time_zone: 'UTC' }
  assert.equal((await open(tuesday)).status, 201)
  const span = ['2026-02-02T00:00:00Z', '2026-02-15T00:00:00Z'] as const
  const first = await waits(...span, { service: only })
  const second = await waits(...span, { service: only })
  const third = await waits('2026-02-09T00:00:00Z', '2026-02-10T00:00:00Z', { service: only })
  house.pass({ minutes: 1 })

  const wednesday = await open({ ...tuesday, weekday: 3, start_time: '14:00', end_time: '15:00' })
  const weekly = [await offers(first), await offers(second), await offers(third)]
  const override = await open({
    kind: 'override',
    date: '2026-02-09',
    intervals: [{ start_time: '12:00', end_time: '13:00' }],
  })
  const dated = [await offers(first), await offers(second), await offers(third)]
  house.pass({ minutes: 30 })
  await due()
  const later = [await offers(second), await offers(third)]

  assert.deepEqual([wednesday.status, override.status], [201, 201], wednesday.text + override.text)
  assert.deepEqual(weekly, [['2026-02-04T14:00:00Z'], ['2026-02-11T14:00:00Z'], []])
  assert.deepEqual(dated, [['2026-02-04T14:00:00Z', '2026-02-09T12:00:00Z'], ['2026-02-11T14:00:00Z'], []])
  assert.ok(later[0]!.includes('2026-02-04T14:00:00Z'))
})

test('time off that ends is offered to who waits for it', async () => {
  const away = await house.person('provider')
  await openHours(house, away)
  const only = await offer(house, away)
  const json = { kind: 'time_off', starts_at: '2026-02-05T00:00', ends_at: '2026-02-06T00:00' }
  const off = await house.call('POST', '/api/v1/schedules/', { token: away.token, json })
  const waiting = await waits('2026-02-05T00:00:00Z', '2026-02-06T00:00:00Z', { service: only })
  house.pass({ minutes: 1 })

  const back = await house.call('DELETE', `/api/v1/schedules/${off.body['data']?.id}/`, { token: away.token })

  assert.deepEqual([off.status, back.status], [201, 200], off.text)
  assert.deepEqual(await offers(waiting), ['2026-02-05T09:00:00Z'])
})

test('the time of a meeting that is cancelled or made shorter is offered to who waits for it', async () => {
  const busy = await house.person('provider')
  await openHours(house, busy)
  const only = await offer(house, busy)
  const ask = (method: 'POST' | 'PUT' | 'DELETE', path: string, json?: Json) =>
    house.call(method, `/api/v1/${path}`, { token: busy.token, ...(json ? { json } : {}) })
  const calendar_id = (await ask('POST', 'calendars/', { name: 'Mine' })).body['data'].id
  const meeting = async (day: string): Promise<string> => {
    const times = { start_time: `${day}T09:00:00Z`, end_time: `${day}T17:00:00Z` }
    const made = await ask('POST', 'events/', { title: 'Training', calendar_id, ...times })
    assert.equal(made.status, 201, made.text)
    return made.body['data'].id
  }
  const [cancelled, shorter] = [await meeting('2026-02-16'), await meeting('2026-02-17')]
  const first = await waits('2026-02-16T00:00:00Z', '2026-02-17T00:00:00Z', { service: only })
  const second = await waits('2026-02-17T00:00:00Z', '2026-02-18T00:00:00Z', { service: only })
  house.pass({ minutes: 1 })

  const gone = await ask('DELETE', `events/${cancelled}/`)
  const cut = await ask('PUT', `events/${shorter}/`, { end_time: '2026-02-17T13:00:00Z' })

  assert.deepEqual([gone.status, cut.status], [200, 200], gone.text + cut.text)
  assert.deepEqual([await offers(first), await offers(second)], [['2026-02-16T09:00:00Z'], ['2026-02-17T13:00:00Z']])
})

test('what somebody else who gives a service now can take is offered to who waits for it, and so is what another place of it opens', async () => {
  const salon = await openSalon(house)
  const [jane, mary] = [await salon.hire(), await salon.hire()]
  const massage = await salon.offer([jane])
  const change = (json: Json) => salon.ask('PUT', `services/${massage}/`, salon.owner, json)
  const at = '2026-02-18T09:00:00Z'
  const made = await book(house, holder, massage, at)
  const first = await waits(at, '2026-02-18T09:30:00Z', { service: massage })
  const second = await waits(at, '2026-02-18T09:30:00Z', { service: massage })
  house.pass({ minutes: 1 })

  const renamed = await change({ title: 'Long massage' })
  const before = [await offers(first), await offers(second)]
  const joined = await change({ staff: [jane.id, mary.id] })
  const after = [await offers(first), await offers(second)]
  assert.equal((await book(house, first, massage, at)).status, 201)
  await house.drain()
  const wider = await change({ capacity: 2 })

  assert.deepEqual([made.status, renamed.status, joined.status, wider.status], [201, 200, 200, 200])
  assert.deepEqual(
    [before, after],
    [
      [[], []],
      [[at], []],
    ],
  )
  assert.deepEqual([await offers(first), await offers(second)], [[at], [at]])
})

test('starts that a finer step adds, and times for which no room is needed any more, are offered to who waits for them', async () => {
  const salon = await openSalon(house)
  const [jane, mary] = [await salon.hire(), await salon.hire()]
  const room = await salon.ask('POST', 'rooms/', salon.owner, {
    name: 'Lilac',
    capacity: 2,
    organization_id: salon.organization_id,
  })
  const massage = await salon.offer([jane, mary], { room_ids: [room.body['data'].id] })
  const peeling = await salon.offer([mary], { slot_step_minutes: 60 })
  const [at, between] = ['2026-02-19T09:00:00Z', '2026-02-20T10:30:00Z']
  const made = await book(house, holder, massage, at)
  const first = await waits(at, '2026-02-19T09:30:00Z', { service: massage })
  const second = await waits(between, '2026-02-20T11:00:00Z', { service: peeling })
  house.pass({ minutes: 1 })

  const roomless = await salon.ask('PUT', `services/${massage}/`, salon.owner, { room_ids: [] })
  const finer = await salon.ask('PUT', `services/${peeling}/`, salon.owner, { slot_step_minutes: 30 })

  assert.deepEqual([made.status, roomless.status, finer.status], [201, 200, 200])
  assert.deepEqual([await offers(first), await offers(second)], [[at], [between]])
})

test('whoever waits for a service that is offered no more is told so once, and waits for it no more', async () => {
  const ending = await offer(house, provider, { title: 'Hot stones' })
  const person = await waits('2026-02-10T00:00:00Z', '2026-02-11T00:00:00Z', { service: ending })
  assert.equal((await wait(person, '2026-02-12T00:00:00Z', '2026-02-13T00:00:00Z', { service: ending })).status, 201)

  const archived = await house.call('DELETE', `/api/v1/services/${ending}/`, { token: provider.token })
  await house.drain()

  const list = await house.call('GET', root, { token: person.token })
  const headers = { 'accept-language': 'uk' }
  const told = await house.call('GET', '/api/v1/notifications/', { token: person.token, headers })
  assert.deepEqual([archived.status, list.body['data'].count], [200, 0])
  assert.deepEqual(
    told.body['data'].results
      .filter(({ kind }: Json) => kind === 'waiting_list_ended')
      .map(({ title, body }: Json) => [title, body]),
    [['Те, на що ви чекаєте, більше не пропонується', 'Hot stones: ви більше не в листі очікування.']],
  )
})

/** How much somebody still waits for, and how often they were told that something is offered no more. */
async function waitsFor({ token }: Person): Promise<[open: number, ended: number]> {
  const list = await house.call('GET', root, { token })
  const { body } = await house.call('GET', '/api/v1/notifications/', { token })
  return [
    list.body['data'].count,
    body['data'].results.filter(({ kind }: Json) => kind === 'waiting_list_ended').length,
  ]
}

test('so is it by whoever waits for a service of an organization that is archived, or of a provider whose account is gone', async () => {
  const salon = await openSalon(house)
  const leaver = await house.person('provider')
  const [theirs, own] = [await salon.offer([await salon.hire()]), await offer(house, leaver)]
  const span = ['2026-02-10T00:00:00Z', '2026-02-11T00:00:00Z'] as const
  const people = [await waits(...span, { service: theirs }), await waits(...span, { service: own })]

  const archived = await salon.ask('DELETE', `organizations/${salon.organization_id}/`, salon.owner)
  const erased = await house.call('DELETE', '/api/v1/auth/profile/', {
    token: leaver.token,
    json: { password: leaver.password },
  })
  await house.drain()

  const told = await Promise.all(people.map(waitsFor))
  assert.deepEqual([archived.status, erased.status], [200, 200])
  assert.deepEqual(told, [
    [0, 1],
    [0, 1],
  ])
})

test('whoever waits for a master who has left the salon is told so, whoever waits for any master or for another one waits on', async () => {
  const salon = await openSalon(house)
  const [leaver, stayer] = [await salon.hire(), await salon.hire()]
  const service = await salon.offer([leaver, stayer])
  const span = ['2026-02-10T00:00:00Z', '2026-02-11T00:00:00Z'] as const
  const elsewhere = await offer(house, leaver)
  const people = [
    await waits(...span, { service, provider_id: leaver.id }),
    await waits(...span, { service, provider_id: stayer.id }),
    await waits(...span, { service }),
    await waits(...span, { service: elsewhere, provider_id: leaver.id }),
  ]

  const left = await salon.end(leaver)
  await house.drain()

  const told = await Promise.all(people.map(waitsFor))
  assert.equal(left.status, 200, left.text)
  assert.deepEqual(told, [
    [0, 1],
    [1, 0],
    [1, 0],
    [1, 0],
  ])
})
