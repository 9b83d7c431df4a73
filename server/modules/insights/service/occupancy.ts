import { factsOf, findResources } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { layOut } from '../../../time/hours.ts'
import { intersect, normal } from '../../../time/intervals.ts'
import { listMasters, listTaken, type Scope } from '../queries.ts'
import { daysOf, detailDays, rateOf, type Span } from '../rules.ts'

/** More masters than these nobody waits for. */
const mostMasters = 50

const minutesOf = (intervals: readonly number[]): number => {
  let minutes = 0
  for (let i = 0; i < intervals.length; i += 2) minutes += intervals[i + 1]! - intervals[i]!
  return minutes
}

/**
 * How much of the open hours is booked: of a provider, or of an organization's masters, by the hours as they are set now. Buffers are not counted, nor what is
 * booked outside of the hours. Null for others, for more than 92 days, for more than 50 masters, and where there is nobody with a schedule.
 */
export async function occupancyOf(ctx: Context, scope: Scope, span: Span) {
  if (daysOf(span) > detailDays) return null
  const people = await peopleOf(ctx, scope)
  if (people.length === 0 || people.length > mostMasters) return null
  const ids = await findResources(
    ctx,
    people.map((userId) => ({ userId })),
  )
  const facts = await factsOf(
    ctx,
    ids.filter((id) => id !== null),
    span.start,
    span.end,
  )
  const taken = Map.groupBy(await listTaken(ctx, people, span), (row) => row.provider_id)
  const [from, to] = [
    Math.floor(span.start.epochMilliseconds / 60_000),
    Math.floor(span.end.epochMilliseconds / 60_000),
  ]
  const total = { open_minutes: 0, booked_minutes: 0 }
  for (const [i, userId] of people.entries()) {
    const schedule = facts.get(ids[i] ?? 0)?.schedule
    if (!schedule) continue
    const open = intersect(layOut(schedule, from, to).open, [from, to])
    const booked = normal((taken.get(userId) ?? []).flatMap((row) => [row.from, row.to]))
    total.open_minutes += minutesOf(open)
    total.booked_minutes += minutesOf(intersect(open, booked))
  }
  return facts.size === 0 ? null : { ...total, share: rateOf(total.booked_minutes, total.open_minutes) }
}

async function peopleOf(ctx: Context, scope: Scope): Promise<number[]> {
  if (scope.kind === 'provider') return [scope.userId]
  return scope.kind === 'organization' ? listMasters(ctx, scope.organizationId, mostMasters + 1) : []
}
