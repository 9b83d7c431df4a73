import type { CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { afterCommit, inTransaction, later, together } from '../../../platform/db/transaction.ts'
import { conflict, notFound } from '../../../platform/errors.ts'
import {
  claimStatement,
  claimsOf,
  expiryOf,
  deleteAllExpired,
  deleteClaimsOf,
  deleteExpired,
  insertClaims,
  selectClashes,
  selectResourcesWithExpired,
  updateClaims,
  type Freed,
  type Source,
  type Wanted,
} from '../queries/claims.ts'
import {
  bumpVersions,
  insertPersons,
  insertRooms,
  lockRows,
  lockOfSource,
  selectResources,
  type ResourceRef,
} from '../queries/resources.ts'
import { guarded, refusalOf, taken } from './refusals.ts'

const nameOf = (ref: ResourceRef): number | string => ('userId' in ref ? ref.userId : ref.roomId)

/** Whose resource is which: never changed and never deleted, so what has been committed once need not be read again. */
const remembered = new WeakMap<object, Map<number | string, number>>()
const mostRemembered = 100_000

/** The resources of these persons and rooms, in the same order; null where none has been made yet, so that nothing takes its time. */
export async function findResources(ctx: Context, refs: readonly ResourceRef[]): Promise<(number | null)[]> {
  const known = remembered.get(ctx.house)
  const unknown = known ? refs.filter((ref) => !known.has(nameOf(ref))) : refs
  const found = new Map<number | string, number>()
  if (unknown.length > 0) {
    const rows = await selectResources(
      ctx,
      unknown.flatMap((ref) => ('userId' in ref ? [ref.userId] : [])),
      unknown.flatMap((ref) => ('roomId' in ref ? [ref.roomId] : [])),
    )
    for (const row of rows) found.set(row.user_id ?? row.room_id ?? '', row.id)
    // Not before: a resource that this transaction has made is gone again when it is undone.
    await afterCommit(ctx, () => remember(ctx, found))
  }
  return refs.map((ref) => found.get(nameOf(ref)) ?? known?.get(nameOf(ref)) ?? null)
}

function remember({ house }: Context, found: ReadonlyMap<number | string, number>): void {
  const known = remembered.get(house) ?? new Map<number | string, number>()
  remembered.set(house, known)
  if (known.size + found.size > mostRemembered) known.clear()
  for (const [name, id] of found) known.set(name, id)
}

/**
 * The resources of these persons and rooms, in the same order, made on first use in the zone of the person or room.
 * @throws NOT_FOUND for somebody or something that is not there
 */
export async function resourcesFor(ctx: Context, refs: readonly ResourceRef[]): Promise<number[]> {
  let found = await findResources(ctx, refs)
  const missing = refs.filter((_, i) => found[i] === null)
  if (missing.length > 0) {
    // Persons before rooms, each ascending: the order is the same for everybody.
    const persons = missing.flatMap((ref) => ('userId' in ref ? [ref.userId] : []))
    const rooms = missing.flatMap((ref) => ('roomId' in ref ? [ref.roomId] : []))
    if (persons.length > 0) await insertPersons(ctx, persons)
    if (rooms.length > 0) await insertRooms(ctx, rooms)
    found = await findResources(ctx, refs)
  }
  return found.map((id, i) => {
    if (id === null) throw notFound('userId' in refs[i]! ? 'user' : 'room')
    return id
  })
}

/**
 * Locks the resources until the transaction ends, in ascending order in one statement: everything that decides about time stands behind this lock. Locking again
 * is harmless. What is read by statements after it is as fresh as it can be, provided that the transaction is `read committed`.
 */
export async function lockResources(ctx: Context, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await ctx.db.executeQuery(lockStatement(ctx, ids))
}

/** The statement of `lockResources`, to be sent together with those that read under the lock. */
export const lockStatement = (ctx: Context, ids: readonly number[]): CompiledQuery => lockRows(ctx, ids)

/**
 * Under the lock: takes away the expired claims on these resources that overlap `[from, to)`, publishes `claim.expired` for each source and answers the sources.
 * A claim is free from the very instant `expires_at` on. Other claims of these sources, on resources that are not locked here, are expired as well, stand in
 * nobody's way and are swept within a minute. `own` is the source on whose behalf this is done: what of it has expired goes too, and nobody is told, since it
 * claims again.
 */
export async function freeExpired(
  ctx: Context,
  ids: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  options: { own?: Source } = {},
): Promise<Source[]> {
  if (ids.length === 0) return []
  return announceFreed(ctx, await deleteExpired(ctx, ids, from, to, options.own), options.own)
}

export type ClaimRequest = {
  source: Source
  claims: readonly Wanted[]
  /** A hold: from then on it counts as free. */
  expiresAt: Temporal.Instant | null
  /** Of a series: the original start of the occurrence that all of these claims belong to. */
  occurrence?: Temporal.Instant | null
  /**
   * The caller has locked all resources, freed what had expired and found the time free, in this transaction, outside of any savepoint that was undone. So the
   * claims go out with what is written next, which the exclusion constraint refuses should somebody have the time all the same.
   */
  decided?: boolean
}

/**
 * Takes the time: all of the claims or none. Locks the resources, frees what has expired, refuses what others have, writes.
 * @throws CONFLICT with a detail for each claim that is refused: its rule (D9 a person, D11 a room) and `params: {from, to}`, the stretch that was wanted; what
 * stands in its way is nobody's to know
 */
export async function claim(ctx: Context, request: ClaimRequest): Promise<void> {
  const { source, occurrence, expiresAt } = request
  const wanted = request.claims.map((one) => ({ ...one, occurrence: one.occurrence ?? occurrence ?? null }))
  if (wanted.length === 0) return
  checkSource(source)
  const ids = idsOf(wanted)
  await inTransaction(ctx, async (tx) => {
    if (request.decided) return takeDecided(tx, source, wanted, expiresAt)
    await lockResources(tx, ids)
    await freeForClaims(tx, source, ids, wanted)
    const clashes = await guarded(wanted, () => insertClaims(tx, source, wanted, expiresAt))
    if (clashes.length > 0) throw taken(wanted, clashes)
    await broadcastSlots(tx, ids)
  })
}

/** Everything that taking a stretch is, as one statement a stretch. */
async function takeDecided(
  ctx: Context,
  source: Source,
  wanted: readonly Wanted[],
  expiresAt: Temporal.Instant | null,
): Promise<void> {
  for (const one of wanted)
    await later(ctx, claimStatement(ctx, source, one, expiresAt), (error) => refusalOf(error, [one]))
  await broadcastSlots(ctx, idsOf(wanted))
}

/**
 * Moves a source's claims to other stretches, onto stretches that overlap its own included; their expiry stays. Where the resources stay, in one UPDATE. `prepared`
 * as in `claim`: what had expired in the way is freed already.
 * @throws CONFLICT as `claim` does, and when nothing of the source stands any more (its hold has expired): then nothing is changed
 */
export async function moveClaims(
  ctx: Context,
  source: Source,
  claims: readonly Wanted[],
  { prepared = false } = {},
): Promise<void> {
  const ids = idsOf(claims)
  await inTransaction(ctx, async (tx) => {
    const standing = await lockSource(tx, source, ids)
    const [first] = standing
    if (!first || (first.expires_at && Temporal.Instant.compare(first.expires_at, tx.now) <= 0))
      throw conflict('The hold on this time has expired')
    if (claims.length > 0 && !prepared) await freeForClaims(tx, source, ids, claims)
    const before = standing.map((row) => row.resource_id)
    // One claim a resource on both sides: the row moves, and its own old time never stands in its way.
    const stays = before.length === ids.length && claims.length === ids.length && ids.every((id) => before.includes(id))
    const clashes = await guarded(claims, async () => {
      if (stays) return updateClaims(tx, source, claims)
      const refused = await selectClashes(tx, source, claims)
      if (refused.length > 0) return refused
      await deleteClaimsOf(tx, source)
      return insertClaims(tx, source, claims, first.expires_at)
    })
    if (clashes.length > 0) throw taken(claims, clashes)
    const left = [...new Set(before)].filter((id) => !ids.includes(id))
    if (left.length > 0) await bumpVersions(tx, left)
    await broadcastSlots(tx, [...ids, ...left])
  })
}

/**
 * Sets when the claims of a source expire, null when nothing is held any longer but taken for good, and tells that something about them has changed: seats of the
 * session are others', or it is held no more. Answers how many claims stand; 0 means that the hold had expired, and the time has to be claimed again.
 */
export async function settleClaims(ctx: Context, source: Source, expiresAt: Temporal.Instant | null): Promise<number> {
  return inTransaction(ctx, async (tx) => {
    const [, standing] = await together(tx, lockOfSource(tx, source, []), expiryOf(tx, source, expiresAt))
    await broadcastSlots(tx, [...new Set(standing.map((row) => row.resource_id))])
    return standing.length
  })
}

/** Gives the time of a source back. Harmless when it has none. */
export async function releaseClaims(ctx: Context, source: Source): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await lockSource(tx, source, [])
    const ids = [...new Set(await deleteClaimsOf(tx, source))]
    if (ids.length === 0) return
    await bumpVersions(tx, ids)
    await broadcastSlots(tx, ids)
  })
}

