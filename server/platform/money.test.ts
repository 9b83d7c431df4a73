import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from './errors.ts'
import { decimalsOf, fromMinor, isCurrency, toMinor } from './money.ts'

const refused = (rule: string) => (error: unknown) =>
  error instanceof AppError && error.code === 'VALIDATION_ERROR' && error.details?.[0]?.rule === rule

test('an amount becomes minor units by its digits, in currencies of two, no and three decimals', () => {
  const amounts: [number, string, number][] = [
    [0, 'USD', 0],
    [100, 'USD', 10_000],
    [19.99, 'USD', 1999],
    [0.1, 'EUR', 10],
    [1.15, 'UAH', 115],
    [8.2, 'USD', 820],
    [1001, 'JPY', 1001],
    [1.5, 'KWD', 1500],
    [0.001, 'KWD', 1],
    [90_071_992_547_409.9, 'USD', 9_007_199_254_740_990],
  ]

  for (const [amount, currency, minor] of amounts) {
    assert.equal(toMinor(amount, currency), minor, `${amount} ${currency}`)
    assert.equal(fromMinor(minor, currency), amount, `${minor} ${currency}`)
  }
})

test('every amount of cents comes back as the number it was', () => {
  for (let minor = 0; minor < 100_000; minor++) assert.equal(toMinor(fromMinor(minor, 'USD'), 'USD'), minor)
})

test('more decimals than the currency has are refused, however the number is written', () => {
  const amounts: [number, string][] = [
    [0.001, 'USD'],
    [19.999, 'USD'],
    [0.5, 'JPY'],
    [1.0005, 'KWD'],
    [1e-7, 'USD'],
    [0.1 + 0.2, 'USD'],
  ]

  for (const [amount, currency] of amounts)
    assert.throws(() => toMinor(amount, currency), refused('decimals'), `${amount} ${currency}`)
})

test('what is negative or too large to be kept exactly is no amount', () => {
  for (const amount of [-1, -0.01, 1e21, 90_071_992_547_410, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => toMinor(amount, 'USD'), refused('amount'), String(amount))
})

test('a refused amount names the field of the request', () => {
  assert.throws(
    () => toMinor(1.234, 'USD', 'deposit'),
    (error: unknown) => error instanceof AppError && error.details?.[0]?.field === 'deposit',
  )
})

test('decimals are those of ISO 4217, and only what one can pay with is a currency', () => {
  assert.deepEqual(['USD', 'JPY', 'KWD', 'ISK', 'IQD', 'HUF', 'XOF'].map(decimalsOf), [2, 0, 3, 0, 3, 2, 0])
  assert.deepEqual(['USD', 'UAH', 'XAF', 'usd', 'XXX', 'XAU', 'ABC', ''].map(isCurrency), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})
