import { invalid } from './errors.ts'

/** Decimals other than two, by ISO 4217. Intl knows others: ICU counts what is still coined, not what is booked (IQD, LBP, ISK). */
const otherDecimals: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
}

/** Metals, funds and test codes begin with X; of them only these are paid with. */
const paidWithX = new Set(['XAF', 'XCD', 'XCG', 'XOF', 'XPF'])

const decimals = new Map<string, number>(
  Intl.supportedValuesOf('currency')
    .filter((code) => !code.startsWith('X') || paidWithX.has(code))
    .map((code) => [code, 2]),
)
for (const [count, codes] of Object.entries(otherDecimals))
  for (const code of codes.split(' ')) decimals.set(code, Number(count))

/** Is this the ISO 4217 code of a currency that one can pay with? */
export const isCurrency = (code: string): boolean => decimals.has(code)

/** How many decimals an amount in this currency has: 2, for some 0 (JPY) or 3 (KWD). An unknown code is a mistake of ours: inputs are checked by `isCurrency`. */
export function decimalsOf(currency: string): number {
  const count = decimals.get(currency)
  if (count === undefined) throw new Error(`${currency} is no currency`)
  return count
}

/**
 * An amount as the API takes it (a JSON number in major units) in minor units, by its decimal digits and without any arithmetic on floats.
 * @throws VALIDATION_ERROR on `field` where it has more decimals than the currency (rule `decimals`), or is negative or larger than can be kept (rule `amount`).
 */
export function toMinor(amount: number, currency: string, field = 'amount'): number {
  const allowed = decimalsOf(currency)
  // JavaScript writes a number with the fewest digits that name it, so 0.1 is "0.1"; very small and very large ones get an exponent.
  const digits = /^(\d+)(?:\.(\d+))?$/.exec(String(amount))
  if (!digits && amount > 0 && amount < 1) throw tooManyDecimals(field, currency, allowed)
  const fraction = digits?.[2] ?? ''
  if (fraction.length > allowed) throw tooManyDecimals(field, currency, allowed)
  const minor = digits ? Number(digits[1]! + fraction.padEnd(allowed, '0')) : Number.NaN
  if (!Number.isSafeInteger(minor)) throw invalid(field, 'This is no amount of money', 'amount')
  return minor
}

const tooManyDecimals = (field: string, currency: string, count: number) =>
  invalid(field, 'An amount in {currency} has at most {decimals} decimals', 'decimals', { currency, decimals: count })

/** An amount in minor units as the API answers it: the JSON number in major units. */
export const fromMinor = (minor: number, currency: string): number => Number(`${minor}e-${decimalsOf(currency)}`)
