import type { Context } from '../../../platform/context.ts'
import { iso } from '../../../platform/http/shapes.ts'
import {
  countCustomers,
  countUpcoming,
  findRating,
  listNext,
  listPopular,
  selectFacts,
  selectPeople,
} from '../queries.ts'
import { bookingFigures, daysOf, detailBookings, detailDays, spanBefore, spanOf, startOf, type Span } from '../rules.ts'
import type { OverviewView, StatsQuery, StatsView, WhoseQuery } from '../schema.ts'
import { viewMoney, viewPeople, viewSpan } from '../view.ts'
import { occupancyOf } from './occupancy.ts'
import { askedOf, spanAsked, type Asked } from './scope.ts'

/** Upcoming bookings that the overview names. */
const namedNext = 5

/** The figures of a span. @throws what `askedOf` and `spanAsked` throw */
export async function getStats(ctx: Context, query: StatsQuery): Promise<StatsView> {
  const asked = await askedOf(ctx, query)
  return statsOf(ctx, asked, spanAsked(ctx, query, asked.zone))
}

/** What is to come, and the last thirty days beside the thirty before them. @throws what `askedOf` throws */
export async function getOverview(ctx: Context, query: WhoseQuery): Promise<OverviewView> {
  const asked = await askedOf(ctx, query)
  const { scope, zone } = asked
  const today = ctx.now.toZonedDateTimeISO(zone).toPlainDate()
  const span = spanOf(today.subtract({ days: 29 }), today, zone)
  const last = await statsOf(ctx, asked, span)
  const { organization_id, time_zone } = last
  return {
    scope: scope.kind,
    organization_id,
    time_zone,
    as_of: iso(ctx.now),
    upcoming: asked.sees.bookings ? await upcomingOf(ctx, asked, today) : null,
    last_30_days: last,
    previous_30_days: await statsOf(ctx, asked, spanBefore(span)),
  }
}

async function upcomingOf(ctx: Context, { scope, zone }: Asked, today: Temporal.PlainDate) {
  const days = (count: number): Temporal.Instant => startOf(today.add({ days: count }), zone)
  const { today: left, week, awaiting } = await countUpcoming(ctx, scope, days(1), days(7))
  // Names are for the sides of a booking; whoever looks at the whole platform has the list of bookings.
  const next = scope.kind === 'platform' ? [] : await listNext(ctx, scope, namedNext)
  return {
    today: left,
    next_7_days: week,
    awaiting,
    next: next.map(({ starts_at, ends_at, ...row }) => ({ ...row, date: iso(starts_at), end: iso(ends_at) })),
  }
}

async function statsOf(ctx: Context, { scope, sees }: Asked, span: Span): Promise<StatsView> {
  const points = [{ date: span.from, start: span.start, end: span.end }]
  const facts = sees.bookings || sees.money ? await selectFacts(ctx, scope, points) : []
  const isOwn = scope.kind === 'provider' || scope.kind === 'customer'
  const bookings = bookingFigures(facts)
  const isSmall = daysOf(span) <= detailDays && bookings.total <= detailBookings
  const inDetail = sees.bookings && (isOwn || isSmall)
  const rating = scope.kind === 'provider' ? await findRating(ctx, scope.userId) : undefined
  return {
    ...viewSpan(scope, span),
    bookings: sees.bookings ? bookings : null,
    customers: inDetail && scope.kind !== 'customer' ? await countCustomers(ctx, scope, span) : null,
    services: inDetail ? await listPopular(ctx, scope, span) : null,
    occupancy: sees.bookings ? await occupancyOf(ctx, scope, span) : null,
    rating: rating
      ? {
          average: rating.review_count === 0 ? null : Math.round((rating.rating_sum * 100) / rating.review_count) / 100,
          reviews: rating.review_count,
        }
      : null,
    people: sees.people ? viewPeople(await selectPeople(ctx, points)) : null,
    money: sees.money ? viewMoney(facts, scope) : null,
  }
}
