import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { hasOnlinePayment, loadConfig } from '../../platform/config.ts'
import { createSandbox } from './gateway/sandbox.ts'
import { book, createIntent, openShop, show } from './support.fixture.ts'

const production = {
  ENVIRONMENT: 'production',
  SECRET_KEY: 'a secret of more than thirty-two characters',
  PUBLIC_URL: 'https://banister.example.com',
  DATABASE_URL: 'postgres://localhost/unused',
  EMAIL_HOST: 'mail.example.com',
}

test('a key without the secret of its webhook is refused at the start, by name', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'banister-settings-'))

  assert.throws(() => loadConfig({ STRIPE_SECRET_KEY: 'sk_test_x' }, directory), /STRIPE_WEBHOOK_SECRET is required/)
  const config = loadConfig({ ...production, STRIPE_SECRET_KEY: 'sk_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' }, directory)
  const fee = (raw: string) => loadConfig({ PLATFORM_FEE_PERCENT: raw }, directory).PLATFORM_FEE_PERCENT

  assert.equal(hasOnlinePayment(config), true)
  assert.deepEqual(['0', '2.5', '10', '100'].map(fee), [0, 2.5, 10, 100])
  for (const wrong of ['-1', '101', '2.555', 'ten']) assert.throws(() => fee(wrong), /PLATFORM_FEE_PERCENT/)
  rmSync(directory, { recursive: true })
})

test('production without keys has no online payment and no sandbox', async () => {
  const house = await openHouse(production)
  const { customer, service } = await openShop(house)
  const booking = await book(house, customer, service, '2026-01-14T09:00:00Z')

  const intent = await createIntent(house, customer, booking)
  const shown = await show(house, customer, `bookings/${booking}/`)
  const methods = await house.call('GET', '/api/v1/payments/stripe/payment-methods/', { token: customer.token })
  const health = (await house.call('GET', '/api/v1/health/')).body['data']

  assert.deepEqual([shown.payment, shown.status], ['on_site', 'confirmed'])
  assert.deepEqual([intent.status, methods.status], [409, 409])
  assert.equal(health.dependencies.payments.status, 'off')
  assert.throws(() => createSandbox(house.house), /refuses to run in production/)
})

test('without a secret every webhook is refused', async () => {
  const house = await openHouse()

  const answer = await house.call('POST', '/api/v1/payments/stripe/webhook/', {
    payload: '{}',
    headers: { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=00' },
  })

  assert.equal(answer.status, 400)
})
