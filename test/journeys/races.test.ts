import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../support.ts'
import { violations } from './invariants.ts'
import { at, ok, openHours, openSalon } from './salon.ts'
import { openTown, type Json } from './town.ts'

// Two servers on one database, and 200 requests at once for one slot, through every path that takes time (SPEC section 10).

const requests = 200
const town = await openTown(2)
const salon = await openSalon(town, 3)
const { owner, masters, organization_id } = salon
const customers = await Promise.all(Array.from({ length: 8 }, () => town.person('customer')))
const free = async (): Promise<Person> => {
  const provider = await town.person('provider')
  await openHours(town, provider)
  return provider
}

async function offer(person: Person, fields: Json = {}): Promise<number> {
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site', ...fields }
  return (await ok(town.call('POST', '/services/', { token: person.token, json })))['id']
}

/** All at once, half of them to each server. */
const rush = (ask: (i: number, node: number) => Promise<Answer>, count = requests): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => ask(i, i % 2)))

const book = (service: number, date: string, i: number, node: number, more: Json = {}): Promise<Answer> =>
  town.call('POST', '/bookings/', { node, token: customers[i % 8]!.token, json: { service, date, ...more } })

/** Exactly so many win, the others are told 409 with a rule, and nothing in the database contradicts it. */
async function wins(answers: Answer[], number: number, status = 201): Promise<void> {
  const counts = Object.groupBy(answers, (answer) => String(answer.status))
  assert.deepEqual(
    Object.fromEntries(Object.entries(counts).map(([key, list]) => [key, list!.length])),
    { [status]: number, 409: answers.length - number },
    `${answers.find((answer) => answer.status !== status && answer.status !== 409)?.text ?? ''} ${town.logs().slice(-2000)}`,
  )
  for (const { body } of counts['409'] ?? [])
    assert.match(body['error'].details?.[0]?.rule ?? '', /^D(9|10|11)$/, JSON.stringify(body))
  assert.deepEqual(await violations(town), {})
}

test('one slot of one provider is booked once', async () => {
  const provider = await free()
  const service = await offer(provider)

  await wins(await rush((i, node) => book(service, at(5, 10), i, node)), 1)
})

test('starts that overlap each other, of two services of one provider, are booked once', async () => {
  const provider = await free()
  const services = [await offer(provider), await offer(provider, { duration_minutes: 90, buffer_before_minutes: 15 })]
  const dates = [at(5, 10), at(5, 10, 30)]

  const answers = await rush((i, node) => book(services[i % 2]!, dates[(i >> 1) % 2]!, i, node))
  // 10:00 of the first and 11:00 would fit together; 10:00 and 10:30 never do.
  await wins(answers, 1)
})

test('one free slot is moved onto once, and the others keep what they had', async () => {
  const provider = await free()
  const service = await offer(provider, { slot_step_minutes: 60 })
  const mine: { id: number; i: number; date: string }[] = []
  for (let i = 0; i < 20; i++) {
    const date = at(6 + Math.floor(i / 10), 8 + (i % 10))
    mine.push({ id: (await ok(book(service, date, i, i % 2)))['id'], i, date })
  }

  const answers = await rush((i, node) => {
    const one = mine[i % 20]!
    return town.call('PUT', `/bookings/${one.id}/`, {
      node,
      token: customers[one.i % 8]!.token,
      json: { date: at(9, 12) },
    })
  })
  const moved = await town.rows(`SELECT id FROM bookings WHERE service_id = $1 AND starts_at = $2`, [
    service,
    at(9, 12),
  ])
  assert.equal(moved.length, 1)
  // The one that has moved may ask again for where it stands.
  const again = answers.filter((answer, i) => answer.status === 200 && mine[i % 20]!.id === Number(moved[0]!['id']))
  assert.ok(again.length >= 1)
  await wins(answers, again.length, 200)
  const kept = await town.rows(`SELECT count(*)::int AS n FROM bookings WHERE service_id = $1 AND starts_at < $2`, [
    service,
    at(8, 0),
  ])
  assert.equal(kept[0]!['n'], 19)
})

