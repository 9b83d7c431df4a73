import { randomUUID } from 'node:crypto'
import { addLine } from '../../chat/index.ts'
import { mailTerms, notify, withdraw } from '../../notifications/index.ts'
import { adminIdsOf } from '../../organizations/index.ts'
import type { Context } from '../../../platform/context.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { appendEach } from '../../../platform/streams.ts'
import { findNoticed, type Noticed } from '../queries/notices.ts'
import { endServed } from '../queries/waiting.ts'
import { tellSeriesExpired } from './series-notices.ts'
import { inChat, toBuyer, toFormerProvider, toProvider, toSeller, type Facts, type NoticeKind } from '../sentences.ts'

/** Seconds that mails and pushes of a change wait, so that whoever undoes it at once holds them back (SPEC section 11). */
const waitSeconds = { cancelled: 5, rescheduled: 5 } satisfies Partial<Record<NoticeKind, number>>
const waitOf = (kind: NoticeKind): number | undefined => (waitSeconds as Partial<Record<NoticeKind, number>>)[kind]
/** What both have seen with their own eyes is told in the list of notifications and mailed to nobody. */
const notMailed: readonly NoticeKind[] = ['completed', 'no_show']
/** What a provider is mailed too: what changes their day. */
const providerMailed: readonly NoticeKind[] = ['created', 'rescheduled', 'reassigned', 'cancelled']
/** What a provider is told under a topic of its own; of the other kinds both are told under the same. */
const ofCustomers: readonly NoticeKind[] = [
  'created',
  'confirmed',
  'rescheduled',
  'reassigned',
  'proposed',
  'cancelled',
]

/** What fills the sentences: instants stay ISO 8601 until somebody reads them by their own clock. */
export function paramsOf({ booking, provider, buyer }: Noticed, facts: Facts): Record<string, string> {
  return {
    service: booking.title,
    provider: provider.name,
    customer: buyer.name,
    at: iso(booking.starts_at),
    ...(facts.until ? { until_at: facts.until } : {}),
    ...(facts.from ? { from_at: facts.from } : {}),
    ...(facts.date ? { date_at: facts.date } : {}),
    ...(facts.reason ? { reason: facts.reason } : {}),
  }
}

/** Tells both sides of a step of a booking, in the transaction of `ctx`: a notification to each who has an account, and a mail to who bought it. */
export async function tellBoth(ctx: Context, bookingId: number, kind: NoticeKind, facts: Facts): Promise<void> {
  const noticed = await findNoticed(ctx, bookingId)
  if (noticed) await tellNoticed(ctx, noticed, kind, facts)
}

async function tellNoticed(ctx: Context, noticed: Noticed, kind: NoticeKind, facts: Facts): Promise<void> {
  const { booking, provider, buyer } = noticed
  const bookingId = booking.id
  const seconds = waitOf(kind)
  const common = {
    kind: `booking_${kind}`,
    params: paramsOf(noticed, facts),
    people: { provider: provider.id, customer: buyer.id },
    target: { kind: 'booking', id: bookingId },
    usefulUntil: booking.starts_at,
    ...(seconds === undefined ? {} : { held: { seconds, unless: ['booking_rescheduled', 'booking_cancelled'] } }),
  }
  // Who bought it is mailed by `bookings.mail`, which has the calendar file and serves guests too.
  if (buyer.id !== null) await notify(ctx, { ...common, userId: buyer.id, mail: false, ...toBuyer(kind, facts) })
  if (provider.id !== null)
    await notify(ctx, {
      ...common,
      userId: provider.id,
      ...(ofCustomers.includes(kind) ? { topic: 'customer_bookings' } : {}),
      ...(providerMailed.includes(kind) ? {} : { mail: false }),
      ...toProvider(kind, facts),
    })
  else if (kind === 'cancelled' && facts.reason === 'account_deleted' && booking.organization_id !== null)
    for (const userId of await adminIdsOf(ctx, booking.organization_id))
      await notify(ctx, { ...common, userId, topic: 'customer_bookings', ...toSeller })
  if (buyer.email !== null && !notMailed.includes(kind)) await mailLater(ctx, noticed, kind, facts)
  await addToChat(ctx, noticed, kind, facts)
}

async function mailLater(ctx: Context, { booking, buyer }: Noticed, kind: NoticeKind, facts: Facts): Promise<void> {
  const wait = waitOf(kind)
  let startAfter = wait === undefined ? undefined : ctx.now.add({ seconds: wait })
  if (kind === 'reminder' && buyer.id !== null) {
    const terms = await mailTerms(ctx, buyer.id, 'booking_reminder', booking.starts_at)
    if (!terms) return
    startAfter = terms.notBefore ?? startAfter
  }
  await ctx.house.jobs.enqueue(
    ctx,
    'bookings.mail',
    { id: randomUUID(), booking_id: booking.id, kind, facts, starts_at: iso(booking.starts_at) },
    { startAfter },
  )
}

