import { requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { findPayment, selectPayments, sourceKinds } from './queries.ts'
import { isSeller } from './refunds.ts'
import type { PaymentQuery, PaymentView } from './schema.ts'
import { viewPayment } from './view.ts'

/** One payment, for its two sides and whoever holds `payment_management`. @throws NOT_FOUND for everybody else */
export async function getPayment(ctx: Context, id: number): Promise<PaymentView> {
  const payment = await findPayment(ctx, id)
  if (!payment) throw notFound('payment')
  const mine = payment.payer_id === actorOf(ctx).userId || hasPermission(ctx.actor, 'payment_management')
  if (!mine && !(await isSeller(ctx, payment))) throw notFound('payment')
  return viewPayment(payment)
}

/**
 * The payments that one has made or been paid; of an organization for its admins; all of them with `payment_management`. Newest first.
 * @throws PERMISSION_DENIED for an administrator without that permission
 */
export async function listPayments(ctx: Context, query: PaymentQuery): Promise<Page<PaymentView>> {
  const { userId, role } = actorOf(ctx)
  const manages = hasPermission(ctx.actor, 'payment_management')
  if (isAdministrative(role) && !manages) throw denied()
  let rows = selectPayments(ctx)
  if (query.organization_id !== undefined && !manages) {
    await requireOrgRole(ctx, query.organization_id, ['admin'])
  } else if (!manages) {
    rows = rows.where((eb) =>
      query.role === undefined
        ? eb.or([eb('payments.payer_id', '=', userId), eb('payments.provider_id', '=', userId)])
        : eb(query.role === 'customer' ? 'payments.payer_id' : 'payments.provider_id', '=', userId),
    )
  }
  if (query.organization_id !== undefined) rows = rows.where('payments.organization_id', '=', query.organization_id)
  if (query.status !== undefined) rows = rows.where('payments.status', '=', query.status)
  if (query.booking_id !== undefined)
    rows = rows.where('payable.source_kind', 'in', [...sourceKinds]).where('payable.source_id', '=', query.booking_id)
  if (query.purpose !== undefined)
    rows = rows.where('payable.source_kind', '=', query.purpose === 'booking' ? 'booking' : 'no_show')
  const { page: _page, page_size: _size, ...filters } = query
  const key = `payments of ${userId} ${JSON.stringify(filters)}`
  const page = await pageOf(ctx, query, key, rows.orderBy('payments.id', 'desc'))
  return { ...page, results: page.results.map(viewPayment) }
}
