import type { Context } from '../../../platform/context.ts'
import { selectVersions, type ResourceRef } from '../queries/resources.ts'
import { resourcesFor } from './claims.ts'

/** The name of a resource among those whose changes are told to sockets (`platform/socket/topic.ts`). */
const keyOf = (id: number): string => `resource:${id}`

/** How topics that are made of people's and rooms' time hear that it has changed. */
export const hearsTime = {
  slots: (message: unknown): string[] => (message as { resource_ids: number[] }).resource_ids.map(keyOf),
}

/**
 * The time of these persons and rooms as a topic shows it: one version, which every entry and claim of theirs changes, and by which names changes are heard of.
 * Who has no resource yet is given one, so that the first claim is heard, too. @throws NOT_FOUND for somebody or something that is not there
 */
export async function watchTime(
  ctx: Context,
  refs: readonly ResourceRef[],
): Promise<{ version: number; keys: string[] }> {
  const resources = await resourcesFor(ctx, refs)
  return { version: await selectVersions(ctx, resources), keys: resources.map(keyOf) }
}
