import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { compressed, decompressed, frameOf, frameReader } from '../../../platform/backup/frames.ts'
import { backupKeysOf, type BackupKey } from '../../../platform/backup/keys.ts'
import type { Place, SealedFile } from '../../../platform/backup/place.ts'
import { seal, unseal } from '../../../platform/backup/sealed.ts'
import { spooled } from '../../../platform/backup/spool.ts'
import type { Context } from '../../../platform/context.ts'
import { conflict } from '../../../platform/errors.ts'
import { BUCKETS, type Bucket, type ListedFile } from '../../../platform/files/store.ts'
import { contentsOf, keyOfContent, keyOfName } from '../rules.ts'
import { sourceIn } from './database.ts'
import { backupsIn } from './keeping.ts'

/** Exports are made anew by who asks for one, and live for seven days: what is in them is in the backup of the database. */
const kept = BUCKETS.filter((bucket) => bucket !== 'exports')

/** A file of the store, and the key of its content in the places. */
export type FileEntry = { bucket: Bucket; key: string; size: number; sha256: string; content: string }
export type FilesMade = { file: SealedFile; files: number; newBytes: number }
type Making = { name: string; key: BackupKey; directory: string; places: Place[] }

/** Each place with the contents it has, and what went wrong there; the others go on. */
export type Filling = { place: Place; has: Set<string>; error: string | null }

/** What the places have of contents sealed with this key. */
export async function fillingsOf(places: Place[], { fingerprint }: BackupKey): Promise<Filling[]> {
  return Promise.all(
    places.map(async (place) => {
      const has = new Set<string>()
      for await (const { key } of place.list(contentsOf(fingerprint))) has.add(key)
      return { place, has, error: null }
    }),
  )
}

/**
 * Puts every content that a place has not yet into it, and writes the list of all files to a sealed file on the disk. A file whose key and size are those of the
 * last backup is not read again: no key is ever written twice (its name is chance). One that goes meanwhile is nobody's loss.
 */
export async function sealFiles(ctx: Context, making: Making, fillings: Filling[]): Promise<FilesMade> {
  let files = 0
  let newBytes = 0
  async function* entries(): AsyncGenerator<Buffer> {
    yield frameOf({ json: { format: 1, name: making.name, made_at: ctx.now.toString() } })
    const before = follower(await lastEntries(ctx, making))
    for (const bucket of kept)
      for await (const listed of ctx.house.files.list(bucket)) {
        const known = await before(bucket, listed)
        const working = fillings.filter(({ error }) => error === null)
        if (working.length === 0) throw new Error(fillings.map(({ error }) => error).join('; '))
        const isThere = known && working.every(({ has }) => has.has(known.content))
        const made = isThere ? { entry: known, isNew: false } : await sealContent(ctx, making, working, bucket, listed)
        if (!made) continue
        const { entry, isNew } = made
        if (isNew) newBytes += entry.size
        files++
        yield frameOf({ json: entry })
      }
    yield frameOf({ json: { end: true, files } })
  }
  const header = { kind: 'files' as const, name: making.name, made_at: ctx.now.toString() }
  const file = await spooled(seal(compressed(entries()), making.key, header), making.directory)
  return { file, files, newBytes }
}

/** Seals one content, puts it where it is missing, and reads it back from there. */
async function sealContent(
  ctx: Context,
  { key, directory }: Making,
  fillings: Filling[],
  bucket: Bucket,
  { key: fileKey }: ListedFile,
): Promise<{ entry: FileEntry; isNew: boolean } | null> {
  const found = await ctx.house.files.get(bucket, fileKey)
  if (!found) return null
  const hash = createHash('sha256')
  let size = 0
  async function* read(): AsyncGenerator<Buffer> {
    for await (const bytes of found!.stream as AsyncIterable<Buffer>) {
      hash.update(bytes)
      size += bytes.length
      yield bytes
    }
  }
  const header = { kind: 'content' as const, name: 'content', made_at: ctx.now.toString() }
  const file = await spooled(seal(read(), key, header), directory)
  try {
    const sha256 = hash.digest('hex')
    const content = keyOfContent(key.fingerprint, key.nameOf(sha256))
    let isNew = false
    for (const filling of fillings) {
      if (filling.has.has(content)) continue
      isNew = true
      try {
        await filling.place.put(content, file)
        await proveContent(filling.place, content, sha256, [key])
        filling.has.add(content)
      } catch (error) {
        filling.error = error instanceof Error ? error.message : String(error)
      }
    }
    return { entry: { bucket, key: fileKey, size, sha256, content }, isNew }
  } finally {
    await rm(file.path, { force: true })
  }
}

