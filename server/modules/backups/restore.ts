import { createReadStream, existsSync } from 'node:fs'
import path from 'node:path'
import { isEmptyDatabase } from '../../platform/backup/catalog.ts'
import {
  dropScratch,
  makeScratch,
  NoNewDatabases,
  refuseIfRunning,
  takePlace,
} from '../../platform/backup/databases.ts'
import { backupKeysOf } from '../../platform/backup/keys.ts'
import { directoryPlace, openPlaces, type Place } from '../../platform/backup/place.ts'
import { checkBackup, dropMessages, fillDatabase, leaveNumbersOut, type Source } from '../../platform/backup/restore.ts'
import { readSealedHeader } from '../../platform/backup/sealed.ts'
import { openSession } from '../../platform/backup/session.ts'
import { beginRestore, endRestore, isUnfinished } from '../../platform/backup/unfinished.ts'
import type { Config } from '../../platform/config.ts'
import { parseArguments } from '../../platform/console.ts'
import type { Context } from '../../platform/context.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { conflict, invalid } from '../../platform/errors.ts'
import { openFileStore } from '../../platform/files/open.ts'
import type { Logger } from '../../platform/log.ts'
import { checkLedger } from '../payments/index.ts'
import { endEverySession } from '../accounts/index.ts'
import { giveUpEverything } from '../webhooks/index.ts'
import { markRestored } from './queries.ts'
import { keyOfName, kinds, type Kind, type Named } from './rules.ts'
import { secretMark, sourceIn } from './service/database.ts'
import { entriesOf, restoreFiles } from './service/files.ts'
import { backupsIn } from './service/keeping.ts'

export type RestoreParts = {
  config: Config
  log: Logger
  clock: () => Temporal.Instant
  /** The database of the settings, started if need be. */
  openDatabase: () => Promise<string>
  /** Works in a house on this database, and closes it again. */
  inHouse: <T>(url: string, work: (ctx: Context) => Promise<T>) => Promise<T>
}
type Found = { kind: Kind; name: string; place: Place; source: Source }
const flags = ['force', 'verify-only', 'keep-sessions', 'without-messages'] as const
type Wish = { what: string[]; databaseUrl: string | undefined } & Record<(typeof flags)[number], boolean>

/** What the command was given. A flag takes no value: what the console took for one is the name of a backup. */
function wishOf(args: string[]): Wish {
  const { options, positionals } = parseArguments(args)
  const { 'database-url': databaseUrl, ...others } = options
  const unknown = Object.keys(others).find((name) => !flags.some((flag) => flag === name))
  if (unknown !== undefined) throw invalid(unknown, 'There is no such option')
  const swallowed = Object.values(others).filter((value) => value !== 'true')
  const wish = Object.fromEntries(flags.map((flag) => [flag, flag in others])) as Record<
    (typeof flags)[number],
    boolean
  >
  return { ...wish, databaseUrl, what: [...swallowed, ...positionals] }
}

/**
 * Brings a backup back: `restore FILE | NAME | latest [--verify-only] [--force] [--database-url URL] [--keep-sessions] [--without-messages]`. Needs no house, only
 * the settings with the key and the places. Everything is proved before anything is changed, and what was there is never overwritten. Answers the lines to print.
 * @throws CONFLICT or VALIDATION_ERROR in one sentence for whoever restores
 */
export async function restore(parts: RestoreParts, args: string[]): Promise<string[]> {
  const wish = wishOf(args)
  const [what, ...more] = wish.what
  if (what === undefined || more.length > 0)
    throw invalid('restore', 'Say restore FILE, restore NAME (backup list tells them) or restore latest')
  const lines: string[] = []
  for (const found of await find(parts, what)) {
    const done = found.kind === 'database' ? restoreDatabase(parts, found, wish) : bringFiles(parts, found, wish)
    lines.push(...(await done))
  }
  return lines
}

/** Looks for what is meant: a file, or a name (or a part of it that only one has) in the places of the settings. */
async function find({ config, log, clock }: RestoreParts, what: string): Promise<Found[]> {
  if (existsSync(what)) {
    const source: Source = async () => createReadStream(what)
    const { kind, name } = await readSealedHeader(await source())
    if (kind === 'content') throw conflict('This is the content of one file: name a backup of files')
    return [{ kind, name, source, place: directoryPlace(path.dirname(path.dirname(path.resolve(what)))) }]
  }
  const fingerprints = backupKeysOf(config).map(({ fingerprint }) => fingerprint)
  const all: (Named & { place: Place; isOwn: boolean })[] = []
  for (const place of await openPlaces(config, log, clock))
    for (const kind of kinds)
      for await (const named of backupsIn(place, kind))
        all.push({ ...named, place, isOwn: fingerprints.some((fingerprint) => fingerprint.startsWith(named.owner)) })
  const named = what === 'latest' ? latestOf(all) : all.filter(({ name }) => name === what)
  const matching = named.length > 0 ? named : all.filter(({ name }) => name.includes(what))
  const [first] = matching
  if (!first) throw conflict('There is no backup {name} in the places of the settings', { params: { name: what } })
  if (what !== 'latest' && matching.some(({ name }) => name !== first.name))
    throw conflict('More than one backup is called {name}: give the whole name', { params: { name: what } })
  return (what === 'latest' ? matching : [first]).map(({ kind, name, place }) => ({
    kind,
    name,
    place,
    source: sourceIn(place, keyOfName(name)),
  }))
}

