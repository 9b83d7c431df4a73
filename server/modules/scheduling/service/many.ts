import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { Source, Wanted } from '../queries/claims.ts'
import { deleteClaimsOfAll, insertHeld, updateExpiries } from '../queries/many.ts'
import { lockRowsOfSources } from '../queries/replace.ts'
import { bumpVersions } from '../queries/resources.ts'
import { broadcastSlots } from './claims.ts'
import { tellFreed } from './opened.ts'
import { guarded, taken } from './refusals.ts'

/** Several sources of one kind at once, such as the sessions of a series of bookings: a few statements, whatever their number. */

export type NewClaims = { sourceId: string; claims: readonly Wanted[]; expiresAt: Temporal.Instant | null }

/**
 * Takes time for several new sources: all of it or none. The caller has locked all resources and freed what had expired, in this transaction.
 * @throws CONFLICT as `claim` does
 */
export async function claimAll(ctx: Context, kind: Source['kind'], requests: readonly NewClaims[]): Promise<void> {
  const wanted = requests.flatMap(({ sourceId, claims, expiresAt }) =>
    claims.map((claim) => ({ ...claim, sourceId, expiresAt })),
  )
  if (wanted.length === 0) return
  const clashes = await guarded(wanted, () => insertHeld(ctx, kind, wanted))
  if (clashes.length > 0) throw taken(wanted, clashes)
  await broadcastSlots(ctx, [...new Set(wanted.map((one) => one.resourceId))])
}

/** Gives the time of several sources back. Harmless for those that have none. */
export async function releaseAll(ctx: Context, kind: Source['kind'], sourceIds: readonly string[]): Promise<void> {
  if (sourceIds.length === 0) return
  await inTransaction(ctx, async (tx) => {
    await lockRowsOfSources(tx, kind, sourceIds, [])
    const gone = await deleteClaimsOfAll(tx, kind, sourceIds)
    const ids = [...new Set(gone.map((one) => one.resource_id))].toSorted((a, b) => a - b)
    if (ids.length === 0) return
    await bumpVersions(tx, ids)
    await broadcastSlots(tx, ids)
    // Of bookings that end their own events tell.
    if (kind !== 'booking_session') await tellFreed(tx, gone, [])
  })
}

/** Sets until when each of these sources holds its time, null when it is taken for good, and tells of it as `settleClaims` does. What has expired stays expired. */
export async function settleAll(
  ctx: Context,
  kind: Source['kind'],
  holds: readonly { sourceId: string; expiresAt: Temporal.Instant | null }[],
): Promise<void> {
  if (holds.length === 0) return
  await inTransaction(ctx, async (tx) => {
    await lockRowsOfSources(
      tx,
      kind,
      holds.map(({ sourceId }) => sourceId),
      [],
    )
    await broadcastSlots(tx, [...new Set(await updateExpiries(tx, kind, holds))])
  })
}
