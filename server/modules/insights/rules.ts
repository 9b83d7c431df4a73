/** Pure: the intervals of a span on somebody's clock, and what follows from counts. */

export const intervals = ['day', 'week', 'month'] as const
export type Interval = (typeof intervals)[number]

/** More points than this nobody looks at, and each costs. */
export const mostPoints = 400
/** The longest span that is counted: ten years. */
export const mostDays = 3700
/** Beyond these days, or so many bookings, only what is counted beforehand is told of what is not one's own: single customers and services would have to be looked at. */
export const detailDays = 92
export const detailBookings = 100_000
export const firstDate = Temporal.PlainDate.from('2000-01-01')
export const lastDate = Temporal.PlainDate.from('2100-12-31')

/** A stretch of local dates, both included, and the instants `[start, end)` that it covers. */
export type Span = {
  from: Temporal.PlainDate
  to: Temporal.PlainDate
  zone: string
  start: Temporal.Instant
  end: Temporal.Instant
}

/** `date` names the interval (its Monday, its first of the month); `[start, end)` is what of it lies within the span. */
export type Point = { date: Temporal.PlainDate; start: Temporal.Instant; end: Temporal.Instant }

/** The instant at which a date begins on the clocks of a zone; of a date that a zone has skipped, that of the next. */
export const startOf = (date: Temporal.PlainDate, zone: string): Temporal.Instant =>
  date.toZonedDateTime(zone).toInstant()

export const spanOf = (from: Temporal.PlainDate, to: Temporal.PlainDate, zone: string): Span => ({
  from,
  to,
  zone,
  start: startOf(from, zone),
  end: startOf(to.add({ days: 1 }), zone),
})

export const daysOf = ({ from, to }: Pick<Span, 'from' | 'to'>): number => from.until(to).days + 1

/** The span of as many days that ends where this one begins. */
export const spanBefore = (span: Span): Span =>
  spanOf(span.from.subtract({ days: daysOf(span) }), span.from.subtract({ days: 1 }), span.zone)

/** The first date of the interval that a date lies in: itself, its Monday, the first of its month. */
export function beginningOf(date: Temporal.PlainDate, interval: Interval): Temporal.PlainDate {
  if (interval === 'month') return date.with({ day: 1 })
  return interval === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date
}

/** How many intervals a span touches. */
export function countOf({ from, to }: Pick<Span, 'from' | 'to'>, interval: Interval): number {
  const [first, last] = [beginningOf(from, interval), beginningOf(to, interval)]
  if (interval === 'month') return (last.year - first.year) * 12 + last.month - first.month + 1
  return first.until(last).days / (interval === 'week' ? 7 : 1) + 1
}

/** Every interval that the span touches, none left out; the first and the last are cut to it, so that all of them add up to the span. */
export function pointsOf(span: Span, interval: Interval): Point[] {
  const step = { [`${interval}s`]: 1 }
  const points: Point[] = []
  let date = beginningOf(span.from, interval)
  while (Temporal.PlainDate.compare(date, span.to) <= 0) {
    const next = date.add(step)
    const isLast = Temporal.PlainDate.compare(next, span.to) > 0
    points.push({
      date,
      start: points.length === 0 ? span.start : startOf(date, span.zone),
      end: isLast ? span.end : startOf(next, span.zone),
    })
    date = next
  }
  return points
}

/** What was counted of one kind in one point: how many, their minutes, their money in minor units. */
export type Fact = {
  point: number
  kind: string
  currency: string
  count: number
  minutes: number
  amount_minor: number
  fee_minor: number
}

/** A part of a whole to four decimals; null where there is nothing to divide. */
export const rateOf = (part: number, whole: number): number | null =>
  whole > 0 ? Math.round((part / whole) * 10_000) / 10_000 : null

/**
 * Bookings by status. `cancelled` includes `expired`, holds that ran out unpaid; the cancellation rate leaves those out, as nobody decided on them. The no-show
 * rate is of the bookings that were to take place.
 */
export function bookingFigures(facts: readonly Fact[]) {
  const count = (kind: string): number => sum(facts, kind, 'count')
  const [pending, confirmed, completed] = [count('pending'), count('confirmed'), count('completed')]
  const [noShow, expired] = [count('no_show'), count('expired')]
  const decided = count('cancelled')
  const standing = pending + confirmed + completed + noShow
  const stand = ['pending', 'confirmed', 'completed', 'no_show']
  return {
    total: standing + decided + expired,
    pending,
    confirmed,
    completed,
    cancelled: decided + expired,
    no_show: noShow,
    expired,
    created: count('created'),
    minutes: stand.reduce((minutes, kind) => minutes + sum(facts, kind, 'minutes'), 0),
    cancellation_rate: rateOf(decided, standing + decided),
    no_show_rate: rateOf(noShow, completed + noShow),
  }
}

/** The money of one currency in minor units, as whole numbers throughout. */
export type MoneyMinor = {
  currency: string
  booked: number
  charged: number
  refunded: number
  disputed: number
  fees: number
}

/** Money by currency, in their order: what bookings that stand are priced at, and what the books say has moved. */
export function moneyFigures(facts: readonly Fact[], currencies = currenciesOf(facts)): MoneyMinor[] {
  return currencies.map((currency) => {
    const own = facts.filter((fact) => fact.currency === currency)
    const fee = (kind: string): number => sum(own, kind, 'fee_minor')
    const stand = ['pending', 'confirmed', 'completed', 'no_show']
    return {
      currency,
      booked: stand.reduce((total, kind) => total + sum(own, kind, 'amount_minor'), 0),
      charged: sum(own, 'charge', 'amount_minor'),
      refunded: sum(own, 'refund', 'amount_minor'),
      disputed: sum(own, 'dispute', 'amount_minor'),
      fees: fee('charge') - fee('refund') - fee('dispute'),
    }
  })
}

/** The currencies that stand in the facts, in the order of the alphabet. */
export const currenciesOf = (facts: readonly Fact[]): string[] =>
  [...new Set(facts.map(({ currency }) => currency))].filter((currency) => currency !== '').toSorted()

function sum(facts: readonly Fact[], kind: string, field: 'count' | 'minutes' | 'amount_minor' | 'fee_minor'): number {
  let total = 0
  for (const fact of facts) if (fact.kind === kind) total += fact[field]
  return total
}
