import { Gauge } from 'prom-client'
import { asNobody } from '../../platform/context.ts'
import type { House } from '../../platform/house.ts'
import { soon } from '../../platform/outside.ts'
import { installedAt, lastOnes } from './queries.ts'
import { kinds, patience } from './rules.ts'

type State = { status: 'ok' | 'down' | 'off'; detail?: string }

/** How backups fare, for the health answer: `off` where none are made or the first is to come, `down` where the last good one of a kind is older than 36 hours. */
export async function backupState(house: House): Promise<State> {
  if (!house.config.BACKUPS) return { status: 'off' }
  // Without the database there is nothing to tell but that.
  return soon<State>(
    2000,
    judged(house).catch(() => ({ status: 'off' })),
    { status: 'off' },
  )
}

async function judged(house: House): Promise<State> {
  const last = await lastOnes(asNobody(house))
  if (last.size === 0) {
    const since = await installedAt(asNobody(house))
    const isLate = since !== null && Temporal.Instant.compare(since.add(patience), house.clock()) < 0
    return { status: isLate ? 'down' : 'off', detail: 'none was made yet' }
  }
  const late = kinds.flatMap((kind) => {
    const row = last.get(kind)
    if (!row || (row.good_at === null && row.failed_at === null)) return []
    if (row.good_at === null) return [`${kind}: none was good yet`]
    const hours = Math.floor(house.clock().since(row.good_at).total('hours'))
    return hours > patience.hours ? [`${kind}: the last good one is ${hours} hours old`] : []
  })
  return late.length > 0 ? { status: 'down', detail: late.join('; ') } : { status: 'ok' }
}

/** Adds to `/metrics` when the last good backup was made, proved and failed: `time() - backup_last_good_timestamp_seconds` is its age. */
export function measureBackups(house: House): void {
  const times = { good: 'good_at', verified: 'verified_at', failed: 'failed_at' } as const
  for (const [what, column] of Object.entries(times))
    house.metrics.registry.registerMetric(
      new Gauge({
        name: `backup_last_${what}_timestamp_seconds`,
        help: `When the last backup of a kind was ${what === 'good' ? 'well made' : what}; absent where there was none`,
        labelNames: ['kind'],
        registers: [],
        async collect() {
          this.reset()
          for (const [kind, row] of await lastOnes(asNobody(house))) {
            const at = row[column]
            if (at !== null) this.set({ kind }, at.epochMilliseconds / 1000)
          }
        },
      }),
    )
}
