import { UnfinishedRestore } from './platform/backup/unfinished.ts'
import { ConfigError, type Config } from './platform/config.ts'
import { EmbeddedError, startEmbedded, type EmbeddedServer } from './platform/embedded/index.ts'
import { FileError } from './platform/files/store.ts'
import type { Logger } from './platform/log.ts'

/** The real clock, to the millisecond: finer than that no answer shows. */
export const systemClock = (): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(Date.now())

/** The database to use: the one of the settings, else the embedded one, started or joined. */
export async function openDatabase(
  config: Config,
  log: Logger,
): Promise<{ url: string; embedded: EmbeddedServer | null }> {
  if (config.DATABASE_URL !== null) return { url: config.DATABASE_URL, embedded: null }
  const embedded = await startEmbedded({ dataDir: config.DATA_DIR, log: (line) => log.info({}, line) })
  return { url: embedded.url, embedded }
}

/** An error of the start as one clear message; only what is ours shows a stack. */
export function explain(error: unknown): string {
  if (
    error instanceof ConfigError ||
    error instanceof EmbeddedError ||
    error instanceof FileError ||
    error instanceof UnfinishedRestore
  )
    return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'The port is in use already: set PORT to another one.'
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return `${error.message} (${error.code})`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
