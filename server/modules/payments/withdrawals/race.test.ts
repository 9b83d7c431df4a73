import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { earn } from '../ledger/earnings.fixture.ts'
import { balanceOf, postDispute, postRefund, type Seller } from '../ledger/index.ts'

const house = await openHouse()
const path = '/api/v1/withdrawals/'
const many = Array.from({ length: 100 }, (_, i) => i)

for (const [how, headers] of [
  ['plainly', () => ({})],
  ['with If-Match, under repeatable read', () => ({ 'if-match': '*' })],
  ['each with an Idempotency-Key', (i: number) => ({ 'idempotency-key': `key-${i}-of-a-race` })],
] as const) {
  test(`A hundred withdrawals at once take no more than there is, asked for ${how}`, async () => {
    const person = await house.person('provider')
    await earn(house, { providerId: person.id }, 10_050)

    const answers = await Promise.all(
      many.map((i) => house.call('POST', path, { token: person.token, json: { amount: 10 }, headers: headers(i) })),
    )

    const made = answers.filter(({ status }) => status === 201).length
    assert.ok(answers.every(({ status }) => status === 201 || status === 409))
    assert.equal(made, 10)
    assert.deepEqual(await balanceOf(house.ctx(), { providerId: person.id }, 'USD'), { available: 50, pending: 0 })
  })
}

test('One Idempotency-Key is one withdrawal, however often it is sent', async () => {
  const person = await house.person('provider')
  await earn(house, { providerId: person.id }, 10_000)
  const headers = { 'idempotency-key': 'only-once-please' }

  const answers = await Promise.all(
    many.slice(0, 20).map(() => house.call('POST', path, { token: person.token, json: { amount: 10 }, headers })),
  )

  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  assert.deepEqual(await balanceOf(house.ctx(), { providerId: person.id }, 'USD'), { available: 9000, pending: 0 })
})

test('Withdrawals, refunds and disputes of one seller at once keep the books to the cent', async () => {
  const person = await house.person('provider')
  const seller: Seller = { providerId: person.id }
  const payments = await Promise.all(many.slice(0, 30).map(() => earn(house, seller, 900)))
  const work = <T>(run: Parameters<typeof inTransaction<T>>[1]) => inTransaction(house.ctx(), run)

  const asked = Promise.all(
    many.slice(0, 30).map(() => house.call('POST', path, { token: person.token, json: { amount: 9 } })),
  )
  const taken = Promise.all(
    payments.flatMap((paymentId, i) => [
      work((ctx) =>
        postRefund(ctx, { refundId: paymentId, paymentId, seller, amountMinor: 500, feeMinor: 50, currency: 'USD' }),
      ),
      work((ctx) =>
        postDispute(ctx, {
          disputeId: `dp_${paymentId}`,
          paymentId,
          seller,
          amountMinor: 500,
          currency: 'USD',
          won: i % 3 === 0 ? true : null,
        }),
      ),
    ]),
  )
  const [answers] = await Promise.all([asked, taken])

  const made = answers.filter(({ status }) => status === 201).length
  const owed = (30 - 30 / 2 - (30 * 2) / 3 / 2) * 900
  const { available } = await balanceOf(house.ctx(), seller, 'USD')
  assert.equal(available, owed - made * 900)
})
