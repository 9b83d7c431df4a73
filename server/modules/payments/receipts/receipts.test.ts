import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actingAs, meanwhile } from '../../../../test/meanwhile.ts'
import { openHouse, type Person } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { sell } from '../ledger/earnings.fixture.ts'
import { openShop, pay, refund } from '../support.fixture.ts'
import { issueReceipts } from './index.ts'
import { changeSettings } from './service.ts'
import { sumText, taxIncluded } from './rules.ts'

const house = await openHouse()
const { provider, customer, service } = await openShop(house)
const api = '/api/v1/payments/'
const settingsOf = (person: Person, json?: object) =>
  house.call(json ? 'PUT' : 'GET', `${api}receipt-settings/`, { token: person.token, ...(json ? { json } : {}) })
const read = (payment: number, person: Person = customer, query = '') =>
  house.call('GET', `${api}${payment}/receipt/${query}`, { token: person.token })
const issued = (paymentId: number) =>
  house.house.db
    .selectFrom('receipts')
    .where('payment_id', '=', paymentId)
    .select(['kind', 'number', 'data'])
    .orderBy('id')
    .execute()
const pages = (text: string): number => text.match(/\/Type \/Page\b/g)?.length ?? 0
let hour = 9
const paid = async () =>
  (await pay(house, customer, service, `2026-01-14T${String(hour++).padStart(2, '0')}:00:00Z`)).payment

test('A payment has a receipt, which both sides can have as a PDF', async () => {
  const payment = await paid()

  const answers = [await read(payment), await read(payment, provider)]

  for (const { status, headers, text } of answers) {
    assert.equal(status, 200, text)
    assert.equal(headers['content-type'], 'application/pdf')
    assert.equal(headers['content-disposition'], 'attachment; filename="R-000001.pdf"')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.match(text, /^%PDF-/)
    assert.equal(pages(text), 1)
  }
  assert.equal(answers[0]!.text, answers[1]!.text)
})

test('For anybody else there is no such payment, and before it is paid there is no receipt', async () => {
  const payment = await paid()
  const stranger = await house.person('provider')
  const manager = await house.person('management')
  await house.house.db.updateTable('payments').set({ paid_at: null }).where('id', '=', payment).execute()

  const answers = [
    await read(payment, stranger),
    await read(payment, manager),
    await read(payment),
    await read(99_999_999),
    await read(payment, customer, '?refund_id=99999'),
  ]

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 404, 409, 404, 409],
  )
})

test('Each refund has a credit note of its own series, which refers to the receipt', async () => {
  const payment = await paid()
  const accountant = await house.person('super_admin')

  const first = await refund(house, accountant, { payment_id: payment, amount: 30 })
  await refund(house, accountant, { payment_id: payment, amount: 70 })
  await house.drain()
  const rows = await issued(payment)
  const whole = await read(payment)
  const { id: refundId } = await house.house.db
    .selectFrom('refunds')
    .where('payment_id', '=', payment)
    .select('id')
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow()
  const alone = await read(payment, customer, `?refund_id=${refundId}`)

  assert.ok(first.status < 300, first.text)
  assert.deepEqual(
    rows.map(({ kind, number, data }) => [kind, number, (data as { amount_minor: number; of?: string }).amount_minor]),
    [
      ['receipt', 3, 10_000],
      ['credit_note', 1, -3000],
      ['credit_note', 2, -7000],
    ],
  )
  assert.equal((rows[1]!.data as { of: string }).of, 'R-000003')
  assert.deepEqual([pages(whole.text), pages(alone.text)], [3, 1])
  assert.equal(alone.headers['content-disposition'], 'attachment; filename="C-000001.pdf"')
})

