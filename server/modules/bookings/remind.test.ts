import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider, { title: 'Massage' })
const approved = await offer(house, provider, { title: 'By agreement', price: 0, requires_approval: true })
const day = 'T09:00:00Z'

const made = async (date: string, which = service): Promise<number> => {
  const answer = await book(house, await back(customer), which, date)
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
/** The person signed in again: weeks pass here, and tokens do not live so long. */
const back = async (person: Person): Promise<Person> => {
  const json = { email: person.email, password: person.password }
  return { ...person, token: (await house.call('POST', '/api/v1/auth/login/', { json })).body['data'].access }
}
const run = async (name: 'bookings.remind' | 'bookings.complete'): Promise<void> => {
  await house.house.jobs.run(name)
  await house.drain()
}
const reminders = (id: number, userId: number): Promise<number> => noticesOf(id, userId, 'booking_reminder')
const noticesOf = (id: number, userId: number, kind: string): Promise<number> =>
  house.house.db
    .selectFrom('notifications')
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .select(['target'])
    .execute()
    .then((rows) => rows.filter(({ target }) => (target as { id: number }).id === id).length)
const at = (text: string): void => {
  house.pass({ seconds: Temporal.Instant.from(text).since(house.ctx().now).total('seconds') })
}
const statusOf = async (id: number): Promise<string> =>
  (await house.house.db.selectFrom('bookings').where('id', '=', id).select('status').executeTakeFirstOrThrow()).status

test('a booking is reminded of a day and two hours before, both sides, each once', async () => {
  const id = await made(`2026-01-20${day}`)
  const told: number[] = []
  for (const time of ['19T08:59', '19T09:00', '19T09:05', '20T06:59', '20T07:00', '20T07:05', '20T09:00']) {
    at(`2026-01-${time}:00Z`)
    await run('bookings.remind')
    told.push(await reminders(id, customer.id))
  }

  assert.deepEqual(told, [0, 1, 1, 1, 2, 2, 2])
  assert.equal(await reminders(id, provider.id), 2)
  const mails = (await house.mails(customer.email)).filter(({ subject }) => subject === 'A reminder of your booking')
  assert.equal(mails.length, 2)
})

test('two runs at once send each reminder once', async () => {
  const id = await made(`2026-01-22${day}`)
  at('2026-01-21T09:30:00Z')

  await Promise.all(Array.from({ length: 5 }, () => house.house.jobs.run('bookings.remind')))

  assert.equal(await reminders(id, customer.id), 1)
})

test('a run that fails halfway has sent nothing, and the next one sends it', async () => {
  const id = await made(`2026-01-23T10:00:00Z`)
  at('2026-01-22T10:00:00Z')
  const { remind } = await import('./service/remind.ts')

  await assert.rejects(
    inTransaction(house.ctx(), async (tx) => {
      await remind(tx)
      throw new Error('the power failed')
    }),
  )
  const before = await reminders(id, customer.id)
  await run('bookings.remind')

  assert.deepEqual([before, await reminders(id, customer.id)], [0, 1])
})

test('a booking that is moved is reminded of its new time; one that is cancelled or still pending is not', async () => {
  const moved = await made(`2026-01-27${day}`)
  const cancelled = await made('2026-01-27T11:00:00Z')
  const pending = await made('2026-01-27T13:00:00Z', approved)
  at('2026-01-26T09:00:00Z')
  await run('bookings.remind')
  const move = { token: (await back(customer)).token, json: { date: `2026-01-29${day}` } }
  assert.equal((await house.call('PUT', `/api/v1/bookings/${moved}/`, move)).status, 200)
  await house.call('DELETE', `/api/v1/bookings/${cancelled}/`, { token: (await back(customer)).token })
  at('2026-01-26T14:00:00Z')
  await run('bookings.remind')
  const first = await reminders(moved, customer.id)
  at('2026-01-28T09:00:00Z')
  await run('bookings.remind')

  assert.deepEqual([first, await reminders(moved, customer.id)], [1, 2])
  assert.equal(await reminders(cancelled, customer.id), 0)
  assert.equal(await reminders(pending, customer.id), 0)
})

test('who has booked within the day is not reminded of what they have just been told, only two hours before', async () => {
  at('2026-02-02T08:00:00Z')
  const id = await made('2026-02-02T15:00:00Z')
  await run('bookings.remind')
  const atOnce = await reminders(id, customer.id)
  at('2026-02-02T13:00:00Z')
  await run('bookings.remind')

  assert.deepEqual([atOnce, await reminders(id, customer.id)], [0, 1])
})

test('a confirmed booking completes itself a day after its end, with an event; others stay', async () => {
  const done = await made('2026-02-03T09:00:00Z')
  const missed = await made('2026-02-03T11:00:00Z')
  const later = await made('2026-02-03T12:00:00Z')
  at('2026-02-03T11:30:00Z')
  const noShow = { token: (await back(provider)).token, json: { status: 'no_show' } }
  assert.equal((await house.call('POST', `/api/v1/bookings/status/${missed}/`, noShow)).status, 200)
  at('2026-02-04T09:59:00Z')
  await run('bookings.complete')
  const before = await statusOf(done)
  at('2026-02-04T10:00:00Z')
  await Promise.all([run('bookings.complete'), house.house.jobs.run('bookings.complete')])
  await house.drain()

  assert.equal(before, 'confirmed')
  assert.deepEqual(await Promise.all([done, missed, later].map(statusOf)), ['completed', 'no_show', 'confirmed'])
  const history = await house.house.db
    .selectFrom('booking_history')
    .where('booking_id', '=', done)
    .where('change', '=', 'completed')
    .select('actor_id')
    .execute()
  assert.deepEqual(history, [{ actor_id: null }])
  assert.equal(await noticesOf(done, customer.id, 'booking_completed'), 1)
})
