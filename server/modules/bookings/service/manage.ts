import type { Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { fromMinor } from '../../../platform/money.ts'
import { localText } from '../../../time/dates.ts'
import { offsetAt, zoneOf } from '../../../time/zones.ts'
import { findNoticed, type Noticed } from '../queries/notices.ts'
import { manageDays, refundPercent, typedReason, type BookingStatus, type PolicyStep } from '../rules.ts'
import type { ManagedBookingView } from '../schema-extras.ts'
import { reviewOf } from '../view.ts'
import { placeOf } from './calendar.ts'
import { reschedule } from './change.ts'
import { momentOf } from './create.ts'
import { minutesOf } from './question.ts'
import { step } from './status.ts'

const purpose = 'manage booking'

/** The link in the mails of somebody without an account: whoever has it may see, move and cancel this one booking. */
export function manageLink(ctx: Context, bookingId: number): string {
  return `${ctx.house.config.PUBLIC_URL}/bookings/manage/?token=${manageToken(ctx, bookingId)}`
}

/** The token of that link, for whoever leads a guest elsewhere with it. */
export const manageToken = (ctx: Context, bookingId: number): string =>
  `${bookingId}.${ctx.house.secrets.hmac(purpose, String(bookingId))}`

/** Which booking a token opens. @throws NOT_FOUND for a forged, foreign or old one. */
export const managedBookingId = async (ctx: Context, token: string): Promise<number> =>
  (await findManaged(ctx, token)).booking.id

/** The guest's booking that a token opens. @throws NOT_FOUND for a forged, foreign or old one. */
async function findManaged(ctx: Context, token: string): Promise<Noticed> {
  const [, id, signature] = /^([1-9]\d{0,14})\.([0-9a-f]{64})$/.exec(token) ?? []
  if (id === undefined || !ctx.house.secrets.verifies(purpose, id, signature!)) throw notFound('booking')
  const noticed = await findNoticed(ctx, Number(id))
  if (!noticed || noticed.booking.customer_id !== null) throw notFound('booking')
  const until = noticed.booking.ends_at.add({ hours: 24 * manageDays })
  if (Temporal.Instant.compare(until, ctx.now) <= 0) throw notFound('booking')
  return noticed
}

/** A guest's booking as its link shows it. */
export function viewManaged(ctx: Context, noticed: Noticed): ManagedBookingView {
  const { booking, provider, buyer, organization } = noticed
  const begun = Temporal.Instant.compare(booking.starts_at, ctx.now) <= 0
  const isOpen = (booking.status === 'pending' || booking.status === 'confirmed') && !begun
  const start = minutesOf(booking.starts_at)
  const policy = booking.cancellation_policy as PolicyStep[]
  return {
    service: { id: booking.service_id, title: booking.title },
    name: buyer.name,
    provider: { id: booking.provider_id, name: provider.name },
    organization: organization?.name ?? null,
    date: iso(booking.starts_at),
    end: iso(booking.ends_at),
    local: localText(start, offsetAt(zoneOf(buyer.timeZone), start)),
    time_zone: buyer.timeZone,
    status: booking.status as BookingStatus,
    price: fromMinor(booking.price_minor, booking.currency),
    currency: booking.currency,
    seats: booking.seats,
    place: placeOf(noticed),
    meeting_url: booking.meeting_url,
    cancellation_policy: policy,
    proposed_date: isoOrNull(booking.proposed_at),
    can_change: isOpen,
    refund_percent: isOpen ? refundPercent(policy, 'customer', booking.starts_at, ctx.now) : null,
    ...reviewOf(booking),
  }
}

/** What a manage-link shows; looking changes nothing. */
export async function getManaged(ctx: Context, token: string): Promise<ManagedBookingView> {
  return viewManaged(ctx, await findManaged(ctx, token))
}

/** Cancels the booking of a manage-link, as its customer; one that is cancelled already stays as it is. */
export async function cancelManaged(
  ctx: Context,
  token: string,
  reason: string | undefined,
): Promise<ManagedBookingView> {
  const { booking } = await findManaged(ctx, token)
  await step(anonymous(ctx), booking, 'customer', 'cancelled', typedReason(reason))
  return getManaged(ctx, token)
}

/** Moves the booking of a manage-link, as its customer. @throws CONFLICT or VALIDATION_ERROR as every move. */
export async function rescheduleManaged(ctx: Context, token: string, date: string): Promise<ManagedBookingView> {
  const { booking } = await findManaged(ctx, token)
  await reschedule(anonymous(ctx), booking, 'customer', momentOf(date), {})
  return getManaged(ctx, token)
}

/** The link acts for the guest, whoever else may be signed in in that browser. */
export const anonymous = (ctx: Context): Context => ({ ...ctx, actor: null })
