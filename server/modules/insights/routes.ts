import type { FastifyInstance } from 'fastify'
import { operation } from '../../platform/http/operation.ts'
import { exampleAnalytics, exampleOverview, exampleStats } from './examples.ts'
import { Analytics, AnalyticsQuery, Overview, OverviewQuery, Stats, StatsQuery } from './schema.ts'
import { getAnalytics } from './service/analytics.ts'
import { getOverview, getStats } from './service/stats.ts'
import { analyticsTable, statsTable } from './tables.ts'

const tag = 'Dashboard'
const whose =
  'Of what one has bought (customers) or gives (providers; `role` chooses the other side), of an organization for its admins (`organization_id`), of the platform for administrators: bookings with `booking_management`, people with `user_management`, money with `financial_reports`; a section that one may not see is null. Figures are of this moment.'

/** Figures and time series. */
export function routes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/dashboard/',
    who: 'any',
    tag,
    summary: 'What is to come, and the last thirty days beside the thirty before',
    description: whose,
    query: OverviewQuery,
    data: Overview,
    message: 'Dashboard retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleOverview },
    run: (ctx, { query }) => getOverview(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/dashboard/stats/',
    who: 'any',
    tag,
    summary: 'Figures of a span',
    description: `${whose} \`from\` and \`to\` are dates in \`time_zone\`, both included, at most 3,700 days; without them the last thirty days. Bookings count where they begin. Occupancy is told of at most 92 days, customers and services of at most 92 days and 100,000 bookings where they are not one’s own.`,
    query: StatsQuery,
    data: Stats,
    message: 'Statistics retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleStats },
    table: { name: 'stats', rows: statsTable },
    run: (ctx, { query }) => getStats(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/dashboard/analytics/',
    who: 'any',
    tag,
    summary: 'Time series',
    description: `${whose} A point for each day, week (from Monday) or month of the span by the clocks of \`time_zone\`, at most 400, the empty ones too; the first and the last are cut to the span.`,
    query: AnalyticsQuery,
    data: Analytics,
    message: 'Analytics retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleAnalytics },
    table: { name: 'analytics', rows: analyticsTable },
    run: (ctx, { query }) => getAnalytics(ctx, query),
  })
}
