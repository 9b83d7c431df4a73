import type { FastifyInstance } from 'fastify'
import { operation } from '../../../platform/http/operation.ts'
import { exampleStatistics, Statistics, StatisticsQuery } from './schema.ts'
import { getStatistics } from './service.ts'
import { statisticsTable } from './table.ts'

/** The statistics of an organization. */
export function statisticsRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/statistics/',
    who: 'any',
    tag: 'Dashboard',
    summary: 'Statistics of an organization',
    description:
      'For its admins and IT: `organization_id`, or your only one. Events and meeting hours, the use of rooms by room and by hour of the day, tickets by status, priority and age, and people, of a span of at most 397 days; without one, of the last thirty. In `time_zone`, by default the organization’s.',
    query: StatisticsQuery,
    data: Statistics,
    message: 'Statistics retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleStatistics },
    table: { name: 'statistics', rows: statisticsTable },
    run: (ctx, { query }) => getStatistics(ctx, query),
  })
}
