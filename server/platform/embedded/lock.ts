import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedError } from './error.ts'

const PATIENCE_MS = 120_000

/**
 * Runs `work` while no other process of this machine runs one under the same `file`.
 *
 * Node has no flock. SQLite brings one: the kernel holds an exclusive lock on the file and drops it with the process, so that
 * neither `kill -9` nor a reused pid leaves a lock behind and nothing has to decide whether a lock is stale.
 * Throws EmbeddedError after two minutes of waiting.
 */
export async function underLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = open(file)
  try {
    const giveUp = performance.now() + PATIENCE_MS
    while (!tryLock(lock)) {
      if (performance.now() > giveUp)
        throw new EmbeddedError(`Another process has held ${file} for two minutes; end it.`)
      await sleep(10)
    }
    return await work()
  } finally {
    lock.close()
  }
}

function open(file: string): DatabaseSync {
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK)
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
    return new DatabaseSync(file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new EmbeddedError(
      `This user cannot write ${file}, which the embedded PostgreSQL needs (${why}). Set another DATA_DIR.`,
    )
  }
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    const SQLITE_BUSY = 5
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}
