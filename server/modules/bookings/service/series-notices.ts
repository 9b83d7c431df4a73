import { randomUUID } from 'node:crypto'
import { addLine } from '../../chat/index.ts'
import { notify } from '../../notifications/index.ts'
import { adminIdsOf } from '../../organizations/index.ts'
import type { Context } from '../../../platform/context.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { momentText, negotiate, translate, withMoments } from '../../../platform/i18n/index.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render } from '../../../platform/mail/render.ts'
import { calendarFile } from '../calendar-file.ts'
import { findNoticed, listNoticed, type Noticed } from '../queries/notices.ts'
import { noteExpiryTold } from '../queries/series.ts'
import {
  seriesInChat,
  seriesToBuyer,
  seriesToProvider,
  seriesToSeller,
  type SeriesFacts,
  type SeriesNotice,
} from '../sentences-series.ts'
import { entriesOf } from './calendar.ts'
import { manageSeriesLink } from './manage-series.ts'

/** Both sides are told once of what happens to a whole series; of each of its bookings, as of any other, what happens to it alone. */

/** What fills the sentences: of one booking or of many; instants stay ISO 8601 until somebody reads them by their own clock. */
function paramsOf(all: readonly Noticed[], facts: SeriesFacts): Record<string, string | number> {
  const starts = all.map(({ booking }) => booking.starts_at).toSorted((a, b) => Temporal.Instant.compare(a, b))
  const [{ booking, buyer }] = all as [Noticed]
  return {
    service: booking.title,
    provider: [...new Set(all.map(({ provider }) => provider.name))].join(', '),
    customer: buyer.name,
    at: iso(starts[0]!),
    last_at: iso(starts.at(-1)!),
    count: all.length,
    ...(facts.until ? { until_at: facts.until } : {}),
    ...(facts.from ? { from_at: facts.from } : {}),
    ...(facts.reason ? { reason: facts.reason } : {}),
  }
}

/** Whose names those are. */
const peopleOf = (all: readonly Noticed[]) => ({
  provider: all.flatMap(({ provider }) => (provider.id === null ? [] : [provider.id])),
  customer: all[0]!.buyer.id,
})

/** Tells both sides of a step of these bookings of a series: each provider of their own, and who bought it of all. */
async function tell(
  ctx: Context,
  seriesId: number,
  all: readonly Noticed[],
  kind: SeriesNotice,
  facts: SeriesFacts,
): Promise<void> {
  const [first] = all
  if (!first) return
  const { buyer } = first
  const common = {
    kind: `booking_series_${kind}`,
    target: { kind: 'booking_series', id: seriesId },
    // Whoever moves it again at once is told of by the second alone.
    ...(kind === 'moved' ? { held: { seconds: 5, unless: ['booking_series_moved'] } } : {}),
  }
  // Who bought it is mailed by `bookings.series_mail`, which has the calendar file and serves guests too.
  if (buyer.id !== null)
    await notify(ctx, {
      ...common,
      userId: buyer.id,
      mail: false,
      params: paramsOf(all, facts),
      people: peopleOf(all),
      ...seriesToBuyer(kind, facts),
    })
  const byProvider = Map.groupBy(all, ({ provider }) => provider.id)
  for (const [userId, own] of byProvider)
    if (userId !== null)
      await notify(ctx, {
        ...common,
        userId,
        topic: 'customer_bookings',
        ...(kind === 'confirmed' || kind === 'expired' ? { mail: false as const } : {}),
        params: paramsOf(own, facts),
        people: peopleOf(own),
        ...seriesToProvider(kind, facts),
      })
  const { organization_id: sellerId } = first.booking
  const orphaned = byProvider.get(null)
  if (orphaned && kind === 'cancelled' && facts.reason === 'account_deleted' && sellerId !== null)
    for (const userId of await adminIdsOf(ctx, sellerId))
      await notify(ctx, {
        ...common,
        userId,
        topic: 'customer_bookings',
        params: paramsOf(orphaned, facts),
        people: peopleOf(orphaned),
        ...seriesToSeller,
      })
  if (buyer.email !== null) {
    // Whoever undoes it at once holds the mail back, as for one booking.
    const startAfter = kind === 'cancelled' || kind === 'moved' ? ctx.now.add({ seconds: 5 }) : undefined
    const booking_ids = all.map(({ booking }) => booking.id)
    const mail = { id: randomUUID(), series_id: seriesId, kind, facts, booking_ids }
    await ctx.house.jobs.enqueue(ctx, 'bookings.series_mail', mail, { startAfter })
  }
  for (const [userId, own] of byProvider) {
    if (userId === null || buyer.id === null) continue
    const { provider: _provider, customer: _customer, reason: _reason, ...params } = paramsOf(own, facts)
    await addLine(ctx, [buyer.id, userId], {
      text: seriesInChat(kind, facts),
      params: { ...params, booking: own[0]!.booking.id },
    })
  }
}

