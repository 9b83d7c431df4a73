import { sql } from 'kysely'
import { getAnalytics } from '../../server/modules/insights/service/analytics.ts'
import { getStats } from '../../server/modules/insights/service/stats.ts'
import type { Actor, Context } from '../../server/platform/context.ts'
import type { Bench, Remote, Row } from '../run.ts'
import { closeHouses, openHouse } from './house.ts'
import { cpuOfProcess } from './replay.ts'
import { large, small, type TownSize } from './town.ts'

const sizes: [string, TownSize, boolean][] = [
  ['10,000 bookings', small, false],
  ['1,000,000 bookings', large, true],
]
const zone = 'America/New_York'
const [from, to] = ['2025-06-01', '2026-05-31']

/** The same counts of a year by day, from the bookings themselves. */
const counted = ({ db }: Context): Promise<unknown> =>
  sql`SELECT date_trunc('day', starts_at AT TIME ZONE ${zone}::text) AS day, status, currency, count(*), sum(price_minor), sum(ends_at - starts_at) FROM bookings
    WHERE starts_at >= ${from}::date AND starts_at < ${to}::date GROUP BY 1, 2, 3`.execute(db)

/** A super admin's context, and work measured by the CPU time of this process and its database. */
async function open(size: TownSize): Promise<{ ctx: Context; of: (run: () => Promise<unknown>) => Remote }> {
  const { app } = await openHouse(size)
  const actor = { userId: 1, role: 'super_admin', permissions: new Set(), locale: null, timeZone: zone }
  const ctx: Context = { ...app.contextFor('bench'), actor: actor as unknown as Actor }
  const cpu = async (): Promise<number> => {
    const { rows } = await sql<{ pid: number }>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database()`.execute(ctx.db)
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000 + rows.reduce((sum, { pid }) => sum + cpuOfProcess(pid), 0)
  }
  return { ctx, of: (run) => ({ run, cpu }) }
}

const rows = sizes.map(([title, size, full]): Row => ({
  name: `dashboard at ${title}: a year by day`,
  base: 'counting the bookings',
  full,
  limits: full ? { 'Banister, a year by day': 0.2, 'Banister, figures of 30 days': 0.2 } : {},
  prepare: async () => {
    const { ctx, of } = await open(size)
    return {
      'counting the bookings': of(() => counted(ctx)),
      'Banister, a year by day': of(() => getAnalytics(ctx, { from, to, interval: 'day', time_zone: zone })),
      'Banister, figures of 30 days': of(() => getStats(ctx, { time_zone: zone })),
    }
  },
}))

export default { name: 'http dashboard', rows, end: closeHouses } satisfies Bench
