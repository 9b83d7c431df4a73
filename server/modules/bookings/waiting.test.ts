import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offer } from './support.fixture.ts'
import { openWaitingList, root } from './waiting.fixture.ts'

const { house, provider, holder, service, wait, waits, offers, booked, cancel, due } = await openWaitingList()
const yoga = await offer(house, provider, { title: 'Yoga', capacity: 3 })

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