/** Takes away every claim that has expired, some resources at a time, each with a transaction of its own. */
export async function sweepExpired(ctx: Context): Promise<void> {
  for (;;) {
    const ids = await selectResourcesWithExpired(ctx, 200)
    if (ids.length === 0) return
    await sweep(ctx, ids)
  }
}

/** Takes away every claim on these resources that has expired. */
export async function sweep(ctx: Context, ids: readonly number[]): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await lockResources(tx, ids)
    await announceFreed(tx, await deleteAllExpired(tx, ids))
  })
}

/** Tells every process, within a moment after the transaction is committed, that the slots of these resources have changed. */
export const broadcastSlots = (ctx: Context, ids: readonly number[]): Promise<void> =>
  ctx.house.realtime.gather(ctx, 'slots', 'resource_ids', ids)

async function announceFreed(ctx: Context, freed: readonly Freed[], own?: Source): Promise<Source[]> {
  if (freed.length === 0) return []
  const sources = new Map(freed.map((row) => [`${row.source_kind}:${row.source_id}`, row]))
  if (own) sources.delete(`${own.kind}:${own.id}`)
  for (const { source_kind, source_id } of sources.values())
    await ctx.house.jobs.publish(ctx, 'claim.expired', { source_kind, source_id })
  const ids = [...new Set(freed.map((row) => row.resource_id))]
  await bumpVersions(ctx, ids)
  await broadcastSlots(ctx, ids)
  return [...sources.values()].map((row) => ({ kind: row.source_kind, id: row.source_id }))
}