test('the time of a hold is booked once at the moment when the hold ends', async () => {
  const provider = await free()
  const service = await offer(provider, { requires_approval: true })
  const held: number = (await ok(book(service, at(5, 10), 0, 0)))['id']
  const moment = Temporal.Now.instant().add({ milliseconds: 1500 })
  await town.rows(`UPDATE bookings SET expires_at = $2 WHERE id = $1`, [held, moment.toString()])
  await town.rows(
    `UPDATE claims SET expires_at = $2 WHERE source_kind = 'booking_session' AND source_id = (SELECT session_id::text FROM bookings WHERE id = $1)`,
    [held, moment.toString()],
  )

  const answers = await rush(async (i, node) => {
    await new Promise((resolve) => setTimeout(resolve, 1300 + i * 2))
    return book(service, at(5, 10), i, node)
  })

  await wins(answers, 1)
  const before = await ok(town.call('GET', `/bookings/${held}/`, { token: customers[0]!.token }))
  assert.deepEqual([before['status'], before['cancel_reason']], ['cancelled', 'expired'])
})

test('a class of twelve seats takes twelve seats and no thirteenth', async () => {
  const provider = await free()
  const service = await offer(provider, { capacity: 12 })

  const answers = await rush((i, node) => book(service, at(5, 10), i, node))
  await wins(answers, 12)
  const pairs = await rush((i, node) => book(service, at(5, 14), i, node, { seats: 2 + (i % 2) * 3 }), 60)
  const taken = pairs.filter((one) => one.status === 201).reduce((sum, one) => sum + one.body['data'].seats, 0)
  assert.ok(taken >= 11 && taken <= 12, String(taken))
  await wins(pairs, pairs.filter((one) => one.status === 201).length)
})

test('three masters of a salon take three at once, whoever was wished', async () => {
  const service = await offer(owner, { organization_id, staff: masters.map((one) => one.id) })

  const any = await rush((i, node) => book(service, at(5, 10), i, node))
  await wins(any, 3)
  assert.equal(new Set(any.filter((one) => one.status === 201).map((one) => one.body['data'].provider.id)).size, 3)
  const wish = (i: number): Json => (i % 2 ? { provider_id: masters[i % 3]!.id } : {})
  const mixed = await rush((i, node) => book(service, at(5, 12), i, node, wish(i)), 60)
  await wins(mixed, 3)
})

test('a room of two services is taken once at a time', async () => {
  const room = await salon.room('Lilac')
  const services = await Promise.all(
    [0, 1].map((i) => offer(owner, { organization_id, staff: [masters[i]!.id, masters[2]!.id], room_ids: [room] })),
  )

  const answers = await rush((i, node) => book(services[i % 2]!, at(6, 10), i, node))
  await wins(answers, 1)
})

test('moves that cross each other and bookings between them leave no trace of a deadlock', async () => {
  const rooms = [await salon.room('Mint'), await salon.room('Sage')]
  const staff = masters.map((one) => one.id)
  const services = [
    await offer(owner, { organization_id, staff, room_ids: rooms }),
    await offer(owner, {
      organization_id,
      staff: staff.toReversed(),
      room_ids: rooms.toReversed(),
      duration_minutes: 90,
    }),
  ]
  const made: { id: number; i: number }[] = []
  for (let i = 0; i < 8; i++)
    made.push({ id: (await ok(book(services[i % 2]!, at(7, 8 + Math.floor(i / 2) * 3), i, 0)))['id'], i })

  const answers = await rush((i, node) => {
    const { token } = customers[i % 8]!
    const one = made[i % 8]!
    const date = at(7, 8 + (i % 12))
    if (i % 5 === 0) return book(services[i % 2]!, date, i, node)
    if (i % 17 === 0) return town.call('DELETE', `/bookings/${one.id}/`, { node, token })
    return town.call('PUT', `/bookings/${one.id}/`, { node, token, json: { date } })
  }, 120)

  const odd = answers.filter((one) => ![200, 201, 409, 400].includes(one.status))
  assert.deepEqual(
    odd.map((one) => one.text),
    [],
  )
  assert.deepEqual(await violations(town), {})
})
