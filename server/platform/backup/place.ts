import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import path from 'node:path'
import type { Config } from '../config.ts'
import { createDirectoryStore } from '../files/directory.ts'
import type { FileStore, ListedFile } from '../files/store.ts'
import type { Logger } from '../log.ts'
import { readCredentials } from '../push/credentials.ts'

/** A sealed file on the disk, on its way to the places. */
export type SealedFile = { path: string; size: number; sha256: string }

/** Where backups are put: each holds whole files under names such as `database/20260112t120000z-3f1f5a6b.backup`. */
export interface Place {
  /** For people: `directory /mnt/backups`. */
  name: string
  /** Makes it ready and throws where it cannot be used, in words for an operator. */
  prepare(now: Temporal.Instant): Promise<void>
  /** Puts a file there, whole or not at all; one of the same name is replaced. */
  put(key: string, file: SealedFile): Promise<void>
  /** The bytes, or null. */
  get(key: string): Promise<Readable | null>
  /** What is there under names that begin so. */
  list(prefix: string): AsyncIterable<ListedFile>
  /** One that is not there is no error. */
  delete(key: string): Promise<void>
}

/** A directory as a place. */
export const directoryPlace = (directory: string): Place => {
  const folder = path.resolve(directory)
  return storePlace(
    `directory ${folder}`,
    createDirectoryStore(path.dirname(folder), [path.basename(folder)]),
    path.basename(folder),
  )
}

function storePlace(name: string, store: FileStore<string>, bucket: string): Place {
  return {
    name,
    prepare: (now) => store.prepare(now),
    async put(key, file) {
      const handle = await open(file.path, 'r')
      try {
        const stored = await store.put(bucket, key, handle.createReadStream({ autoClose: false }), {
          contentType: 'application/octet-stream',
        })
        if (stored.sha256 !== file.sha256) throw new Error(`${key} was changed on its way`)
      } finally {
        await handle.close()
      }
    },
    get: async (key) => (await store.get(bucket, key))?.stream ?? null,
    list: (prefix) => store.list(bucket, prefix),
    delete: (key) => store.delete(bucket, key),
  }
}

/** Where this house keeps its backups: every place that is set, or the directory `backups` in DATA_DIR where none is. */
export async function openPlaces(config: Config, log: Logger, now: () => Temporal.Instant): Promise<Place[]> {
  const places: Place[] = []
  const { BACKUP_DIR, BACKUP_S3_BUCKET: bucket, BACKUP_GOOGLE_FOLDER: folder } = config
  if (BACKUP_DIR !== null) places.push(directoryPlace(BACKUP_DIR))
  if (bucket !== null) {
    const { createS3Store } = await import('../files/s3.ts')
    const { MINIO_ENDPOINT, MINIO_ACCESS_KEY, MINIO_SECRET_KEY, MINIO_REGION: region } = config
    const keys = { endpoint: MINIO_ENDPOINT!, accessKey: MINIO_ACCESS_KEY!, secretKey: MINIO_SECRET_KEY! }
    const store = createS3Store({ ...keys, region, bucketPrefix: '', now, log }, [bucket])
    places.push(storePlace(`S3 bucket ${bucket}`, store, bucket))
  }
  if (folder !== null) {
    const { createDrivePlace } = await import('./drive.ts')
    const credentials = readCredentials(config.GOOGLE_SERVICE_ACCOUNT_FILE!)
    places.push(createDrivePlace({ credentials, base: config.GOOGLE_API_BASE, folder }))
  }
  return places.length > 0 ? places : [directoryPlace(path.join(config.DATA_DIR, 'backups'))]
}
