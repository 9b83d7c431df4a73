import path from 'node:path'
import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import { createDirectoryStore } from './directory.ts'
import type { FileStore } from './store.ts'

/** The file store in DATA_DIR, whatever else is set. */
export const directoryStoreOf = ({ DATA_DIR }: Config): FileStore => createDirectoryStore(path.join(DATA_DIR, 'files'))

/** The file store on S3, or null where MINIO_ENDPOINT is not set. */
export async function s3StoreOf(config: Config, log: Logger, now: () => Temporal.Instant): Promise<FileStore | null> {
  const { MINIO_ENDPOINT: endpoint, MINIO_ACCESS_KEY: accessKey, MINIO_SECRET_KEY: secretKey } = config
  if (endpoint === null || accessKey === null || secretKey === null) return null
  // Loaded only where it is used: its client is a tenth of the start.
  const { createS3Store } = await import('./s3.ts')
  const { MINIO_REGION: region, MINIO_BUCKET_PREFIX: bucketPrefix } = config
  return createS3Store({ endpoint, accessKey, secretKey, region, bucketPrefix, now, log })
}

/** The store of this process: S3 where it is set, else the directory. */
export const openFileStore = async (config: Config, log: Logger, now: () => Temporal.Instant): Promise<FileStore> =>
  (await s3StoreOf(config, log, now)) ?? directoryStoreOf(config)

/**
 * Makes the buckets at a start. A store that is down for now does not keep the house from starting: bookings need no files, health and log name it, and a bucket
 * that is missing is made by the first write. A store that refuses our keys or names ends the start with one sentence.
 */
export async function prepareFiles(files: FileStore, now: Temporal.Instant, log: Logger): Promise<void> {
  try {
    await files.prepare(now)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'SERVICE_UNAVAILABLE')) throw error
    log.error({}, 'the file store is not reachable: files can be neither read nor written until it is')
  }
}
