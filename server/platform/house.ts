import type { Pool } from 'pg'
import type { Config } from './config.ts'
import type { Db } from './db/database.ts'
import type { Scanner } from './files/clamd.ts'
import type { FileStore } from './files/store.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Limits } from './limits.ts'
import type { Logger } from './log.ts'
import type { Mailer } from './mail/delivery.ts'
import type { Metrics } from './metrics.ts'
import type { Pusher } from './push/pusher.ts'
import type { Realtime } from './realtime.ts'
import type { Secrets } from './secrets.ts'

/** The parts that live as long as the process, put together by `app.ts`. */
export type House = {
  config: Config
  pool: Pool
  db: Db
  log: Logger
  secrets: Secrets
  files: FileStore
  /** Looks for viruses in private files; null where none is set. */
  scanner: Scanner | null
  mailer: Mailer
  /** Shows messages on devices; null where no credentials are set. */
  pusher: Pusher | null
  jobs: Jobs
  limits: Limits
  metrics: Metrics
  realtime: Realtime
  /** The only clock; tests set it. */
  clock: () => Temporal.Instant
}

/** What is made once for a house, when it is first asked for, and lives as long. */
export function perHouse<T extends object>(make: (house: House) => T): (house: House) => T {
  const made = new WeakMap<House, T>()
  return (house) => made.getOrInsertComputed(house, make)
}
