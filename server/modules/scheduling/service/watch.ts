import type { Context } from '../../../platform/context.ts'
import { selectWatched, type ResourceRef } from '../queries/resources.ts'
import { resourcesFor, sweep } from './claims.ts'

/** The name of a resource among those whose changes are told to sockets (`platform/socket/topic.ts`). */
const keyOf = (id: number): string => `resource:${id}`

/** How topics that are made of people's and rooms' time hear that it has changed. */
export const hearsTime = {
  slots: (message: unknown): string[] => (message as { resource_ids: number[] }).resource_ids.map(keyOf),
}

/**
 * The time of these persons and rooms as a topic shows it: one version, which every entry and claim of theirs changes, and by which names changes are heard of; and
 * until when it is so without anybody's doing, where time of theirs is held: what has run out is taken away here, so that whoever watches need not wait for the sweep
 * of every minute. Who has no resource yet is given one, so that the first claim is heard, too. @throws NOT_FOUND for somebody or something that is not there
 */
export async function watchTime(
  ctx: Context,
  refs: readonly ResourceRef[],
): Promise<{ version: number; keys: string[]; until: Temporal.Instant | null }> {
  const resources = await resourcesFor(ctx, refs)
  const keys = resources.map(keyOf)
  const seen = await selectWatched(ctx, resources)
  if (seen.until === null || Temporal.Instant.compare(seen.until, ctx.now) > 0) return { ...seen, keys }
  await sweep(ctx, resources)
  return { ...(await selectWatched(ctx, resources)), keys }
}