/** Reads a content in a place to its end. @throws an Error where it is not what was written */
async function proveContent(place: Place, content: string, sha256: string, keys: readonly BackupKey[]): Promise<void> {
  const hash = createHash('sha256')
  const { body } = await unseal(await sourceIn(place, content)(), keys)
  for await (const bytes of body) hash.update(bytes)
  if (hash.digest('hex') !== sha256) throw new Error(`${content} is not what was written`)
}

/** The entries of a backup of files, in the order of bucket and key. @throws CONFLICT where it is none or damaged */
export async function* entriesOf(
  source: () => Promise<AsyncIterable<Uint8Array>>,
  keys: readonly BackupKey[],
): AsyncGenerator<FileEntry> {
  const { header, body } = await unseal(await source(), keys)
  if (header.kind !== 'files')
    throw conflict('This is a backup of {kind}, not of files', { params: { kind: header.kind } })
  const reader = frameReader(decompressed(body))
  try {
    for (let frame = await reader.next(); frame; frame = await reader.next()) {
      if (!('json' in frame)) continue
      if (frame.json['end'] === true) return
      if (frame.json['content'] !== undefined) yield frame.json as FileEntry
    }
    throw conflict('The backup is damaged: {why}', { params: { why: 'its contents break off' } })
  } finally {
    await reader.close()
  }
}

/** The entries of the last backup in the first place that has one which can be opened. */
async function lastEntries(ctx: Context, { places, key }: Making): Promise<AsyncIterator<FileEntry>> {
  for (const place of places) {
    let last: { name: string; at: Temporal.Instant } | undefined
    for await (const one of backupsIn(place, 'files'))
      if (key.fingerprint.startsWith(one.owner) && (!last || Temporal.Instant.compare(one.at, last.at) > 0)) last = one
    if (last) return entriesOf(sourceIn(place, keyOfName(last.name)), backupKeysOf(ctx.house.config))
  }
  return (async function* (): AsyncGenerator<FileEntry> {})()
}

/** Does an entry stand before this file, in the order of buckets and keys? */
function comesBefore(entry: FileEntry | null | undefined, bucket: Bucket, key: string): boolean {
  if (!entry) return false
  const behind = BUCKETS.indexOf(entry.bucket) - BUCKETS.indexOf(bucket)
  return behind < 0 || (behind === 0 && entry.key < key)
}

/** Walks along the entries of before as the store is listed, since both are in the same order: so neither is held in memory. */
function follower(before: AsyncIterator<FileEntry>) {
  let entry: FileEntry | null | undefined
  return async (bucket: Bucket, { key, size }: ListedFile): Promise<FileEntry | null> => {
    const next = async (): Promise<void> => {
      // One that cannot be read to its end is of no use, and no harm: every file is then read anew.
      const step = await before.next().catch(() => ({ done: true as const, value: null }))
      entry = step.done ? null : step.value
    }
    if (entry === undefined) await next()
    while (comesBefore(entry, bucket, key)) await next()
    return entry?.bucket === bucket && entry.key === key && entry.size === size ? entry : null
  }
}

/**
 * Proves a backup of files in a place: its list can be read to its end, every content it names is there, and a thirtieth of them, another one every day, is read
 * and compared. Answers how many files it has.
 */
export async function verifyFiles(ctx: Context, { place, has }: Filling, name: string): Promise<number> {
  const keys = backupKeysOf(ctx.house.config)
  const today = Math.floor(ctx.now.epochMilliseconds / 86_400_000) % 30
  let files = 0
  for await (const { content, sha256 } of entriesOf(sourceIn(place, keyOfName(name)), keys)) {
    if (!has.has(content)) throw new Error(`${content} is not there`)
    if (Number.parseInt(sha256.slice(0, 6), 16) % 30 === today) await proveContent(place, content, sha256, keys)
    files++
  }
  return files
}

/** Brings the files of a backup back into a file store. What is there already with as many bytes stays; nothing is deleted. */
export async function restoreFiles(
  files: Context['house']['files'],
  place: Place,
  source: () => Promise<AsyncIterable<Uint8Array>>,
  keys: readonly BackupKey[],
): Promise<{ restored: number; there: number; bytes: number }> {
  const done = { restored: 0, there: 0, bytes: 0 }
  for await (const { bucket, key, size, sha256, content } of entriesOf(source, keys)) {
    if ((await files.stat(bucket, key))?.size === size) {
      done.there++
      continue
    }
    const { body } = await unseal(await sourceIn(place, content)(), keys)
    const stored = await files.put(bucket, key, body, { contentType: 'application/octet-stream' })
    if (stored.sha256 !== sha256) {
      await files.delete(bucket, key)
      throw conflict('The backup is damaged: {why}', { params: { why: `${bucket}/${key} is not what was written` } })
    }
    done.restored++
    done.bytes += size
  }
  return done
}
