import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { addRating } from '../accounts/index.ts'
import { ratingChanged } from '../catalog/index.ts'
import { parseArguments } from '../../platform/console.ts'
import { untilSomebodyWaits } from '../../../test/meanwhile.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { commands } from './index.ts'
import { join, openAllDay, openSalon, openShop, pastBooking, review, ruleOf, summaryOf } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider')
const service = await openShop(house, provider)
const customers: Person[] = []
for (let i = 0; i < 20; i++) customers.push(await house.person('customer'))
await house.drain()

const check = (...args: string[]): Promise<string[]> =>
  commands['reviews-recount']!.run(house.ctx(), parseArguments(args))
const dates = customers.map(
  (_, i) => `2026-01-${14 + (i % 5)}T${String(8 + Math.floor(i / 5) * 2).padStart(2, '0')}:00:00Z`,
)

test('of two reviews of one booking at once one is written and one refused', async () => {
  const booking = await pastBooking(house, customers[0]!, service, '2026-01-20T08:00:00Z')

  const answers = await Promise.all([5, 1].map((rating) => review(house, customers[0]!, booking, { rating })))

  assert.deepEqual(answers.map(ruleOf).toSorted(), ['201', '409 reviewed'])
  assert.equal((await summaryOf(house, `providers/${provider.id}`)).count, 1)
})

test('twenty reviews at once, then twenty changes and deletions, leave the sum of what stands', async () => {
  const bookings: number[] = []
  for (const [i, customer] of customers.entries()) bookings.push(await pastBooking(house, customer, service, dates[i]!))

  const written = await Promise.all(
    customers.map((customer, i) => review(house, customer, bookings[i]!, { rating: 1 + (i % 5) })),
  )
  assert.deepEqual([...new Set(written.map(({ status }) => status))], [201])
  assert.deepEqual(await check(), ['The ratings are what the reviews say.'])
  const before = await summaryOf(house, `providers/${provider.id}`)

  const changed = await Promise.all(
    customers.map(({ token }, i) => {
      const path = `/api/v1/reviews/${written[i]!.body['data'].id}/`
      if (i % 4 === 0) return house.call('DELETE', path, { token })
      const etag = i % 4 === 1 ? { headers: { 'if-match': '*' } } : {}
      return house.call('PUT', path, { token, json: { rating: 5 }, ...etag })
    }),
  )
  const after = await summaryOf(house, `providers/${provider.id}`)

  assert.deepEqual([...new Set(changed.map(({ status }) => status))], [200])
  assert.deepEqual([before.count - after.count, after.stars[5] >= 15], [5, true])
  assert.deepEqual(await check(), ['The ratings are what the reviews say.'])
})

test('reviews of two masters of one service at once are both in what its lists sort by', async () => {
  const owner = await house.person('customer')
  const salon = await openSalon(house, owner, 'Lavender Spa', 'lavender')
  const masters = [await house.person('provider'), await house.person('provider')]
  for (const master of masters) {
    await join(house, owner, salon, master)
    await openAllDay(house, master)
  }
  const made = await house.call('POST', '/api/v1/services/', {
    token: owner.token,
    json: {
      title: 'Spa',
      description: 'An hour',
      price: 40,
      organization_id: salon,
      staff: masters.map(({ id }) => id),
    },
  })
  const spa: number = made.body['data'].id
  const bookings: number[] = []
  for (let i = 0; i < 10; i++)
    bookings.push(await pastBooking(house, customers[i]!, spa, dates[i]!, { provider_id: masters[i % 2]!.id }))

  const answers = await Promise.all(
    bookings.map((booking, i) => review(house, customers[i]!, booking, { rating: i % 2 === 0 ? 5 : 2 })),
  )
  const row = await house.house.db
    .selectFrom('services')
    .where('id', '=', spa)
    .select('rating_tenths')
    .executeTakeFirstOrThrow()

  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
  assert.equal(row.rating_tenths, 35)
  assert.equal((await summaryOf(house, `organizations/${salon}`)).average, 3.5)
  assert.deepEqual(await check(), ['The ratings are what the reviews say.'])
})

test('changes of one review at once are counted one after the other', async () => {
  const { token } = customers[0]!
  const booking = await pastBooking(house, customers[0]!, service, '2026-01-21T08:00:00Z')
  const { id } = (await review(house, customers[0]!, booking, { rating: 1 })).body['data']
  const change = (rating: number) =>
    house.call('PUT', `/api/v1/reviews/${id}/`, { token, json: { rating, text: String(rating) } })

  const answers = await Promise.all([2, 3, 4, 5, 2, 3].map(change))

  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  assert.deepEqual(await check(), ['The ratings are what the reviews say.'])
})

const rate = (tx: Context, userId: number, sum: number) =>
  addRating(tx, userId, sum, 0).then(() => ratingChanged(tx, userId))

for (const isolation of ['read committed', 'repeatable read'] as const)
  test(`of two masters rated at once, ${isolation}, the second reads what the first has written`, async () => {
    const { db } = house.house
    const [one, two] = (await db.selectFrom('service_staff').select('user_id').orderBy('user_id').execute()).map(
      (row) => row.user_id,
    )
    const begun = Promise.withResolvers<void>()
    const commit = Promise.withResolvers<void>()
    const first = inTransaction(
      house.ctx(),
      async (tx) => {
        await rate(tx, one!, 10)
        begun.resolve()
        await commit.promise
      },
      isolation,
    )
    await begun.promise
    const second = inTransaction(house.ctx(), (tx) => rate(tx, two!, 10), isolation)
    await untilSomebodyWaits(house)
    commit.resolve()
    await Promise.all([first, second])

    const { tenths } = await db
      .selectFrom('services')
      .innerJoin('service_staff', 'service_id', 'id')
      .select('rating_tenths as tenths')
      .executeTakeFirstOrThrow()
    const sums = await db
      .selectFrom('provider_profiles')
      .innerJoin('service_staff', 'service_staff.user_id', 'provider_profiles.user_id')
      .select(['rating_sum', 'review_count'])
      .execute()
    const total = (key: 'rating_sum' | 'review_count') => sums.reduce((all, row) => all + row[key], 0)
    assert.equal(tenths, Math.round((total('rating_sum') * 10) / total('review_count')))
  })

test('the console names what differs, and puts it right when it is told to', async () => {
  const { db } = house.house
  await db.updateTable('provider_profiles').set({ rating_sum: 1 }).where('user_id', '=', provider.id).execute()
  await db
    .updateTable('review_totals')
    .set({ one: 77 })
    .where('kind', '=', 'service')
    .where('key', '=', String(service))
    .execute()

  const refused = await check().catch((error: Error & { details?: { message: string }[] }) => error.details ?? [])
  const repaired = await check('--repair')

  // The two of before were rated more than was said of them.
  assert.equal(refused.length, 4)
  assert.equal(repaired.length, 5)
  assert.deepEqual(await check(), ['The ratings are what the reviews say.'])
  await assert.rejects(check('--all'))
})
