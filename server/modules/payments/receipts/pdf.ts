import { createRequire } from 'node:module'
import type Pdf from 'pdfkit'
import { translate, type Locale } from '../../../platform/i18n/index.ts'
import { decimalsOf } from '../../../platform/money.ts'
import type { Receipt } from './queries.ts'
import { receiptName, sumText } from './rules.ts'

const { resolve } = createRequire(import.meta.url)
/** Latin, Greek and Cyrillic with the signs of currencies; the fourteen fonts that every PDF reader has are Latin only. One and no bold: reading a font is most of the work. */
const font = resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')

const left = 56
const right = 539
type Names = { payer: string; provider: string }

/** The printer of PDFs, loaded with the first receipt or once the process serves: a start must not wait for it. */
export const openPrinter = async (): Promise<typeof Pdf> => (await import('pdfkit')).default

/** Prints receipts as one PDF (A4), each on a page of its own, in the reader's language. The same receipts come out as the same bytes. */
export async function printReceipts(locale: Locale, receipts: readonly Receipt[], names: Names): Promise<Buffer> {
  const [first] = receipts
  if (!first) throw new Error('there is nothing to print')
  const title = receiptName(first.kind, first.number)
  const Printer = await openPrinter()
  const page = new Printer({
    size: 'A4',
    margin: left,
    autoFirstPage: false,
    font,
    info: { Title: title, Creator: 'Banister', CreationDate: new Date(first.issued_at.epochMilliseconds) },
  })
  const chunks: Buffer[] = []
  page.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((done, failed) => page.on('end', done).on('error', failed))
  for (const receipt of receipts) printPage(page.addPage(), locale, receipt, names)
  page.end()
  await ended
  return Buffer.concat(chunks)
}

function printPage(page: PDFKit.PDFDocument, locale: Locale, receipt: Receipt, names: Names): void {
  const { data } = receipt
  const say = (sentence: string, params: Record<string, string> = {}): string => translate(locale, sentence, params)
  const money = (minor: number): string => sumText(minor, decimalsOf(data.currency), data.currency)
  const day = (at: Temporal.Instant): string => at.toZonedDateTimeISO(data.time_zone).toPlainDate().toString()
  const name = receiptName(receipt.kind, receipt.number)
  const row = (label: string, value: string, size = 10): void => {
    const { y } = page
    page.fontSize(size).text(label, left, y, { width: 260 })
    const below = page.y
    page.text(value, left + 270, y, { width: right - left - 270, align: 'right' })
    page.y = Math.max(page.y, below) + 6
    page.x = left
  }
  const rule = (): void => {
    page.moveTo(left, page.y).lineTo(right, page.y).lineWidth(0.5).stroke()
    page.y += 10
  }

  page.fontSize(18)
  page.text(say(receipt.kind === 'receipt' ? 'Receipt {number}' : 'Credit note {number}', { number: name }), left)
  page.moveDown(1)
  page.fontSize(11).text(data.seller_name || names.provider || '—')
  page.fontSize(10)
  if (data.seller_address) page.text(data.seller_address)
  if (data.tax_number) page.text(say('Tax number: {number}', { number: data.tax_number }))
  page.moveDown(1)
  row(say('Issued'), day(receipt.issued_at))
  row(say('Paid on'), day(Temporal.Instant.from(data.paid_at)))
  if (data.of) row(say('For receipt'), data.of)
  if (names.payer) row(say('Customer'), names.payer)
  if (data.card) row(say('Paid by'), data.card)
  page.moveDown(1)
  rule()
  row(
    data.purpose === 'no_show_fee' ? say('No-show fee: {title}', { title: data.title }) : data.title,
    money(data.amount_minor),
  )
  rule()
  if (data.tax_rate !== null) {
    const tax = data.tax_name || say('Tax')
    row(say('Net'), money(data.amount_minor - data.tax_minor))
    row(`${tax} ${Number(`${data.tax_rate}e-2`)} %`, money(data.tax_minor))
  }
  row(say(receipt.kind === 'receipt' ? 'Total' : 'Refunded'), money(data.amount_minor), 12)
}
