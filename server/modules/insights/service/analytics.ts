import type { Context } from '../../../platform/context.ts'
import { invalid } from '../../../platform/errors.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { selectFacts, selectPeople } from '../queries.ts'
import { bookingFigures, countOf, currenciesOf, mostPoints, pointsOf } from '../rules.ts'
import type { AnalyticsQuery, AnalyticsView } from '../schema.ts'
import { viewMoney, viewPeople, viewSpan } from '../view.ts'
import { askedOf, spanAsked } from './scope.ts'

/**
 * The figures of each day, week or month of a span, those of empty ones zero. Every point names the same currencies, so that a line has no holes.
 * @throws VALIDATION_ERROR for more than 400 points; what `askedOf` and `spanAsked` throw
 */
export async function getAnalytics(ctx: Context, query: AnalyticsQuery): Promise<AnalyticsView> {
  const { scope, zone, sees } = await askedOf(ctx, query)
  const span = spanAsked(ctx, query, zone)
  const interval = query.interval ?? 'day'
  if (countOf(span, interval) > mostPoints)
    throw invalid('interval', 'This makes more than {points} points; take a longer interval', 'range', {
      points: mostPoints,
    })
  const points = pointsOf(span, interval)
  const facts = sees.bookings || sees.money ? await selectFacts(ctx, scope, points) : []
  const people = sees.people ? await selectPeople(ctx, points) : []
  const currencies = sees.money ? currenciesOf(facts) : []
  const factsByPoint = Map.groupBy(facts, ({ point }) => point)
  const peopleByPoint = Map.groupBy(people, ({ point }) => point)
  return {
    ...viewSpan(scope, span),
    interval,
    currencies,
    points: points.map(({ date, start, end }, i) => {
      const own = factsByPoint.get(i) ?? []
      return {
        date: date.toString(),
        from: iso(start),
        to: iso(end),
        bookings: sees.bookings ? bookingFigures(own) : null,
        people: sees.people ? viewPeople(peopleByPoint.get(i) ?? []) : null,
        money: sees.money ? viewMoney(own, scope, currencies) : null,
      }
    }),
  }
}
