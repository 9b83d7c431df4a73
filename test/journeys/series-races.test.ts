import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../support.ts'
import { violations } from './invariants.ts'
import { quiet } from './planner.ts'
import { at, ok, openHours, openSalon } from './salon.ts'
import { openTown, type Json } from './town.ts'

// Series of bookings at once on two servers, against each other and against everything else that takes time (SPEC section 10).

const town = await openTown(2)
const customers = await Promise.all(Array.from({ length: 8 }, () => town.person('customer')))

const rush = (count: number, ask: (i: number, node: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => ask(i, i % 2)))

const series = (i: number, node: number, json: Json): Promise<Answer> =>
  town.call('POST', '/bookings/series/', { node, token: customers[i % 8]!.token, json })

const countsOf = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(answers, ({ status }) => String(status))).map(([key, list]) => [key, list!.length]),
  )

async function shop(fields: Json = {}): Promise<{ provider: Person; service: number }> {
  const provider = await town.person('provider')
  await openHours(town, provider)
  const json = { title: 'Massage', description: 'x', price: 50, payment: 'on_site', ...fields }
  return { provider, service: (await ok(town.call('POST', '/services/', { token: provider.token, json })))['id'] }
}

test('of fifty series at once that overlap each other with one master one wins, and each loser is told which times', async () => {
  const { service } = await shop()
  const rules = ['FREQ=WEEKLY;COUNT=10', 'FREQ=DAILY;COUNT=30', 'FREQ=WEEKLY;INTERVAL=2;COUNT=8']

  const answers = await rush(50, (i, node) =>
    series(i, node, { service, date: at(3, 10, i % 2 ? 0 : 30), recurrence_rule: rules[i % 3] }),
  )

  assert.deepEqual(countsOf(answers), { 201: 1, 409: 49 }, town.logs().slice(-2000))
  for (const { status, body } of answers) if (status === 409) assert.match(body['error'].details[0].rule, /^D(9|10)$/)
  assert.deepEqual(await violations(town), {})
})

test('of fifty series that skip what is taken each time goes to one of them', async () => {
  const { service } = await shop()

  const answers = await rush(50, (i, node) =>
    series(i, node, {
      service,
      date: at(3 + (i % 5), 10),
      recurrence_rule: i % 2 ? 'FREQ=DAILY;COUNT=10' : 'FREQ=DAILY;INTERVAL=2;COUNT=10',
      clashes: 'skip',
    }),
  )

  const dates = answers.flatMap(({ body, status }) =>
    status === 201 ? body['data'].bookings.map((one: Json) => one['date'] as string) : [],
  )
  assert.deepEqual(
    Object.keys(countsOf(answers)).filter((status) => status !== '201' && status !== '409'),
    [],
    town.logs().slice(-2000),
  )
  assert.equal(new Set(dates).size, dates.length)
  assert.ok(dates.length >= 10)
  assert.deepEqual(await violations(town), {})
})

