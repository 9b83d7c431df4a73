import type { Context } from '../../../platform/context.ts'
import { lockSources, replaceClaims } from '../../scheduling/index.ts'
import { toSecond } from '../rules/moments.ts'
import { wantsOf, type Whole } from '../rules/wanted.ts'
import { claimedUntil, claimsOf, reachOf } from '../service/claims.ts'
import { setClaimedUntilOf } from './queries.ts'

/** The most claims that one import makes at once; series beyond get theirs from the nightly job, as all do at the horizon. */
const mostClaims = 60_000

export type Budget = { left: number }
export const claimsLeft = (): Budget => ({ left: mostClaims })

/** Takes the time of many events without rooms: persons are busy, and nobody stands in the way of that. Their rows are locked by the caller. */
export async function takeTimeOfMany(
  ctx: Context,
  wholes: readonly Whole[],
  until: Temporal.Instant,
  budget: Budget,
): Promise<void> {
  if (wholes.length === 0) return
  const reach = await reachOf(ctx, wholes)
  await lockSources(
    ctx,
    'event',
    wholes.map(({ event }) => event.id),
    [...reach.persons.values()],
  )
  const span = { from: toSecond(ctx.now), to: toSecond(until) }
  const replacements: { sourceId: string; claims: ReturnType<typeof claimsOf> }[] = []
  const ends = new Map<string, { until: Temporal.Instant | null; ids: string[] }>()
  for (const whole of wholes) {
    const wants = budget.left > 0 ? wantsOf(whole, { ...span, ...reach }) : null
    const claims = wants ? claimsOf(wants, reach) : []
    budget.left -= claims.length
    replacements.push({ sourceId: whole.event.id, claims })
    const end = wants ? claimedUntil(whole, wants.until, until) : ctx.now
    const key = end?.toString() ?? ''
    const same = ends.get(key) ?? { until: end, ids: [] }
    same.ids.push(whole.event.id)
    ends.set(key, same)
  }
  await replaceClaims(ctx, 'event', replacements, ctx.now)
  for (const { until: end, ids } of ends.values()) await setClaimedUntilOf(ctx, ids, end)
}
