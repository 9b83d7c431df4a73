import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { sellerKey, sellerOf } from '../ledger/index.ts'
import { getPayment } from '../payments/read.ts'
import { sellerToWithdrawFor } from '../withdrawals/access.ts'
import { printReceipts } from './pdf.ts'
import {
  findNames,
  findSettings,
  insertReceipt,
  listMadeRefunds,
  listReceipts,
  lockPaid,
  putSettings,
  takeNumber,
  type Receipt,
  type ReceiptData,
  type Settings,
} from './queries.ts'
import { receiptName, taxIncluded } from './rules.ts'
import type { SettingsInput, SettingsView } from './schema.ts'

/** Hears that something was paid or refunded: what is due for it is issued, numbered in the order of payment. Issues once, however often it hears. */
export async function issueReceipts(ctx: Context, { payment_id: paymentId }: { payment_id: number }): Promise<void> {
  await inTransaction(ctx, (tx) => issue(tx, paymentId))
}

/** The receipt of a payment and the credit note of each of its refunds, those that are missing issued now, with the seller's tax of this day. */
async function issue(ctx: Context, paymentId: number): Promise<Receipt[]> {
  const paid = await lockPaid(ctx, paymentId)
  if (!paid) throw conflict('There is a receipt once it is paid')
  const issued = await listReceipts(ctx, paymentId)
  const seller = sellerKey(sellerOf(paid))
  let receipt = issued.find(({ kind }) => kind === 'receipt')
  if (!receipt) {
    const settings = await findSettings(ctx, seller)
    const rate = settings?.tax_rate ?? null
    const data: ReceiptData = {
      title: paid.title,
      ...(paid.source_kind === 'no_show' ? { purpose: 'no_show_fee' } : {}),
      currency: paid.currency,
      amount_minor: paid.amount_minor,
      paid_at: paid.paid_at!.toString(),
      time_zone: paid.organization_zone ?? paid.time_zone,
      seller_name: settings?.legal_name || (paid.organization_name ?? ''),
      seller_address:
        settings?.address || [paid.organization_address, paid.organization_city].filter(Boolean).join(', '),
      tax_number: settings?.tax_number ?? '',
      tax_name: settings?.tax_name ?? '',
      tax_rate: rate,
      tax_minor: rate === null ? 0 : taxIncluded(paid.amount_minor, rate),
      card: paid.card_last4 ? `${paid.card_brand ?? ''} •••• ${paid.card_last4}`.trim() : null,
    }
    receipt = await add(ctx, seller, { kind: 'receipt', payment_id: paymentId, refund_id: null, data })
    issued.push(receipt)
  }
  for (const refund of await listMadeRefunds(ctx, paymentId)) {
    if (issued.some(({ refund_id }) => refund_id === refund.id)) continue
    const { tax_rate: rate } = receipt.data
    const data: ReceiptData = {
      ...receipt.data,
      amount_minor: -refund.amount_minor,
      // The last refund of a payment takes back what is left of its tax, so that both come to nothing together.
      tax_minor: rate === null ? 0 : -taxOfRefund(issued, refund.amount_minor, rate),
      of: receiptName('receipt', receipt.number),
    }
    issued.push(await add(ctx, seller, { kind: 'credit_note', payment_id: paymentId, refund_id: refund.id, data }))
  }
  return issued
}

function taxOfRefund(issued: readonly Receipt[], refundMinor: number, rate: number): number {
  const left = issued.reduce((sum, { data }) => sum + data.amount_minor, 0)
  const taxLeft = issued.reduce((sum, { data }) => sum + data.tax_minor, 0)
  return refundMinor >= left ? taxLeft : Math.min(taxIncluded(refundMinor, rate), taxLeft)
}

async function add(ctx: Context, seller: string, receipt: Omit<Receipt, 'number' | 'issued_at'>): Promise<Receipt> {
  const number = await takeNumber(ctx, seller, receipt.kind)
  const numbered = { ...receipt, number, issued_at: ctx.now }
  await insertReceipt(ctx, seller, numbered)
  return numbered
}

/**
 * The receipt of a payment as a PDF in the reader's language, each credit note on a page of its own; with `refundId` that credit note alone. It says what it
 * said when it was issued, but for people's names. For the two sides and `payment_management`.
 * @throws NOT_FOUND for everybody else, CONFLICT while it is not paid
 */
export async function getReceipt(
  ctx: Context,
  paymentId: number,
  refundId?: number,
): Promise<{ pdf: Buffer; name: string }> {
  await getPayment(ctx, paymentId)
  const issued = await inTransaction(ctx, (tx) => issue(tx, paymentId))
  const wanted = refundId === undefined ? issued : issued.filter((receipt) => receipt.refund_id === refundId)
  const [first] = wanted
  if (!first) throw notFound('refund')
  const pdf = await printReceipts(ctx.locale, wanted, await findNames(ctx, paymentId))
  return { pdf, name: receiptName(first.kind, first.number) }
}

/** What is printed on the receipts of a seller; for the seller, of an organization for its admins. */
export async function getSettings(ctx: Context, organizationId: string | undefined): Promise<SettingsView> {
  return settingsView(await findSettings(ctx, sellerKey(await sellerToWithdrawFor(ctx, organizationId))))
}

/** Changes what is printed on the receipts to come; those that were issued stay as they are. What is left out stays. */
export async function changeSettings(ctx: Context, input: SettingsInput): Promise<SettingsView> {
  return inTransaction(ctx, async (tx) => {
    const seller = sellerKey(await sellerToWithdrawFor(tx, input.organization_id))
    const { organization_id: _, tax_rate_percent: rate, ...texts } = input
    await putSettings(tx, seller, {
      ...texts,
      ...(rate === undefined ? {} : { tax_rate: rate === null ? null : rateOf(rate) }),
    })
    return settingsView(await findSettings(tx, seller))
  })
}

const settingsView = (settings: Settings | undefined): SettingsView => ({
  legal_name: settings?.legal_name ?? '',
  address: settings?.address ?? '',
  tax_number: settings?.tax_number ?? '',
  tax_name: settings?.tax_name ?? '',
  tax_rate_percent: percentOf(settings?.tax_rate ?? null),
})

const percentOf = (rate: number | null): number | null => (rate === null ? null : Number(`${rate}e-2`))

/** A percentage in hundredths, by its digits. @throws VALIDATION_ERROR where it has more than two decimals */
function rateOf(percent: number): number {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d{1,2}))?$/.exec(String(percent)) ?? []
  if (whole === undefined) throw invalid('tax_rate_percent', 'A percentage has at most two decimals', 'decimals')
  return Number(whole + fraction.padEnd(2, '0'))
}
