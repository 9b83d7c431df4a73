import { checkLedger } from '../../payments/index.ts'
import { dropScratch, makeScratch, NoNewDatabases } from '../../../platform/backup/databases.ts'
import { dumpDatabase, type Manifest } from '../../../platform/backup/dump.ts'
import { compressed } from '../../../platform/backup/frames.ts'
import { backupKeysOf, type BackupKey } from '../../../platform/backup/keys.ts'
import type { Place, SealedFile } from '../../../platform/backup/place.ts'
import { checkBackup, fillDatabase, type Source } from '../../../platform/backup/restore.ts'
import { seal } from '../../../platform/backup/sealed.ts'
import { openSession, type Session } from '../../../platform/backup/session.ts'
import { spooled } from '../../../platform/backup/spool.ts'
import type { Context } from '../../../platform/context.ts'
import { createDatabase, createPool } from '../../../platform/db/database.ts'
import { keyOfName } from '../rules.ts'
import { giveWay, urlOf } from './lock.ts'

/** Tells whether SECRET_KEY is the same in a restored house. */
export const secretMark = (ctx: Pick<Context, 'house'>): string =>
  ctx.house.secrets.hmac('backup', 'the same secret').slice(0, 16)

/** Writes the database as it is at this moment to a sealed file on the disk. */
export async function sealDatabase(
  ctx: Context,
  { name, version, key, directory, watch }: Making,
): Promise<SealedFile> {
  const reading = await openSession(urlOf(ctx))
  const { rows } = await reading.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const stop = giveWay(watch, reading, rows[0]!.pid)
  try {
    const frames = dumpDatabase(reading, { name, version, secret: secretMark(ctx) })
    const header = { kind: 'database' as const, name, made_at: ctx.now.toString() }
    return await spooled(seal(compressed(frames), key, header), directory)
  } catch (error) {
    if (stop()) throw new Error('it gave way to somebody who waited to alter a table', { cause: error })
    throw error
  } finally {
    stop()
    reading.kill()
  }
}
export type Making = { name: string; version: string; key: BackupKey; directory: string; watch: Session }

/** A backup as it lies in a place. @throws an Error where it is not there */
export const sourceIn =
  (place: Place, key: string): Source =>
  async () => {
    const stream = await place.get(key)
    if (!stream) throw new Error(`${key} is not there`)
    return stream
  }

export type Verdict = { rows: number; verified: boolean; reason: string | null }
const rowsOf = ({ tables }: Manifest): number => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0)

/**
 * Restores a backup, as it lies in its place, into a database of its own beside the house's, compares every table, proves the books in it, and drops it. Foreign
 * keys and the exclusion of claims are proved by their being made anew. Where no database can be made, every byte is read and proved, and the verdict says so.
 * @throws an Error that says what differs
 */
export async function verifyDatabase(ctx: Context, place: Place, name: string): Promise<Verdict> {
  const source = sourceIn(place, keyOfName(name))
  const keys = backupKeysOf(ctx.house.config)
  let scratch: string
  try {
    scratch = await makeScratch(urlOf(ctx))
  } catch (error) {
    if (!(error instanceof NoNewDatabases)) throw error
    const { manifest } = await checkBackup(source, keys)
    const reason = 'The backup is whole, but it was not restored: the role of DATABASE_URL may not create databases'
    return { rows: rowsOf(manifest), verified: false, reason }
  }
  try {
    const { manifest, differences } = await fillDatabase(scratch, source, keys, true)
    const wrong = [...differences, ...(await brokenBooks(ctx, scratch))]
    if (wrong.length > 0) throw new Error(`what was restored is not the same: ${wrong.slice(0, 5).join('; ')}`)
    return { rows: rowsOf(manifest), verified: true, reason: null }
  } finally {
    await dropScratch(scratch)
  }
}

/** What is wrong with the books of another database. */
async function brokenBooks(ctx: Context, url: string): Promise<string[]> {
  const pool = createPool({ url, size: 1, log: ctx.log })
  try {
    const proofs = await checkLedger({ ...ctx, db: createDatabase(pool), transaction: null })
    return proofs.flatMap(({ differences }) => differences)
  } finally {
    await pool.end()
  }
}