/** Frees what has expired in the way of these claims, and what is left of the source's own hold. */
async function freeForClaims(
  ctx: Context,
  source: Source,
  ids: readonly number[],
  wanted: readonly Wanted[],
): Promise<void> {
  const from = wanted.map((one) => one.from).reduce((a, b) => (Temporal.Instant.compare(a, b) <= 0 ? a : b))
  const to = wanted.map((one) => one.to).reduce((a, b) => (Temporal.Instant.compare(a, b) >= 0 ? a : b))
  await freeExpired(ctx, ids, from, to, { own: source })
}

/** Locks whatever the source has claimed, and these resources; answers its claims as they are under the lock. */
async function lockSource(ctx: Context, source: Source, more: readonly number[]) {
  for (;;) {
    const [locked, standing] = await together(ctx, lockOfSource(ctx, source, more), claimsOf(ctx, source))
    // While this waited, somebody may have moved the source onto other resources.
    if (standing.every((row) => locked.some(({ id }) => id === row.resource_id))) return standing
  }
}

const idsOf = (wanted: readonly Wanted[]): number[] => [...new Set(wanted.map((one) => one.resourceId))]

function checkSource({ id }: Source): void {
  // Facts read sources a line each.
  if (!/^[\w:.-]{1,200}$/.test(id)) throw new Error(`"${id}" cannot be the id of a claim's source`)
}
