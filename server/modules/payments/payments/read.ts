import { requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import { withCount, type Page } from '../../../platform/http/page.ts'
import { countedPayments, selectPaymentPage, type PaymentList } from './lists.ts'
import { findPayment } from './queries.ts'
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
  // Whose they are: in two lists where one both pays and is paid, each read along its own index.
  let lists: PaymentList[] = [{}]
  if (query.organization_id !== undefined && !manages) await requireOrgRole(ctx, query.organization_id, ['admin'])
  else if (!manages)
    lists = (query.role === undefined ? (['customer', 'provider'] as const) : [query.role]).map((side) =>
      side === 'customer' ? { payer_id: userId } : { provider_id: userId },
    )
  const results = await selectPaymentPage(ctx, lists, query).execute()
  const { page: _page, page_size: _size, ...filters } = query
  const key = `payments of ${userId} ${JSON.stringify(filters)}`
  const page = await withCount(ctx, query, key, results, () => countedPayments(ctx, lists, query))
  return { ...page, results: page.results.map(viewPayment) }
}
