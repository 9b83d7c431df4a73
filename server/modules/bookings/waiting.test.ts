import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { openSalon } from './salon.fixture.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

const house = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
const holder = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider, { title: 'Massage' })
const yoga = await offer(house, provider, { title: 'Yoga', capacity: 3 })
const root = '/api/v1/waiting-list/'

const wait = (person: Person, from: string, to: string, more: Json = {}) =>
  house.call('POST', root, { token: person.token, json: { service, from, to, ...more } })
const waits = async (from: string, to: string, more: Json = {}): Promise<Person> => {
  const person = await house.person('customer')
  const made = await wait(person, from, to, more)
  assert.equal(made.status, 201, made.text)
  return person
}
const offers = async ({ id }: Person): Promise<string[]> => {
  await house.drain()
  const rows = await house.house.db
    .selectFrom('notifications')
    .where('user_id', '=', id)
    .where('kind', '=', 'waiting_list_offer')
    .select('params')
    .orderBy('id')
    .execute()
  return rows.map(({ params }) => (params as { at: string }).at)
}
const booked = async (date: string, which = service, person = holder, seats = 1): Promise<number> => {
  const answer = await book(house, person, which, date, { seats })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
const cancel = async (id: number, { token }: Person = holder): Promise<void> => {
  const answer = await house.call('DELETE', `/api/v1/bookings/${id}/`, { token })
  assert.equal(answer.status, 200, answer.text)
}
const due = () => house.house.jobs.run('bookings.offer')

test('when a booking is cancelled the first who waits is told, and the next half an hour later while it is free', async () => {
  const id = await booked('2026-01-14T09:00:00Z')
  const first = await waits('2026-01-14T00:00:00Z', '2026-01-15T00:00:00Z')
  const second = await waits('2026-01-14T08:00:00Z', '2026-01-14T10:00:00Z')
  const elsewhere = await waits('2026-01-14T12:00:00Z', '2026-01-15T00:00:00Z')

  await cancel(id)
  const atOnce = [await offers(first), await offers(second)]
  house.pass({ minutes: 29 })
  await due()
  const early = await offers(second)
  house.pass({ minutes: 1 })
  await Promise.all([due(), due(), due()])
  const later = [await offers(first), await offers(second), await offers(elsewhere)]
  house.pass({ minutes: 30 })
  await due()

  const at = '2026-01-14T09:00:00Z'
  assert.deepEqual(atOnce, [[at], []])
  assert.deepEqual(early, [])
  assert.deepEqual(later, [[at], [at], []])
  assert.deepEqual([await offers(first), await offers(second)], [[at], [at]])
  const mails = (await house.mails(first.email)).filter(({ subject }) => subject === 'A place has become free')
  assert.equal(mails.length, 1)
  assert.match(mails[0]!.text, new RegExp(`/services/${service}/\\?start=2026-01-14T09%3A00%3A00Z`))
})

test('a time that was taken meanwhile is offered to nobody else, and whoever has booked waits no more', async () => {
  const id = await booked('2026-01-15T09:00:00Z')
  const quick = await waits('2026-01-15T09:00:00Z', '2026-01-15T10:00:00Z')
  const slow = await waits('2026-01-15T09:00:00Z', '2026-01-15T10:00:00Z')
  await cancel(id)
  await house.drain()

  const again = await booked('2026-01-15T09:00:00Z', service, quick)
  await house.drain()
  house.pass({ minutes: 30 })
  await due()
  const told = await offers(slow)
  await cancel(again, quick)

  assert.deepEqual(told, [])
  // Freed once more, it is another chance: for who still waits.
  assert.deepEqual(await offers(slow), ['2026-01-15T09:00:00Z'])
  assert.equal((await offers(quick)).length, 1)
  const list = await house.call('GET', root, { token: quick.token })
  assert.equal(list.body['data'].count, 0)
})

test('the time that a booking has left by a move is offered, at the first start that could be booked', async () => {
  const id = await booked('2026-01-16T09:00:00Z')
  const late = await waits('2026-01-16T09:15:00Z', '2026-01-16T12:00:00Z', { provider_id: provider.id })

  const json = { date: '2026-01-16T13:00:00Z' }
  assert.equal((await house.call('PUT', `/api/v1/bookings/${id}/`, { token: holder.token, json })).status, 200)

  assert.deepEqual(await offers(late), ['2026-01-16T09:30:00Z'])
})

test('a place in a group goes to the first for whom the seats suffice, and two places to two people', async () => {
  const at = '2026-01-19T09:00:00Z'
  const places = [await booked(at, yoga), await booked(at, yoga), await booked(at, yoga)]
  const span = ['2026-01-19T00:00:00Z', '2026-01-20T00:00:00Z'] as const
  const pair = await waits(...span, { service: yoga, seats: 2 })
  const one = await waits(...span, { service: yoga })
  const other = await waits(...span, { service: yoga })

  await cancel(places[0]!)
  const afterOne = [await offers(pair), await offers(one), await offers(other)]
  await cancel(places[1]!)

  assert.deepEqual(afterOne, [[], [at], []])
  assert.deepEqual([await offers(pair), await offers(one), await offers(other)], [[at], [at], []])
})

test('whoever waits twice for a time is told of it once, and the turn after theirs is the next one’s', async () => {
  const at = '2026-01-27T09:00:00Z'
  const id = await booked(at)
  const twice = await waits('2026-01-27T00:00:00Z', '2026-01-28T00:00:00Z')
  assert.equal((await wait(twice, '2026-01-26T00:00:00Z', '2026-01-29T00:00:00Z')).status, 201)
  const next = await waits('2026-01-27T00:00:00Z', '2026-01-28T00:00:00Z')

  await cancel(id)
  const atOnce = [await offers(twice), await offers(next)]
  house.pass({ minutes: 30 })
  await due()

  assert.deepEqual(atOnce, [[at], []])
  assert.deepEqual([await offers(twice), await offers(next)], [[at], [at]])
})

test('of two places of one time that are given at the same moment a person is told once', async () => {
  const at = '2026-01-28T09:00:00Z'
  const span = ['2026-01-28T00:00:00Z', '2026-01-29T00:00:00Z'] as const
  const places = [await booked(at, yoga), await booked(at, yoga)]
  const gone = [await waits(...span, { service: yoga }), await waits(...span, { service: yoga })]
  for (const place of places) await cancel(place)
  await house.drain()
  for (const { token } of gone) {
    const list = await house.call('GET', root, { token })
    await house.call('DELETE', `${root}${list.body['data'].results[0].id}/`, { token })
  }
  const late = await waits(...span, { service: yoga })

  house.pass({ minutes: 30 })
  await Promise.all([due(), due()])

  assert.deepEqual(await offers(late), [at])
})

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

test('one’s own entries are listed and ended, another’s are not there', async () => {
  const person = await waits('2026-01-21T00:00:00Z', '2026-01-22T00:00:00Z', { provider_id: provider.id, seats: 1 })
  const list = await house.call('GET', root, { token: person.token })
  const [entry] = list.body['data'].results

  const stranger = await house.call('DELETE', `${root}${entry.id}/`, { token: holder.token })
  const own = await house.call('DELETE', `${root}${entry.id}/`, { token: person.token })
  const again = await house.call('DELETE', `${root}${entry.id}/`, { token: person.token })

  assert.deepEqual(
    { ...entry, id: 1, created_at: '' },
    {
      id: 1,
      service: { id: service, title: 'Massage' },
      provider: { id: provider.id, name: 'Jane Smith' },
      from: '2026-01-21T00:00:00Z',
      to: '2026-01-22T00:00:00Z',
      seats: 1,
      offered_at: null,
      created_at: '',
    },
  )
  assert.deepEqual([stranger.status, own.status, again.status], [404, 200, 404])
  assert.equal((await house.call('GET', root, { token: person.token })).body['data'].count, 0)
})

test('nobody waits for what cannot be', async () => {
  const [from, to] = ['2026-01-21T00:00:00Z', '2026-01-22T00:00:00Z']
  const stranger = await house.person('provider')
  const tries = [
    await wait(holder, to, from),
    await wait(holder, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    await wait(holder, from, '2026-06-22T00:00:00Z'),
    await wait(holder, from, to, { seats: 2 }),
    await wait(holder, from, to, { provider_id: stranger.id }),
    await wait(holder, from, to, { service: 999_999 }),
    await wait(provider, from, to),
    await wait(await house.person('management'), from, to),
  ]

  assert.deepEqual(
    tries.map(({ status }) => status),
    [400, 400, 400, 400, 400, 404, 403, 403],
  )
})

test('the very same is waited for once', async () => {
  const person = await house.person('customer')
  const span = ['2026-01-21T00:00:00Z', '2026-01-22T00:00:00Z'] as const

  const first = await wait(person, ...span)
  const again = await wait(person, ...span)
  const other = await wait(person, span[0], '2026-01-23T00:00:00Z')

  assert.deepEqual([first.status, again.status, other.status], [201, 409, 201])
})

test('who asks twice at once to wait for the same waits once, and never for more than may be', async () => {
  const eager = await house.person('customer')
  const greedy = await house.person('customer')
  const days = Array.from({ length: 24 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}`)

  const same = await Promise.all([1, 2, 3].map(() => wait(eager, '2026-02-02T09:00:00Z', '2026-02-02T10:00:00Z')))
  const many = await Promise.all(days.map((day) => wait(greedy, `${day}T09:00:00Z`, `${day}T10:00:00Z`)))

  assert.deepEqual(same.map(({ status }) => String(status)).toSorted(), ['201', '409', '409'])
  assert.equal(many.filter(({ status }) => status === 201).length, 20)
})
