import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { BUCKETS, checkBucket, checkKey, checkPrefix, FileError } from './store.ts'
import type { Bucket, FileBody, FileStore, ListedFile, StoredFile } from './store.ts'

/** Where files are written before they have their name. A key cannot start with a dot, so nobody can read them. */
const INCOMING = '.incoming'
/** An upload that wrote nothing for so long is dead; a living one of another process on the same directory is not touched. */
const STALE = Temporal.Duration.from({ minutes: 10 })

/**
 * The file store in a directory. A file is written beside its place, synced to the disk, renamed into place, and the
 * rename is synced: whoever crashes when, a key has its old bytes, its new bytes or none.
 * What a crash left half written is swept by `prepare`, ten minutes after it was last written to.
 */
export function createDirectoryStore<B extends string = Bucket>(
  directory: string,
  buckets: readonly B[] = BUCKETS as readonly string[] as readonly B[],
): FileStore<B> {
  const root = path.resolve(directory)
  const place = (bucket: B, key: string) => {
    checkBucket(bucket, buckets)
    checkKey(key)
    return path.join(root, bucket, ...key.split('/'))
  }

  const store: FileStore<B> = {
    async put(bucket, key, body, { maxBytes }) {
      const target = place(bucket, key)
      // In the bucket's own folder: it may be mounted separately, and a rename does not cross file systems.
      const temporary = path.join(root, bucket, INCOMING, randomUUID())
      await mkdir(path.dirname(temporary), { recursive: true, mode: 0o700 })
      try {
        const stored = await writeSynced(temporary, body, maxBytes)
        await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
        await rename(temporary, target)
        await syncUp(path.dirname(target), root)
        return stored
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },

    async get(bucket, key) {
      const handle = await orNull(open(place(bucket, key), 'r'))
      if (handle === null) return null
      // Asked of the open file, not of the name: a writer may have put another file under the name since.
      const { size } = await handle.stat()
      return { stream: handle.createReadStream(), size }
    },

    async stat(bucket, key) {
      const found = await orNull(stat(place(bucket, key)))
      return found && { size: found.size }
    },

    async exists(bucket, key) {
      return (await store.stat(bucket, key)) !== null
    },

    async delete(bucket, key) {
      const target = place(bucket, key)
      await rm(target, { force: true })
      await orNull(syncFolder(path.dirname(target)))
    },

    list(bucket, prefix = '') {
      checkBucket(bucket, buckets)
      checkPrefix(prefix)
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      return walk(path.join(root, bucket), folder, prefix)
    },

    async prepare(now) {
      for (const bucket of buckets) {
        const incoming = path.join(root, bucket, INCOMING)
        await mkdir(incoming, { recursive: true, mode: 0o700 })
        await syncUp(incoming, root)
        await sweep(incoming, now)
      }
    },

    async check() {
      for (const bucket of buckets) await access(path.join(root, bucket, INCOMING), constants.W_OK)
    },
  }

  return store
}

async function writeSynced(file: string, body: FileBody, maxBytes = Infinity): Promise<StoredFile> {
  const hash = createHash('sha256')
  let size = 0
  async function* measured() {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      size += chunk.byteLength
      if (size > maxBytes) throw new FileError('too_large', 'The file is too large')
      hash.update(chunk)
      yield chunk
    }
  }
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(measured())
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { size, sha256: hash.digest('hex') }
}

/**
 * Syncs the folder and those above it up to the root. All of them, not only those this write made: one that another
 * writer has just made may not be on the disk yet, and a crash would lose the whole branch.
 */
async function syncUp(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length >= root.length; at = path.dirname(at)) await syncFolder(at)
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no directory; NTFS writes its journal in order by itself.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* walk(bucketRoot: string, folder: string, prefix: string): AsyncIterable<ListedFile> {
  const entries = (await orNull(readdir(path.join(bucketRoot, folder), { withFileTypes: true }))) ?? []
  // A folder sorts as its keys do, with the slash: so the whole walk is in the order of the keys, as in S3.
  const keys = entries
    .filter((entry) => entry.name !== INCOMING)
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .toSorted((a, b) => (a < b ? -1 : 1))
  for (const key of keys) {
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue
    if (key.endsWith('/')) yield* walk(bucketRoot, key, prefix)
    else if (key.startsWith(prefix)) {
      const found = await orNull(stat(path.join(bucketRoot, key)))
      if (found?.isFile() === true) yield { key, size: found.size }
    }
  }
}

async function sweep(folder: string, now: Temporal.Instant): Promise<void> {
  const staleBefore = now.subtract(STALE).epochMilliseconds
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name)
    const found = await orNull(stat(file))
    if (found !== null && found.mtimeMs < staleBefore) await rm(file, { force: true })
  }
}

/** null when there is no such file or folder, or the path runs through a file. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw error
  }
}
