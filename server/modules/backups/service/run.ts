import { createHash, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { sweepScratch } from '../../../platform/backup/databases.ts'
import { backupKeysOf } from '../../../platform/backup/keys.ts'
import { directoryPlace, openPlaces, type Place, type SealedFile } from '../../../platform/backup/place.ts'
import type { Session } from '../../../platform/backup/session.ts'
import { sweepSpool } from '../../../platform/backup/spool.ts'
import type { Context } from '../../../platform/context.ts'
import { errorFields } from '../../../platform/log.ts'
import { version } from '../../../platform/version.ts'
import { failInterrupted, insertBackup, updateBackup, type Cause, type PlaceOutcome } from '../queries.ts'
import { keyOfName, nameOf, type Kind } from '../rules.ts'
import { sealDatabase, verifyDatabase } from './database.ts'
import { fillingsOf, sealFiles, verifyFiles, type Filling } from './files.ts'
import { deleteOutlived, deleteUnnamed } from './keeping.ts'
import { alone, urlOf } from './lock.ts'
import { tellFailure } from './telling.ts'

export type Wish = {
  kind: Kind
  cause: Cause
  /** The row of a request that waits; another one is made without it. */
  id?: number
  /** Another directory than the settings say. */
  to?: string
  /** Waits for the end of another backup, or refuses. */
  wait: boolean
}
export type Made = {
  name: string
  file: SealedFile
  items: number
  newBytes?: number
  verified: boolean
  reason: string | null
  places: PlaceOutcome[]
}

/** Where backups are written before they are put into the places. */
const spoolOf = ({ house: { config } }: Context): string => path.join(config.DATA_DIR, 'backups', '.making')

/**
 * Makes one backup, proves it, and deletes what has outlived its time; one at a time across all processes. What became of it is kept in the list, and where it
 * failed, operators are told.
 * @throws whatever it failed by, so that its job is tried again
 */
export async function runBackup(ctx: Context, wish: Wish): Promise<Made> {
  return alone(ctx, wish.wait, async (watch) => {
    await failInterrupted(ctx)
    await sweepSpool(spoolOf(ctx))
    const id =
      wish.id ??
      (await insertBackup(ctx, { kind: wish.kind, cause: wish.cause, status: 'running', requested_by: null }))
    const [key] = backupKeysOf(ctx.house.config)
    const name = nameOf(wish.kind, ctx.now, key.fingerprint, randomBytes(2).toString('hex'))
    await updateBackup(ctx, id, { name, status: 'running', started_at: ctx.house.clock(), error: null })
    try {
      const places =
        wish.to === undefined ? await openPlaces(ctx.house.config, ctx.log, ctx.house.clock) : [directoryPlace(wish.to)]
      const made = await (wish.kind === 'database' ? makeDatabase : makeFiles)(ctx, name, places, watch)
      const failed = made.places.filter(({ error }) => error !== null)
      const now = ctx.house.clock()
      const { file, items, newBytes, verified, reason } = made
      await updateBackup(ctx, id, {
        status: failed.length > 0 ? 'failed' : 'done',
        finished_at: now,
        verified_at: verified ? now : null,
        unverified_reason: reason,
        size_bytes: file.size,
        sha256: file.sha256,
        items,
        ...(newBytes === undefined ? {} : { new_bytes: newBytes }),
        places: made.places,
        error: failed.length > 0 ? failed.map(({ place, error }) => `${place}: ${error}`).join('; ') : null,
      })
      if (failed.length > 0) throw new Error(failed.map(({ place, error }) => `${place}: ${error}`).join('; '))
      await clean(ctx, wish.kind, places, watch)
      return made
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      await updateBackup(ctx, id, { status: 'failed', finished_at: ctx.house.clock(), error: said.slice(0, 2000) })
      await tellFailure(ctx, wish.kind, said)
      throw error
    }
  })
}

async function makeDatabase(ctx: Context, name: string, places: Place[], watch: Session): Promise<Made> {
  const [key] = backupKeysOf(ctx.house.config)
  await sweepScratch(urlOf(ctx)).catch((error: unknown) =>
    ctx.log.warn(errorFields(error), 'leavings of a restore stay'),
  )
  const file = await sealDatabase(ctx, { name, version, key, directory: spoolOf(ctx), watch })
  try {
    const outcomes = await putInto(ctx, places, keyOfName(name), file)
    const good = places.filter((place) => outcomes.find((one) => one.place === place.name)?.error === null)
    const [first, ...others] = good
    if (!first) return { name, file, items: 0, verified: false, reason: null, places: outcomes }
    const verdict = await verifyDatabase(ctx, first, name)
    for (const place of others) await compare(place, keyOfName(name), file)
    return { name, file, items: verdict.rows, verified: verdict.verified, reason: verdict.reason, places: outcomes }
  } finally {
    await rm(file.path, { force: true })
  }
}

async function makeFiles(ctx: Context, name: string, places: Place[]): Promise<Made> {
  const [key] = backupKeysOf(ctx.house.config)
  const ready: Place[] = []
  const outcomes: PlaceOutcome[] = []
  for (const place of places) {
    const error = await problemOf(() => place.prepare(ctx.now))
    if (error === null) ready.push(place)
    else outcomes.push({ place: place.name, error })
  }
  if (ready.length === 0) throw new Error(outcomes.map(({ place, error }) => `${place}: ${error}`).join('; '))
  const fillings: Filling[] = await fillingsOf(ready, key)
  const { file, files, newBytes } = await sealFiles(
    ctx,
    { name, key, directory: spoolOf(ctx), places: ready },
    fillings,
  )
  try {
    for (const filling of fillings) {
      filling.error ??= await problemOf(() => filling.place.put(keyOfName(name), file))
      filling.error ??= await problemOf(async () => void (await verifyFiles(ctx, filling, name)))
      outcomes.push({ place: filling.place.name, error: filling.error })
    }
    const verified = outcomes.every(({ error }) => error === null)
    return { name, file, items: files, newBytes, verified, reason: null, places: outcomes }
  } finally {
    await rm(file.path, { force: true })
  }
}

/** Puts a file into every place; one that fails does not keep it from the others. */
async function putInto(ctx: Context, places: Place[], key: string, file: SealedFile): Promise<PlaceOutcome[]> {
  const outcomes: PlaceOutcome[] = []
  for (const place of places) {
    const error = await problemOf(async () => {
      await place.prepare(ctx.now)
      await place.put(key, file)
    })
    outcomes.push({ place: place.name, error })
  }
  return outcomes
}

async function problemOf(work: () => Promise<void>): Promise<string | null> {
  try {
    await work()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Reads a file back from a place. @throws an Error where it is not what was put there */
async function compare(place: Place, key: string, { sha256 }: SealedFile): Promise<void> {
  const hash = createHash('sha256')
  for await (const bytes of (await place.get(key)) ?? []) hash.update(bytes as Buffer)
  if (hash.digest('hex') !== sha256) throw new Error(`${place.name} has other bytes of ${key} than were put there`)
}

/** Deletes what has outlived its time. A place that does not let go of it does not make a good backup a bad one. */
async function clean(ctx: Context, kind: Kind, places: Place[], watch: Session): Promise<void> {
  for (const place of places) {
    try {
      // With its connection the lock would be lost, and somebody else might be putting contents there now.
      await watch.client.query('SELECT 1')
      await deleteOutlived(ctx, place, kind)
      if (kind === 'files') await deleteUnnamed(ctx, place)
    } catch (error) {
      ctx.log.warn({ place: place.name, ...errorFields(error) }, 'old backups could not be deleted')
    }
  }
}