test('Where the seller has a rate, the tax is in the price, and what is refunded takes its tax along', async () => {
  const set = await settingsOf(provider, {
    legal_name: 'ФОП Коваленко',
    address: 'вул. Хрещатик, 1, Київ',
    tax_number: 'UA123',
    tax_name: 'ПДВ',
    tax_rate_percent: 20,
  })
  const payment = await paid()
  await settingsOf(provider, { tax_rate_percent: null, legal_name: '' })
  for (const amount of [33.33, 33.33, 33.34])
    await refund(house, await house.person('super_admin'), { payment_id: payment, amount })
  await house.drain()

  const rows = (await issued(payment)).map(({ data }) => data as { tax_minor: number; seller_name: string })

  assert.deepEqual(set.body['data'].tax_rate_percent, 20)
  assert.deepEqual(
    rows.map(({ tax_minor }) => tax_minor),
    [1667, -556, -556, -555],
  )
  assert.ok(rows.every(({ seller_name }) => seller_name === 'ФОП Коваленко'))
  assert.equal((await read(payment)).status, 200)
})

test('A seller changes what is printed; what is no tax rate is refused', async () => {
  const rates = [-1, 100.01, 7.123, '20', 1e-7]

  const refused = await Promise.all(rates.map((tax_rate_percent) => settingsOf(provider, { tax_rate_percent })))
  const kept = await settingsOf(provider, { tax_rate_percent: 0.07, tax_number: 'X' })

  assert.deepEqual(
    refused.map(({ status }) => status),
    rates.map(() => 400),
  )
  assert.equal(kept.body['data'].tax_rate_percent, 0.07)
  assert.equal((await settingsOf(provider)).body['data'].address, 'вул. Хрещатик, 1, Київ')
  assert.equal((await settingsOf(customer)).status, 403)
})

test('The numbers of a seller have no gaps, whoever is rolled back and however many are issued at once', async () => {
  const { id } = await house.person('provider')
  const payments: number[] = []
  for (let i = 0; i < 40; i++)
    payments.push(
      (await sell(house, { seller: { providerId: id }, amountMinor: 1000, feeMinor: 100, released: false })).paymentId,
    )
  const undo = new Error('undo')

  await Promise.all(
    payments.flatMap((payment_id) => [
      inTransaction(house.ctx(), async (ctx) => {
        await issueReceipts(ctx, { payment_id })
        throw undo
      }).catch((error: unknown) => assert.equal(error, undo)),
      issueReceipts(house.ctx(), { payment_id }),
      issueReceipts(house.ctx(), { payment_id }),
    ]),
  )

  const rows = await house.house.db
    .selectFrom('receipts')
    .where('seller', '=', `provider:${id}`)
    .select('number')
    .orderBy('number')
    .execute()
  assert.deepEqual(
    rows.map(({ number }) => number),
    payments.map((_, i) => i + 1),
  )
})

test('What was issued is never changed', async () => {
  await assert.rejects(house.house.db.updateTable('receipts').set({ number: 7 }).execute(), /append-only/)
  await assert.rejects(house.house.db.deleteFrom('receipts').execute(), /append-only/)
})

test('Tax is rounded half up, and sums are written with the decimals of their currency', () => {
  assert.deepEqual(
    [
      taxIncluded(12_000, 2000),
      taxIncluded(10_000, 0),
      taxIncluded(3, 10_000),
      taxIncluded(9_007_199_254_740_991, 2000),
    ],
    [2000, 0, 2, 1_501_199_875_790_165],
  )
  assert.deepEqual(
    [sumText(-5, 2, 'USD'), sumText(1234, 0, 'JPY'), sumText(1234, 3, 'KWD')],
    ['-0.05 USD', '1234 JPY', '1.234 KWD'],
  )
})

test('Two who change different settings at once keep what each has changed', async () => {
  const seller = await house.person('provider')

  const second = await meanwhile(
    house,
    async (tx) => changeSettings(await actingAs(tx, seller), { legal_name: 'Lavender LLC' }),
    () => settingsOf(seller, { tax_name: 'VAT' }),
  )

  assert.equal(second.status, 200, second.text)
  const { legal_name, tax_name } = (await settingsOf(seller)).body['data']
  assert.deepEqual([legal_name, tax_name], ['Lavender LLC', 'VAT'])
})
