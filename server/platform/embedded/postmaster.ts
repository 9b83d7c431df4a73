import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { settings } from './cluster.ts'
import { EmbeddedError } from './error.ts'
import type { Identity } from './identity.ts'
import { processesTagged, startOf } from './processes.ts'

/** A server that answers. */
export interface Postmaster {
  pid: number
  port: number
}

/** What is needed to start one. */
export interface Place {
  data: string
  binaries: Binaries
  identity: Identity
  durable: boolean
  /** The port wanted; without it a free one. */
  port?: number
}

const PATIENCE_MS = 60_000
const LOG_LIMIT_BYTES = 5_000_000

/**
 * Answers the living server of the data directory, or starts one. Call under the lock.
 *
 * What may be found there: nothing; a living server, whose application was killed or shares it; one that is starting or stopping;
 * `postmaster.pid` of a dead one, whose pid may by now belong to somebody else; server processes whose postmaster was killed and
 * that hold its shared memory a little longer. Throws EmbeddedError after a minute, or with the server's own words.
 */
export async function ensurePostmaster(place: Place): Promise<Postmaster> {
  const giveUp = performance.now() + PATIENCE_MS
  const orphansGiveUp = performance.now() + 3000
  for (let attempt = 0; performance.now() < giveUp;) {
    const file = readPidFile(place.data)
    const members = membersOf(place.data, file?.pid)
    if (file && members.has(file.pid)) {
      if (file.status === 'ready') return file
      await sleep(20)
    } else if (members.size > 0) {
      // A backend ends by itself when its postmaster is gone, but only after its statement.
      if (performance.now() > orphansGiveUp) for (const pid of members) signal(pid, 'SIGKILL')
      await sleep(20)
    } else {
      // PostgreSQL itself would refuse to start where a zombie or a process of another program has the pid in this file.
      if (file) rmSync(join(place.data, 'postmaster.pid'), { force: true })
      const started = await start(place, attempt++)
      if (started) return started
    }
  }
  throw new EmbeddedError(
    `The embedded PostgreSQL in ${place.data} did not become ready within a minute; see ${place.data}.log.`,
  )
}

/** The living server of this data directory, if there is one that answers. */
export function findPostmaster(data: string): Postmaster | undefined {
  const file = readPidFile(data)
  return file?.status === 'ready' && membersOf(data, file.pid).has(file.pid) ? file : undefined
}

/** Tells the server of this data directory, if one lives, to stop, and does not wait. */
export function askToStop(data: string): void {
  const pid = readPidFile(data)?.pid
  if (pid !== undefined && membersOf(data, pid).has(pid)) signal(pid, 'SIGINT')
}

/** Stops the server of this data directory and waits for the last of its processes. Call under the lock, after the pools have ended. */
export async function stopPostmaster(data: string): Promise<void> {
  const pid = readPidFile(data)?.pid
  const ways = [
    { name: 'SIGTERM', forMs: 300 }, // smart: lets connections whose end is under way end by themselves
    { name: 'SIGINT', forMs: 8000 }, // fast: ends the sessions, writes a checkpoint
    { name: 'SIGQUIT', forMs: 3000 }, // immediate: the next start recovers from the log
    { name: 'SIGKILL', forMs: 3000 },
  ] as const
  for (const { name, forMs } of ways) {
    const until = performance.now() + forMs
    const members = membersOf(data, pid)
    if (members.size === 0) return
    if (name === 'SIGKILL') for (const member of members) signal(member, name)
    else if (pid !== undefined && members.has(pid)) signal(pid, name)
    for (let wait = 2; performance.now() < until; wait = Math.min(wait * 2, 50)) {
      await sleep(wait)
      if (membersOf(data, pid).size === 0) return
    }
  }
}

/** Keeps the log bounded: beyond 5 MB it moves to `.log.1`. Copied and cut, since the running server keeps appending to the same file. */
export function rotateLog(data: string): void {
  const log = `${data}.log`
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) <= LOG_LIMIT_BYTES) return
  copyFileSync(log, `${log}.1`)
  truncateSync(log)
}

/** By this name, in their command lines, the processes of this data directory's server are known. */
function tagOf(data: string): string {
  return `banister-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`
}

function membersOf(data: string, pid: number | undefined): Set<number> {
  const tagged = processesTagged(tagOf(data))
  if (tagged) return tagged
  return new Set(pid !== undefined && startOf(pid) !== undefined ? [pid] : [])
}

function readPidFile(data: string): (Postmaster & { status: string | undefined }) | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() }
}

/** One attempt; answers undefined where trying again is right: the port was taken in between, or a dead server's memory is not yet free. */
async function start(place: Place, attempt: number): Promise<Postmaster | undefined> {
  const { data, durable } = place
  rotateLog(data)
  const log = openSync(`${data}.log`, 'a', 0o600)
  const before = statSync(`${data}.log`).size
  const port = place.port ?? (await freePort())
  // Detached, in a session of its own: Ctrl-C in the terminal must reach the application first, which stops the server last.
  const child = place.identity.spawn(
    place.binaries.postgres,
    ['-D', data, ...settings({ port, durable, tag: tagOf(data) })],
    {
      env: { LC_ALL: 'C', TZ: 'UTC' },
      cwd: '/',
      stdio: ['ignore', log, log],
      detached: true,
    },
  )
  closeSync(log)
  const state: { ended?: string; wasKilled?: boolean } = {}
  child.on('error', (error) => (state.ended = error.message))
  child.on('exit', (code, name) => {
    state.ended = `${code ?? name}`
    state.wasKilled = name !== null
  })
  const giveUp = performance.now() + PATIENCE_MS
  while (state.ended === undefined && performance.now() < giveUp) {
    const file = readPidFile(data)
    if (file && file.pid === child.pid && file.status === 'ready') {
      child.unref()
      return file
    }
    await sleep(4)
  }
  const said = readFileSync(`${data}.log`, 'utf8').slice(before)
  const isTaken = /could not (bind|create any TCP)/.test(said)
  if (isTaken && place.port !== undefined && attempt >= 20) {
    throw new EmbeddedError(`The port ${port} of 127.0.0.1, wanted for the embedded PostgreSQL, is taken.`)
  }
  if (isTaken || (state.wasKilled && attempt < 3) || /lock file|pre-existing shared memory/.test(said)) {
    await sleep(100)
    return undefined
  }
  throw new EmbeddedError(
    `The embedded PostgreSQL did not start in ${data} (${state.ended ?? 'no answer'}).\n${said.trim().slice(-2000)}`,
  )
}

/** PostgreSQL cannot take port 0 itself: somebody else may take this one in between, so that the caller must be ready to try again. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string')
    throw new EmbeddedError('This machine gave no free port on 127.0.0.1.')
  return address.port
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // it ended by itself
  }
}
