import { requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { findOrganization, type Scope } from '../queries.ts'
import { daysOf, firstDate, lastDate, mostDays, spanOf, type Span } from '../rules.ts'
import type { WhoseQuery } from '../schema.ts'

/** Whose figures somebody asks for, and which of them they may see. */
export type Asked = {
  scope: Scope
  zone: string
  sees: { bookings: boolean; people: boolean; money: boolean }
}

/**
 * What is asked for, and what of it may be seen (SPEC sections 3 and 4): one's own for customers and providers; an organization's for its admins; of the
 * platform, or any organization, for administrators: bookings with `booking_management`, people with `user_management`, money with `financial_reports` only.
 * @throws PERMISSION_DENIED for an administrator who holds none of them, or a member who is no admin; NOT_FOUND for an outsider of the organization
 */
export async function askedOf(ctx: Context, query: WhoseQuery): Promise<Asked> {
  const actor = actorOf(ctx)
  const organizationId = query.organization_id
  if (isAdministrative(actor.role)) {
    const sees = {
      bookings: hasPermission(actor, 'booking_management'),
      people: hasPermission(actor, 'user_management') && organizationId === undefined,
      money: hasPermission(actor, 'financial_reports'),
    }
    if (!sees.bookings && !sees.people && !sees.money) throw denied()
    if (organizationId === undefined)
      return { scope: { kind: 'platform' }, zone: query.time_zone ?? actor.timeZone, sees }
    return { ...(await ofOrganization(ctx, organizationId, query.time_zone)), sees }
  }
  const sees = { bookings: true, people: false, money: true }
  if (organizationId !== undefined) {
    await requireOrgRole(ctx, organizationId, ['admin'])
    return { ...(await ofOrganization(ctx, organizationId, query.time_zone)), sees }
  }
  const kind = query.role ?? (actor.role === 'provider' ? 'provider' : 'customer')
  return { scope: { kind, userId: actor.userId }, zone: query.time_zone ?? actor.timeZone, sees }
}

async function ofOrganization(
  ctx: Context,
  organizationId: string,
  zone: string | undefined,
): Promise<Pick<Asked, 'scope' | 'zone'>> {
  const found = await findOrganization(ctx, organizationId)
  if (!found) throw notFound('organization')
  return { scope: { kind: 'organization', organizationId: found.id }, zone: zone ?? found.time_zone }
}

/**
 * The dates asked for, both included, on the clocks of the zone; by default the thirty days until today.
 * @throws VALIDATION_ERROR for a span that ends before it begins, is longer than ten years or lies outside 2000 to 2100
 */
export function spanAsked(ctx: Context, query: { from?: string; to?: string }, zone: string): Span {
  const today = ctx.now.toZonedDateTimeISO(zone).toPlainDate()
  const given = (field: 'from' | 'to'): Temporal.PlainDate | undefined => {
    const text = query[field]
    if (text === undefined) return undefined
    const date = Temporal.PlainDate.from(text)
    if (Temporal.PlainDate.compare(date, firstDate) < 0 || Temporal.PlainDate.compare(date, lastDate) > 0)
      throw invalid(field, 'This must lie between 2000-01-01 and 2100-12-31', 'range')
    return date
  }
  const [first, last] = [given('from'), given('to')]
  const to = last ?? (first && Temporal.PlainDate.compare(first, today) > 0 ? first : today)
  const from = first ?? to.subtract({ days: 29 })
  if (Temporal.PlainDate.compare(from, to) > 0) throw invalid('to', 'This must not be before the start', 'order')
  if (daysOf({ from, to }) > mostDays)
    throw invalid('to', 'A span has at most {days} days', 'range', { days: mostDays })
  return spanOf(from, to, zone)
}
