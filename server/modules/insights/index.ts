import type { FastifyInstance } from 'fastify'
import type { Command } from '../../platform/console.ts'
import type { Context } from '../../platform/context.ts'
import { foldChanges, rebuild } from './queries.ts'
import { routes as dashboardRoutes } from './routes.ts'
import { statisticsRoutes } from './statistics/routes.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'insights.fold': Record<string, never>
  }
}

export function routes(app: FastifyInstance): void {
  dashboardRoutes(app)
  statisticsRoutes(app)
}

/** Changes folded in one transaction; a rush is folded in several, so that none of them is long. */
const batch = 20_000

async function fold(ctx: Context): Promise<void> {
  while ((await foldChanges(ctx, batch)) === batch) continue
}

/** Counts all figures anew, after rows were loaded past the triggers; answers how many rows are kept. Bookings take no writes meanwhile. */
export const rebuildFigures = (ctx: Context): Promise<number> => rebuild(ctx)

export const jobs = { 'insights.fold': { cron: '* * * * *', handle: fold } }

export const commands: Record<string, Command> = {
  'insights-rebuild': {
    summary: 'count the figures of the dashboards anew from bookings and books',
    run: async (ctx) => [`${await rebuild(ctx)} rows of figures are kept.`],
  },
}
