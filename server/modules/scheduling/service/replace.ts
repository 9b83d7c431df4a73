import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { Clash, Source, Wanted } from '../queries/claims.ts'
import {
  deleteClaimsFrom,
  insertWanted,
  lockRowsOfSources,
  selectClashesBeside,
  selectOverBookings,
  type WantedBy,
} from '../queries/replace.ts'
import { bumpVersions } from '../queries/resources.ts'
import { broadcastSlots, freeExpired } from './claims.ts'
import { tellFreed } from './opened.ts'

/** All that a source is to have from `from` on; what ended before stays as its past, unless it would stand in the way of this. */
export type Replacement = { sourceId: string; claims: readonly Wanted[] }

/** A wanted stretch that somebody else has: of which replacement, which of its claims. */
export type RefusedClaim = { sourceId: string; claim: Wanted }

const flat = (replacements: readonly Replacement[]): WantedBy[] =>
  replacements.flatMap(({ sourceId, claims }) => claims.map((claim) => ({ ...claim, sourceId })))

/**
 * Locks, ascending and in one statement, all that some sources have claimed and these resources besides: whoever asks several things of the same resources
 * (is it free? which other is?) asks them behind this lock. The caller has locked the sources themselves, so that nobody moves them meanwhile.
 */
export async function lockSources(
  ctx: Context,
  kind: Source['kind'],
  sourceIds: readonly string[],
  more: readonly number[],
): Promise<void> {
  await lockRowsOfSources(ctx, kind, sourceIds, more)
}

/**
 * Puts new claims in the place of all that these sources have from `from` on: all or nothing. Nobody finds their time free in between, since it happens behind
 * the lock of the resources; several sources at once are a series that is split. Answers the claims that others have: then nothing was changed.
 */
export async function replaceClaims(
  ctx: Context,
  kind: Source['kind'],
  replacements: readonly Replacement[],
  from: Temporal.Instant,
): Promise<RefusedClaim[]> {
  const wanted = flat(replacements)
  const sourceIds = replacements.map(({ sourceId }) => sourceId)
  const ids = [...new Set(wanted.map((one) => one.resourceId))]
  return inTransaction(ctx, async (tx) => {
    await lockRowsOfSources(tx, kind, sourceIds, ids)
    const [first, last] = boundsOf(wanted, from)
    if (ids.length > 0) await freeExpired(tx, ids, first, last)
    const clashes = wanted.length > 0 ? await selectClashesBeside(tx, kind, sourceIds, wanted) : []
    if (clashes.length > 0) return clashes.map(({ index }: Clash) => refused(wanted[index]!))
    const gone = await deleteClaimsFrom(tx, kind, sourceIds, first)
    if (wanted.length > 0) await insertWanted(tx, kind, wanted)
    const changed = [...new Set([...gone.map((one) => one.resource_id), ...ids])].toSorted((a, b) => a - b)
    if (changed.length > 0) await bumpVersions(tx, changed)
    await broadcastSlots(tx, changed)
    await tellFreed(tx, gone, wanted)
    return []
  })
}

/**
 * Adds claims to what a source has, for a series whose horizon moves on. Answers those that others have; then nothing was added.
 */
export async function addClaims(
  ctx: Context,
  kind: Source['kind'],
  { sourceId, claims }: Replacement,
): Promise<RefusedClaim[]> {
  const wanted = flat([{ sourceId, claims }])
  const ids = [...new Set(wanted.map((one) => one.resourceId))]
  if (wanted.length === 0) return []
  return inTransaction(ctx, async (tx) => {
    await lockRowsOfSources(tx, kind, [sourceId], ids)
    const [first, last] = boundsOf(wanted, wanted[0]!.from)
    await freeExpired(tx, ids, first, last)
    const clashes = await selectClashesBeside(tx, kind, [sourceId], wanted)
    if (clashes.length > 0) return clashes.map(({ index }) => refused(wanted[index]!))
    await insertWanted(tx, kind, wanted)
    await bumpVersions(tx, ids)
    await broadcastSlots(tx, ids)
    return []
  })
}

/** Which of these claims of persons lie over a booking, the earliest `limit`: a meeting may be laid there, and whoever lays it is told (SPEC section 10). */
export async function overBookings(ctx: Context, claims: readonly Wanted[], limit = 20): Promise<Wanted[]> {
  const wanted = claims.map((claim) => ({ ...claim, sourceId: '' }))
  if (wanted.length === 0) return []
  return (await selectOverBookings(ctx, wanted, limit)).map((index) => claims[index]!)
}

const refused = ({ sourceId, ...claim }: WantedBy): RefusedClaim => ({ sourceId, claim })

function boundsOf(wanted: readonly Wanted[], from: Temporal.Instant): [Temporal.Instant, Temporal.Instant] {
  let [first, last] = [from, from]
  for (const one of wanted) {
    if (Temporal.Instant.compare(one.from, first) < 0) first = one.from
    if (Temporal.Instant.compare(one.to, last) > 0) last = one.to
  }
  return [first, last]
}