test('series, their moves, cancellations and confirmations, single bookings, events and changes of hours, mixed, never take anybody or a room twice', async () => {
  const salon = await openSalon(town, 3)
  const rooms = [await salon.room('Lilac'), await salon.room('Mint')]
  const services = [
    await salon.offer(salon.masters, { room_ids: rooms }),
    await salon.offer(salon.masters.slice(0, 2), { room_ids: rooms, requires_approval: true, duration_minutes: 90 }),
    await salon.offer(salon.masters.slice(1), { capacity: 4 }),
  ]
  const made: { id: number; by: number; bookings: number[] }[] = []
  for (let i = 0; i < 6; i++) {
    const answer = await series(i, 0, {
      service: services[i % 3]!,
      date: at(5 + i, 9 + i),
      recurrence_rule: 'FREQ=WEEKLY;COUNT=6',
      clashes: 'skip',
    })
    const { id, bookings } = (await ok(Promise.resolve(answer))) as { id: number; bookings: { id: number }[] }
    made.push({ id, by: i % 8, bookings: bookings.map((one) => one.id) })
  }
  const one = (i: number) => made[i % made.length]!
  const token = (i: number): string => customers[one(i).by]!.token
  const organization_id = salon.organization_id
  const wishes: ((i: number, node: number) => Promise<Answer>)[] = [
    (i, node) =>
      series(i, node, {
        service: services[i % 3]!,
        date: at(5 + (i % 4), 9 + (i % 6)),
        recurrence_rule: i % 2 ? 'FREQ=WEEKLY;COUNT=5' : 'FREQ=DAILY;COUNT=8',
        clashes: i % 3 ? 'skip' : 'refuse',
        same_provider: i % 5 !== 0,
      }),
    (i, node) =>
      town.call('POST', `/bookings/series/${one(i).id}/move/`, {
        node,
        token: token(i),
        json: { date: at(6 + (i % 5), 9 + (i % 7)) },
      }),
    (i, node) =>
      town.call('POST', '/bookings/', {
        node,
        token: customers[i % 8]!.token,
        json: { service: services[i % 3]!, date: at(5 + (i % 9), 9 + (i % 6)) },
      }),
    (i, node) =>
      town.call('PUT', `/bookings/${one(i).bookings[1 + (i % 3)]}/`, {
        node,
        token: token(i),
        json: { date: at(8 + (i % 20), 10 + (i % 6)) },
      }),
    (i, node) =>
      i % 4 === 0
        ? town.call('POST', `/bookings/series/${one(i).id}/cancel/`, {
            node,
            token: token(i),
            json: { from_booking_id: one(i).bookings.at(-2) },
          })
        : town.call('POST', `/bookings/series/${one(i).id}/confirm/`, { node, token: salon.owner.token }),
    (i, node) =>
      town.call('POST', '/events/', {
        node,
        token: salon.owner.token,
        json: {
          title: `Meeting ${i}`,
          organization_id,
          room_id: rooms[i % 2],
          start_time: at(5 + (i % 10), 9 + (i % 8)),
          end_time: at(5 + (i % 10), 10 + (i % 8)),
        },
      }),
    (i, node) => {
      const day = at(30 + i, 0).slice(0, 10)
      return town.call('POST', '/schedules/?force=true', {
        node,
        token: salon.masters[i % 3]!.token,
        json: { kind: 'time_off', starts_at: `${day}T09:00`, ends_at: `${day}T18:00`, time_zone: 'UTC' },
      })
    },
  ]

  const answers = await rush(140, (i, node) => wishes[i % wishes.length]!(i, node))

  const counts = countsOf(answers)
  const odd = answers.filter(({ status }) => ![200, 201, 400, 403, 409].includes(status))
  assert.deepEqual(
    odd.map(({ text }) => text),
    [],
    town.logs().slice(-2000),
  )
  assert.ok(counts['201']! > 10 && counts['200']! > 3 && counts['409']! > 10, JSON.stringify(counts))
  assert.deepEqual(await violations(town), {})
})

test('payments of all bookings of a series at once, and its cancellation in between, leave it whole', async () => {
  const { service } = await shop({ payment: 'online' })
  const made = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const json = { service, date: at(4 + i, 11), recurrence_rule: 'FREQ=WEEKLY;COUNT=5' }
      const { id, bookings } = await ok(series(i, i % 2, json))
      return { id, who: customers[i]!, bookings: bookings.map((one: Json) => one['id']) as number[] }
    }),
  )
  const intents = await Promise.all(
    made.flatMap(({ who, bookings }) =>
      bookings.map(async (booking_id) => {
        const intent = await ok(
          town.call('POST', '/payments/stripe/create-intent/', { token: who.token, json: { booking_id } }),
        )
        return { who, json: { payment_intent_id: intent['payment_intent_id'], payment_method: 'pm_card_visa' } }
      }),
    ),
  )

  const answers = await Promise.all([
    ...intents.map(({ who, json }, i) =>
      town.call('POST', '/payments/stripe/confirm-payment/', { node: i % 2, token: who.token, json }),
    ),
    town.call('POST', `/bookings/series/${made[2]!.id}/cancel/`, { node: 1, token: made[2]!.who.token, json: {} }),
  ])
  await quiet(town)

  assert.deepEqual(
    answers.filter(({ status }) => ![200, 402, 404, 409].includes(status)).map(({ text }) => text),
    [],
  )
  for (const { id, who } of made.slice(0, 2)) {
    const { bookings } = await ok(town.call('GET', `/bookings/series/${id}/`, { token: who.token }))
    assert.deepEqual(
      bookings.map((one: Json) => [one['status'], one['payment_status']]),
      Array.from({ length: 5 }, () => ['confirmed', 'paid']),
    )
  }
  // What had been paid goes back by way of the gateway, which takes its time.
  let left: Json[] = []
  for (const until = performance.now() + 30_000; performance.now() < until;) {
    const found = await ok(town.call('GET', `/bookings/series/${made[2]!.id}/`, { token: made[2]!.who.token }))
    left = found['bookings']
    if (left.every((one) => one['payment_status'] === 'unpaid' || one['payment_status'] === 'refunded')) break
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  for (const one of left) assert.match(`${one['status']} ${one['payment_status']}`, /^cancelled (unpaid|refunded)$/)
  assert.deepEqual(await violations(town), {})
})