/** Hears of every new series. */
export async function tellSeriesCreated(
  ctx: Context,
  { series_id, status }: { series_id: number; status: 'pending' | 'confirmed' },
): Promise<void> {
  const all = await listNoticed(ctx, series_id)
  const [first] = all
  if (!first) return
  const { requires_approval: approval, expires_at: until } = first.booking
  await tell(ctx, series_id, all, 'created', { status, approval, until: isoOrNull(until) })
}

type OfSeries = { series_id: number; booking_ids: number[] }

const these = async (ctx: Context, { series_id, booking_ids }: OfSeries): Promise<Noticed[]> =>
  (await listNoticed(ctx, series_id)).filter(({ booking }) => booking_ids.includes(booking.id))

/** Hears that what waited of a series was confirmed in one step. */
export async function tellSeriesConfirmed(ctx: Context, event: OfSeries): Promise<void> {
  await tell(ctx, event.series_id, await these(ctx, event), 'confirmed', {})
}

/** Hears that the rest of a series was moved. */
export async function tellSeriesMoved(ctx: Context, event: OfSeries & { from: string }): Promise<void> {
  const all = await these(ctx, event)
  const status = all.some(({ booking }) => booking.status === 'pending') ? 'pending' : 'confirmed'
  await tell(ctx, event.series_id, all, 'moved', { from: event.from, status })
}

/** Hears that somebody else gives bookings of a series from now on. */
export async function tellSeriesReassigned(ctx: Context, event: OfSeries): Promise<void> {
  await tell(ctx, event.series_id, await these(ctx, event), 'reassigned', {})
}

/** Hears that the rest of a series was cancelled. */
export async function tellSeriesCancelled(ctx: Context, event: OfSeries & { reason: string | null }): Promise<void> {
  await tell(ctx, event.series_id, await these(ctx, event), 'cancelled', { reason: event.reason })
}

/** A booking of a series whose whole hold has run out: the first of them tells of all. */
export async function tellSeriesExpired(ctx: Context, bookingId: number): Promise<void> {
  const seriesId = (await findNoticed(ctx, bookingId))?.booking.series_id
  if (!seriesId || !(await noteExpiryTold(ctx, seriesId))) return
  const all = (await listNoticed(ctx, seriesId)).filter(
    ({ booking }) => booking.status === 'pending' || booking.cancel_reason === 'expired',
  )
  await tell(ctx, seriesId, all, 'expired', {})
}

export type SeriesMail = {
  id: string
  series_id: number
  kind: SeriesNotice
  facts: SeriesFacts
  booking_ids: number[]
}

/** Mails who bought a series about a step of it: in their language, by their clock, every time in a line, with one link for guests and one calendar file. */
export async function mailSeries(ctx: Context, mail: SeriesMail): Promise<void> {
  const { kind, facts } = mail
  const isOver = kind === 'cancelled' || kind === 'expired'
  // Meanwhile some may have been cancelled or paid, of which other mails tell.
  const all = (await these(ctx, mail)).filter(({ booking }) => (booking.status === 'cancelled') === isOver)
  const [first] = all
  if (!first || first.buyer.email === null) return
  const { buyer } = first
  const to = first.buyer.email
  const locale = negotiate(null, buyer.locale)
  const { title, body } = seriesToBuyer(kind, facts)
  const isGuest = first.booking.customer_id === null
  const lines = all.map(({ booking }) => momentText(locale, booking.starts_at, buyer.timeZone))
  const { PUBLIC_URL } = ctx.house.config
  const rendered = render('notification', locale, {
    title: translate(locale, title),
    body: [translate(locale, body, withMoments(locale, buyer.timeZone, paramsOf(all, facts))), lines.join('\n')].join(
      '\n\n',
    ),
    action: {
      link: isGuest ? manageSeriesLink(ctx, mail.series_id) : `${PUBLIC_URL}/bookings/${first.booking.id}/`,
      button: translate(locale, 'See, move or cancel the booking'),
    },
  })
  const confirmed = isOver ? [] : all.filter(({ booking }) => booking.status === 'confirmed')
  await deliver(ctx, {
    to,
    ...rendered,
    messageId: mail.id,
    ...(confirmed.length > 0
      ? {
          attachments: [
            {
              filename: 'bookings.ics',
              content: calendarFile(...(await entriesOf(ctx, confirmed, 'buyer'))),
              contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
            },
          ],
        }
      : {}),
  })
}
