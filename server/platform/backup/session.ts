import { Socket } from 'node:net'
import { Client } from 'pg'

/** A connection of its own, beside the pool: a backup takes minutes and must not take a request's connection, nor end with a request's patience. */
export type Session = {
  client: Client
  /** Ends it at once, whatever it is in the middle of. */
  kill: () => void
  /** Ends it in good order. */
  end: () => Promise<void>
}

/**
 * What a value looks like as text depends on these: they are the same wherever a backup is written, read or compared. Scans begin at the beginning, so that the
 * same table is read in the same order.
 */
const settings = [
  'TimeZone=UTC',
  'DateStyle=ISO,YMD',
  'IntervalStyle=postgres',
  'extra_float_digits=1',
  'bytea_output=hex',
  'synchronize_seqscans=off',
  'statement_timeout=0',
  'lock_timeout=0',
  'idle_in_transaction_session_timeout=0',
]

/** Connects to a database for a backup or a restore. */
export async function openSession(url: string): Promise<Session> {
  const socket = new Socket()
  const client = new Client({
    connectionString: url,
    application_name: 'banister backup',
    connectionTimeoutMillis: 25_000,
    keepAlive: true,
    stream: () => socket,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
  })
  // One that is lost tells so by the next statement.
  client.on('error', () => undefined)
  const kill = (): void => {
    socket.destroy()
  }
  try {
    await client.connect()
  } catch (error) {
    kill()
    throw error
  }
  return { client, kill, end: () => client.end() }
}

/** The address of another database of the same server. */
export function urlOfDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(name)}`
  return other.href
}

/** The database that an address names; libpq takes the user's name where it names none. */
export function databaseIn(url: string): string {
  const { pathname, username } = new URL(url)
  return decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username)
}

/** A name as SQL takes it, whatever is in it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
