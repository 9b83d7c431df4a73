import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../../../bench/seeded.ts'
import { openHouse, type Person } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { applyDispute, applyRefund } from '../payments/transition.ts'
import { checkLedger } from './check.ts'
import { sell } from './earnings.fixture.ts'
import { balanceOf, releaseEarnings } from './index.ts'

/** Random lives of sellers: whatever happens, in whatever order and however often it is told, the books balance and say what a simple account of it says. */

const house = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const accountant = await house.person('super_admin')
const within = <T>(work: Parameters<typeof inTransaction<T>>[1]) => inTransaction(house.ctx(), work)

type Paid = {
  id: number
  booking: number
  amount: number
  refunds: Map<string, number>
  dispute: string
  released: boolean
}
type Asked = { id: number; amount: number; status: string }
type Life = { person: Person; paid: Paid[]; asked: Asked[]; random: () => number; told: number; out: number }

const pick = <T>(life: Life, from: readonly T[]): T | undefined => from[Math.floor(life.random() * from.length)]
const upTo = (life: Life, most: number): number => 1 + Math.floor(life.random() * most)
const back = ({ refunds }: Paid): number => [...refunds.values()].reduce((sum, each) => sum + each, 0)

/** A fee of nothing keeps the account simple: how a fee is divided is proved elsewhere. */
async function beSold(life: Life): Promise<void> {
  const amount = upTo(life, 10_000)
  const seller = { providerId: life.person.id }
  const { paymentId, bookingId } = await sell(house, { seller, amountMinor: amount, feeMinor: 0, released: false })
  await house.house.db
    .updateTable('payments')
    .set({ intent_id: `pi_${paymentId}` })
    .where('id', '=', paymentId)
    .execute()
  life.paid.push({ id: paymentId, booking: bookingId, amount, refunds: new Map(), dispute: 'none', released: false })
}

async function takePlace(life: Life): Promise<void> {
  const paid = pick(life, life.paid)
  if (!paid) return
  const completedAt = house.ctx().now.subtract({ hours: 49 })
  await within((ctx) => releaseEarnings(ctx, { bookingId: paid.booking, completedAt }))
  paid.released = true
}

async function beRefunded(life: Life): Promise<void> {
  const paid = pick(life, life.paid)
  if (!paid || back(paid) === paid.amount) return
  const amount = upTo(life, paid.amount - back(paid))
  const id = `re_${paid.id}_${++life.told}`
  const told = { id, intentId: `pi_${paid.id}`, amountMinor: amount, currency: 'USD', failureCode: null, metadata: {} }
  await within((ctx) => applyRefund(ctx, paid.id, { ...told, status: 'succeeded' }))
  await within((ctx) => applyRefund(ctx, paid.id, { ...told, status: 'succeeded' }))
  paid.refunds.set(id, amount)
  if (life.random() < 0.3) {
    await within((ctx) => applyRefund(ctx, paid.id, { ...told, status: 'failed', failureCode: 'lost_or_stolen_card' }))
    paid.refunds.delete(id)
  }
}

async function beDisputed(life: Life): Promise<void> {
  const paid = pick(life, life.paid)
  if (!paid || paid.dispute === 'won' || paid.dispute === 'lost') return
  const status = pick(life, ['needs_response', 'won', 'lost'])!
  const told = { id: `dp_${paid.id}`, intentId: null, amountMinor: paid.amount, currency: 'USD', reason: 'fraudulent' }
  await within((ctx) => applyDispute(ctx, paid.id, { ...told, status }))
  paid.dispute = status
}

async function ask(life: Life): Promise<void> {
  const available = expected(life).available
  const amount = upTo(life, Math.max(available, 0) + 500)
  const answer = await house.call('POST', '/api/v1/withdrawals/', {
    token: life.person.token,
    json: { amount: Number(`${amount}e-2`) },
  })
  assert.equal(answer.status, amount <= available ? 201 : 409, answer.text)
  if (answer.status === 201) life.asked.push({ id: answer.body['data'].id, amount, status: 'pending' })
}

async function decide(life: Life): Promise<void> {
  const asked = pick(life, life.asked)
  if (!asked) return
  const step = pick(life, ['approved', 'approved', 'paid', 'paid', 'rejected', 'cancelled'])!
  const path = `/api/v1/withdrawals/${asked.id}/`
  const answer =
    step === 'cancelled'
      ? await house.call('DELETE', path, { token: life.person.token })
      : await house.call('PUT', path, { token: accountant.token, json: { status: step, reference: 'SEPA' } })
  if (answer.status !== 200) return
  if (step === 'paid' && asked.status !== 'paid') {
    life.out += asked.amount
    assert.ok(life.out <= earned(life), 'more went out than there was')
  }
  asked.status = step
}

const left = (paid: Paid): number =>
  paid.amount - back(paid) - (['none', 'won'].includes(paid.dispute) ? 0 : paid.amount)
const earned = (life: Life): number => life.paid.reduce((sum, paid) => sum + left(paid), 0)

/** What the seller has, added up in the plainest way. */
function expected(life: Life): { available: number; pending: number } {
  const pending = life.paid.filter((paid) => !paid.released).reduce((sum, paid) => sum + Math.max(0, left(paid)), 0)
  const gone = life.asked
    .filter(({ status }) => ['pending', 'approved', 'paid'].includes(status))
    .reduce((sum, { amount }) => sum + amount, 0)
  return { available: earned(life) - gone - pending, pending }
}

const happenings = [beSold, beSold, takePlace, takePlace, beRefunded, beDisputed, ask, ask, decide, decide, decide]

const reached = new Set<string>()

for (let seed = 1; seed <= 8; seed++) {
  test(`Life ${seed} of a seller leaves books that balance and say what there is`, async () => {
    const person = await house.person('provider')
    const life: Life = { person, paid: [], asked: [], random: seeded(seed), told: 0, out: 0 }

    for (let i = 0; i < 60; i++) {
      await pick(life, happenings)!(life)
      assert.deepEqual(await balanceOf(house.ctx(), { providerId: person.id }, 'USD'), expected(life))
    }
    await house.drain()

    const differences = (await checkLedger(house.ctx())).flatMap((each) => each.differences)
    assert.deepEqual(differences, [])
    for (const { status } of life.asked) reached.add(status)
  })
}

test('The lives have seen every end of a withdrawal', () => {
  assert.deepEqual([...reached].toSorted(), ['approved', 'cancelled', 'paid', 'pending', 'rejected'])
})
