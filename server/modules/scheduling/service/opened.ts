import type { Context } from '../../../platform/context.ts'
import type { Wanted } from '../queries/claims.ts'
import type { Taken } from '../queries/replace.ts'
import { selectBookable } from '../queries/resources.ts'
import { claimable, freedBy } from '../rules/opened.ts'

const minuteOf = ({ epochMilliseconds }: Temporal.Instant): number => epochMilliseconds / 60_000
const intervalsOf = (stretches: readonly Pick<Wanted, 'from' | 'to'>[]): number[] =>
  stretches.flatMap(({ from, to }) => [Math.floor(minuteOf(from)), Math.ceil(minuteOf(to))])

/**
 * Tells whose time is taken no more, by what was no booking: what was taken away of them (`gone`) but for what is taken instead. Only of those whom somebody could
 * book, so that a meeting of many is told of few.
 */
export async function tellFreed(ctx: Context, gone: readonly Taken[], taken: readonly Wanted[]): Promise<void> {
  const now = Math.ceil(minuteOf(ctx.now))
  const instead = Map.groupBy(taken, ({ resourceId }) => resourceId)
  const freed = [...Map.groupBy(gone, ({ resource_id: id }) => id)]
    .map(([id, stretches]) => ({ id, spans: freedBy(intervalsOf(stretches), intervalsOf(instead.get(id) ?? []), now) }))
    .filter(({ spans }) => spans.length > 0)
  if (freed.length === 0) return
  const spansOf = new Map(freed.map(({ id, spans }) => [id, spans]))
  const whose = await selectBookable(ctx, [...spansOf.keys()])
  const at = ctx.now.toString()
  await ctx.house.jobs.publishAll(
    ctx,
    'time.opened',
    whose.map(({ id, user_id, room_id }) => ({ user_id, room_id, at, spans: spansOf.get(id)! })),
  )
}

/** Tells that a room can be taken again, whenever it is open and free. */
export async function tellRoomBack(ctx: Context, roomId: string): Promise<void> {
  const spans = [claimable(Math.ceil(minuteOf(ctx.now)))]
  await ctx.house.jobs.publish(ctx, 'time.opened', { user_id: null, room_id: roomId, at: ctx.now.toString(), spans })
}
