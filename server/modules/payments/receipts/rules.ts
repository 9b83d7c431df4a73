/** Pure: the tax in a price, and how a receipt is numbered. */

/** The tax that a price includes, rounded half up to the minor unit; `rate` in hundredths of a percent (2000 is 20 %). The net price is the rest. */
export const taxIncluded = (grossMinor: number, rate: number): number =>
  Number((2n * BigInt(grossMinor) * BigInt(rate) + BigInt(10_000 + rate)) / (2n * BigInt(10_000 + rate)))

export type ReceiptKind = 'receipt' | 'credit_note'

/** A receipt's name: `R-000012`, a credit note's `C-000003`; each series of a seller counts from 1. */
export const receiptName = (kind: ReceiptKind, number: number): string =>
  `${kind === 'receipt' ? 'R' : 'C'}-${String(number).padStart(6, '0')}`

/** A sum with all the decimals of its currency, in the words of no language: `1234.50 USD`. */
export function sumText(minor: number, decimals: number, currency: string): string {
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0')
  const major = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  return `${minor < 0 ? '-' : ''}${major} ${currency}`
}
