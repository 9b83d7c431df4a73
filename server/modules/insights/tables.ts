import type { Cell } from '../../platform/http/table.ts'
import type { AnalyticsView, StatsView } from './schema.ts'

/** The dashboards as tables: what spreadsheets read. Names of columns are those of the JSON. */

type Figures = Record<string, number | null>
const shares = new Set(['cancellation_rate', 'no_show_rate', 'share'])
const flat = (prefix: string, figures: Figures | null, currency?: string): [string, Cell][] =>
  Object.entries(figures ?? {}).map(([name, value]) => [
    `${prefix}_${name}`,
    currency !== undefined ? { amount: value, currency } : shares.has(name) ? { share: value } : value,
  ])

/** A row for each figure: its name; the currency of money or the title of a service; its value. */
export function* statsTable(stats: StatsView): Generator<Cell[]> {
  yield ['figure', 'of', 'value']
  yield ['from', null, { date: stats.from }]
  yield ['to', null, { date: stats.to }]
  yield ['time_zone', null, stats.time_zone]
  const { bookings, customers, occupancy, rating, people } = stats
  for (const [prefix, figures] of Object.entries({ bookings, customers, occupancy, rating, people }))
    for (const [name, value] of flat(prefix, figures)) yield [name, null, value]
  for (const { title, bookings: count } of stats.services ?? []) yield ['service_bookings', title, count]
  for (const { currency, ...sums } of stats.money ?? [])
    for (const [name, value] of flat('money', sums, currency)) yield [name, currency, value]
}

/** A row for each point, a column for each figure, of money one for each currency. */
export function* analyticsTable({ points, currencies, time_zone: zone }: AnalyticsView): Generator<Cell[]> {
  const cells = ({ date, from, to, bookings, people, money }: AnalyticsView['points'][number]): [string, Cell][] => [
    ['date', { date }],
    ['from', { instant: from, zone }],
    ['to', { instant: to, zone }],
    ...flat('bookings', bookings),
    ...flat('people', people),
    ...currencies.flatMap((currency) => {
      const { currency: _name, ...sums } = money?.find((own) => own.currency === currency) ?? { currency }
      return flat(`money_${currency}`, sums, currency)
    }),
  ]
  const [first] = points
  if (first) yield cells(first).map(([name]) => name)
  for (const point of points) yield cells(point).map(([, value]) => value)
}
