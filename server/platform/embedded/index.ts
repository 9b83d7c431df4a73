import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { findBinaries } from './binaries.ts'
import { ensureCluster, NAME } from './cluster.ts'
import { EmbeddedError } from './error.ts'
import { chooseIdentity, makeDirectory } from './identity.ts'
import { underLock } from './lock.ts'
import { askToStop, ensurePostmaster, findPostmaster, rotateLog, stopPostmaster } from './postmaster.ts'
import type { Place, Postmaster } from './postmaster.ts'
import { isUsed, register } from './users.ts'

export { EmbeddedError } from './error.ts'

/** A running embedded PostgreSQL and this process's part in it. */
export interface EmbeddedServer {
  /** Of the database `banister`, as its superuser. */
  url: string
  /** As the server itself reports it. */
  dataDirectory: string
  /** Leaves the server; the last living process that leaves stops it. End the pools before. May be called twice. */
  stop: () => Promise<void>
}

/** How to start it. */
export interface EmbeddedOptions {
  /** DATA_DIR: the data is in `pg18` below it, beside its password, log, lock and the register of its users. */
  dataDir: string
  /** Hears what a person at the terminal should know, in one line each. */
  log?: (line: string) => void
  /** false only where the data may be lost in a power cut, that is in tests. Default true. */
  fsync?: boolean
  /** A port on 127.0.0.1. Default: a free one. */
  port?: number
}

const WATCH_MS = 1000

/**
 * Starts the embedded PostgreSQL 18 of this DATA_DIR, or joins it when a living process (a second node, the console, an application
 * that was killed) left or keeps it running. While this process uses the server it is also its guard: a server that dies is
 * started again on the same port.
 *
 * Throws EmbeddedError, whose message is for whoever starts Banister. (HOUSE section 4, SPEC section 8)
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { log = () => {}, fsync = true } = options
  makeDirectory(options.dataDir)
  const home = realpathSync(options.dataDir)
  const data = join(home, 'pg18')
  const users = `${data}.users`
  const lock = `${data}.lock`

  // Whoever ends without stopping (an error, process.exit) at least tells the server to; it goes on ending by itself.
  let leave: (() => void) | undefined
  const abandon = (): void => {
    leave?.()
    if (!existsSync(users) || !isUsed(users)) askToStop(data)
  }
  process.once('exit', abandon)

  const { place, running, url } = await underLock(lock, async () => {
    const binaries = findBinaries()
    const programs = [binaries.initdb, binaries.postgres].map((path) => realpathSync(path))
    const identity = chooseIdentity(home, data, programs)
    if (!existsSync(data)) log(`Making the database in ${data}`)
    const password = await ensureCluster(data, binaries, identity, fsync)
    const wanted: Place = { data, binaries, identity, durable: fsync }
    const { postmaster, url: found } = await connectable(
      options.port === undefined ? wanted : { ...wanted, port: options.port },
      password,
    )
    leave = register(users)
    return { place: { ...wanted, port: postmaster.port }, running: postmaster, url: found }
  })

  const endGuard = guard(place, running.pid, lock, log)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= underLock(lock, async () => {
      endGuard()
      leave?.()
      if (!isUsed(users)) await stopPostmaster(data)
      process.off('exit', abandon)
    }))
  return { url, dataDirectory: data, stop }
}

/** A living postmaster may have a kill pending or be about to stop: only one that has answered counts. */
async function connectable(place: Place, password: string): Promise<{ postmaster: Postmaster; url: string }> {
  for (let tries = 1; ; tries++) {
    const postmaster = await ensurePostmaster(place)
    const url = `postgres://${NAME}:${password}@127.0.0.1:${postmaster.port}/${NAME}`
    try {
      await ensureDatabase(url, place.data)
      return { postmaster, url }
    } catch (error) {
      if (error instanceof EmbeddedError || tries === 50) throw error
      await sleep(100)
    }
  }
}

/** Makes the database on the first start, and makes sure on every one that it is our server that answers under our password. */
async function ensureDatabase(url: string, data: string): Promise<void> {
  try {
    await withClient(url, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
      if (rows[0] === undefined || realpathSync(rows[0].data_directory) !== data) {
        throw new EmbeddedError(
          `The server on the port of ${data} keeps its data elsewhere: ${rows[0]?.data_directory}.`,
        )
      }
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === '28P01')
      throw new EmbeddedError(`The password in ${data}.password is not that of the database in ${data}.`)
    if (code !== '3D000') throw error
    const maintenance = new URL(url)
    maintenance.pathname = '/postgres'
    await withClient(maintenance.href, (client) => client.query(`CREATE DATABASE ${NAME}`))
  }
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'banister start',
  })
  client.on('error', () => {}) // a query under way rejects by itself
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** Looks every second whether the server lives, and starts it again. Answers how to end that; call it under the lock. */
function guard(place: Place, firstPid: number, lock: string, log: (line: string) => void): () => void {
  const state = { pid: firstPid, isBusy: false, isEnded: false }
  const look = async (): Promise<void> => {
    rotateLog(place.data)
    if (isAlive(state.pid)) return
    await underLock(lock, async () => {
      if (state.isEnded) return
      const found = findPostmaster(place.data)
      if (!found) log('The embedded PostgreSQL ended unexpectedly; starting it again')
      state.pid = (found ?? (await ensurePostmaster(place))).pid
    })
  }
  const watch = setInterval(() => {
    if (state.isBusy) return
    state.isBusy = true
    look()
      .catch((error: unknown) => log(`The embedded PostgreSQL could not be started again: ${String(error)}`))
      .finally(() => (state.isBusy = false))
  }, WATCH_MS).unref()
  return () => {
    state.isEnded = true
    clearInterval(watch)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