/** What happened to the booking, as a line of the chat of the two; without names, which are theirs to have erased. The last thing in the transaction. */
async function addToChat(ctx: Context, noticed: Noticed, kind: NoticeKind, facts: Facts): Promise<void> {
  const { provider, buyer } = noticed
  const text = inChat(kind, facts)
  if (text === null || buyer.id === null || provider.id === null) return
  const { provider: _provider, customer: _customer, reason: _reason, ...params } = paramsOf(noticed, facts)
  await addLine(ctx, [buyer.id, provider.id], { text, params: { ...params, booking: noticed.booking.id } })
}

/** Hears of every new booking: both are told, and who has what they waited for waits no more. */
export async function tellCreated(
  ctx: Context,
  { booking_id, status, of_series }: { booking_id: number; status: 'pending' | 'confirmed'; of_series?: true },
): Promise<void> {
  if (of_series) return endServed(ctx, booking_id)
  const noticed = await findNoticed(ctx, booking_id)
  if (!noticed) return
  const { requires_approval: approval, expires_at: until } = noticed.booking
  await endServed(ctx, booking_id)
  await tellNoticed(ctx, noticed, 'created', { status, approval, until: isoOrNull(until) })
}

/** Hears of the steps that need no more words than the booking itself. */
export async function tellConfirmed(ctx: Context, event: { booking_id: number; of_series?: true }): Promise<void> {
  if (!event.of_series) await tellBoth(ctx, event.booking_id, 'confirmed', {})
}
export const tellCompleted = (ctx: Context, { booking_id }: { booking_id: number }): Promise<void> =>
  tellBoth(ctx, booking_id, 'completed', {})
export const tellNoShow = (ctx: Context, { booking_id }: { booking_id: number }): Promise<void> =>
  tellBoth(ctx, booking_id, 'no_show', {})

type Moved = {
  booking_id: number
  from: string
  status: 'pending' | 'confirmed'
  of_series?: true
  from_provider_id?: number
  quiet?: true
}

/** Who gave it is told that somebody else does. */
async function tellFormer(ctx: Context, noticed: Noticed, userId: number, at: string): Promise<void> {
  const { service, customer } = paramsOf(noticed, {})
  await notify(ctx, {
    userId,
    kind: 'booking_passed_on',
    topic: 'customer_bookings',
    params: { service: service!, customer: customer!, at },
    people: { customer: noticed.buyer.id },
    ...toFormerProvider,
  })
}

/**
 * Hears of every booking that was moved, or that somebody else gives from now on. What was said of the move before it, some seconds ago, is taken back where nobody has read it: one move is told, from where
 * it was then; and none where it is back there, confirmed as it was.
 */
export async function tellRescheduled(ctx: Context, event: Moved): Promise<void> {
  const { booking_id, from, status, of_series, from_provider_id: former } = event
  if (of_series) return
  const noticed = await findNoticed(ctx, booking_id)
  if (!noticed) return
  const { booking, buyer, provider } = noticed
  if (former !== undefined && !event.quiet) await tellFormer(ctx, noticed, former, from)
  if (former !== undefined && booking.starts_at.equals(Temporal.Instant.from(from)))
    return tellNoticed(ctx, noticed, 'reassigned', {})
  const people = [buyer.id, provider.id].filter((id) => id !== null)
  const about = { kinds: ['booking_rescheduled'], target: { kind: 'booking', id: booking_id } }
  const since = ctx.now.subtract({ seconds: waitSeconds.rescheduled })
  const undone = await withdraw(ctx, people, about, since)
  const before = String(undone?.params['from_at'] ?? from)
  const isNow = (at: string): boolean => booking.starts_at.equals(Temporal.Instant.from(at))
  const isBack = undone !== null && (isNow(before) || isNow(from))
  // Back, and yet not as it was: it is told as it happened.
  const facts = { from: isNow(before) ? from : before, status }
  if (isBack && status === 'confirmed') await addToChat(ctx, noticed, 'rescheduled', facts)
  else await tellNoticed(ctx, noticed, 'rescheduled', facts)
  if (undone) await appendEach(ctx, undone.entries)
}

/** Hears of every time that is proposed. */
export const tellProposed = (ctx: Context, { booking_id, date }: { booking_id: number; date: string }): Promise<void> =>
  tellBoth(ctx, booking_id, 'proposed', { date })

/** Hears of every booking that was cancelled or has expired. */
export async function tellCancelled(
  ctx: Context,
  { booking_id, reason, of_series }: { booking_id: number; reason: string | null; of_series?: true },
): Promise<void> {
  if (!of_series) await tellBoth(ctx, booking_id, 'cancelled', { reason })
  else if (reason === 'expired') await tellSeriesExpired(ctx, booking_id)
}