/** The newest of each kind, of our own keys where there are any: another house may use the same place. */
function latestOf<T extends Named & { isOwn: boolean }>(all: T[]): T[] {
  return kinds.flatMap((kind) => {
    const candidates = all.filter((one) => one.kind === kind)
    const own = candidates.filter(({ isOwn }) => isOwn)
    const newest = (own.length > 0 ? own : candidates).toSorted((a, b) => Temporal.Instant.compare(b.at, a.at))[0]
    return newest ? [newest] : []
  })
}

async function restoreDatabase(parts: RestoreParts, { name, source }: Found, wish: Wish): Promise<string[]> {
  const { config } = parts
  const keys = backupKeysOf(config)
  // Before anything is touched: is every byte of it what was written?
  const { dump, manifest } = await checkBackup(source, keys)
  const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0)
  const whole = `${name}: ${rows} rows of ${dump.made_at}, every byte is what was written`
  const url = wish.databaseUrl ?? (await parts.openDatabase())
  if (wish['verify-only']) return [whole, await tryOut(url, source, keys)]

  await refuseIfRunning(url)
  const isEmpty = await hasNothing(url)
  if (!isEmpty && !wish.force)
    throw conflict(
      'The database is not empty: with --force the backup takes its place, and what is there is kept under another name',
    )
  const target = isEmpty ? url : await scratchFor(url)
  const lines = [whole]
  try {
    await beginRestore(target)
    const { differences } = await fillDatabase(target, source, keys, true)
    if (differences.length > 0)
      throw conflict('What was restored is not what was backed up: {why}', {
        params: { why: differences.slice(0, 5).join('; ') },
      })
    lines.push('Restored, and every table is the same.')
    const applied = await migrate(target)
    if (applied.length > 0) lines.push(`Migrated on: ${applied.join(', ')}`)
    await leaveNumbersOut(target)
    if (wish['without-messages']) lines.push(`${await dropMessages(target)} mails and pushes that waited were dropped.`)
    lines.push(...(await parts.inHouse(target, (ctx) => settle(ctx, name, dump.secret, wish))))
    await endRestore(target)
    if (!isEmpty) {
      const old = await takePlace(url, target, parts.clock().epochMilliseconds.toString(36))
      lines.push(`What was there before is kept in the database ${old}: drop it once you do not need it.`)
    }
  } catch (error) {
    if (!isEmpty) await dropScratch(target)
    throw error
  }
  return lines
}

async function hasNothing(url: string): Promise<boolean> {
  const session = await openSession(url)
  try {
    // What a restore that broke off has left is nobody's: no house starts on it.
    return (await isUnfinished(session)) || (await isEmptyDatabase(session.client))
  } finally {
    await session.end()
  }
}

async function scratchFor(url: string): Promise<string> {
  try {
    return await makeScratch(url)
  } catch (error) {
    if (!(error instanceof NoNewDatabases)) throw error
    throw conflict(
      'The role of the database may not create databases: make an empty one and name it with --database-url',
    )
  }
}

/** Restores it into a database of its own and drops that again. */
async function tryOut(url: string, source: Source, keys: ReturnType<typeof backupKeysOf>): Promise<string> {
  let scratch: string
  try {
    scratch = await makeScratch(url)
  } catch (error) {
    if (!(error instanceof NoNewDatabases)) throw error
    return 'It was not restored on trial: the role of the database may not create databases.'
  }
  try {
    const { differences } = await fillDatabase(scratch, source, keys, true)
    if (differences.length > 0)
      throw conflict('What was restored is not what was backed up: {why}', {
        params: { why: differences.slice(0, 5).join('; ') },
      })
    return 'Restored beside the house on trial: every table is the same. Nothing was changed.'
  } finally {
    await dropScratch(scratch)
  }
}

/** What must not come back to life with the rest, and what is to be known. */
async function settle(ctx: Context, name: string, secret: string, wish: Wish): Promise<string[]> {
  const lines: string[] = []
  await markRestored(ctx, name)
  if (wish['without-messages'])
    lines.push(`${await giveUpEverything(ctx)} deliveries of webhooks that waited were given up.`)
  if (wish['keep-sessions']) lines.push('Sessions go on, also those that were ended after the backup.')
  else lines.push(`${await endEverySession(ctx)} sessions were ended: everybody signs in again.`)
  const wrong = (await checkLedger(ctx)).flatMap(({ differences }) => differences)
  lines.push(
    wrong.length === 0 ? 'The books balance.' : `The books are wrong in ${wrong.length} places: see ledger check.`,
  )
  if (secret !== secretMark(ctx))
    lines.push(
      'SECRET_KEY is not that of the house that made the backup: second factors and links in mails need it. Set it, or put it into SECRET_KEY_PREVIOUS.',
    )
  return lines
}

async function bringFiles(parts: RestoreParts, { name, place, source }: Found, wish: Wish): Promise<string[]> {
  const { config, log, clock } = parts
  const keys = backupKeysOf(config)
  const has = new Set<string>()
  for await (const { key } of place.list('contents/')) has.add(key)
  let files = 0
  for await (const { content } of entriesOf(source, keys)) {
    if (!has.has(content))
      throw conflict('The backup is damaged: {why}', { params: { why: `${content} is not in ${place.name}` } })
    files++
  }
  if (wish['verify-only']) return [`${name}: ${files} files, all of them are in ${place.name}`]
  const store = await openFileStore(config, log, clock)
  await store.prepare(clock())
  const { restored, there, bytes } = await restoreFiles(store, place, source, keys)
  return [`${name}: ${restored} files restored (${bytes} bytes), ${there} were there already. Nothing was deleted.`]
}
