import { WebSocket } from 'ws'
import type { Origin } from '../context.ts'
import type { Locale } from '../i18n/index.ts'
import type { Admission } from './credentials.ts'

/** Why a socket is closed; beside those of RFC 6455 section 7.4.1: 1001 the server stops, 1009 a frame is too large, 1011 our fault. */
export const closeCodes = {
  goingAway: 1001,
  internal: 1011,
  notSignedIn: 4401,
  notAllowed: 4403,
  tooSlow: 4408,
  tooMany: 4409,
  tooOften: 4429,
} as const

/** A frame of a client: as large as the longest message of a chat many times over. */
export const mostFrameBytes = 64 * 1024
/** From here on nothing more is written to a socket until its reader has caught up; what it is owed waits in the table. */
const fullBytes = 256 * 1024
/** Answers to its own frames are written still, up to here; a reader who asks and does not read is dropped. */
const overflowingBytes = 1024 * 1024
/** So long a full socket is waited for. */
const patienceMs = 5000

/** One open socket. */
export type Connection = {
  readonly ws: WebSocket
  readonly network: string
  readonly origin: Origin
  locale: Locale
  /** Null until it has shown who it is. */
  who: Admission | null
  /** The number of the last entry that it was sent. */
  sent: number
  /** Does it wait to hear where the client wants to go on from? */
  held: boolean
  isPumping: boolean
  resuming: { to: number; id: string | undefined } | null
  /** Heartbeats without an answer. */
  unanswered: number
  isWarned: boolean
  /** Frames that came in this minute. */
  frames: number
  /** Why we closed it, for the metrics. */
  reason: string
  readonly onSent: () => void
}

/** Everything the server says on the socket goes through here. A text that would overflow a reader who does not read drops it instead. */
export function send(connection: Connection, text: string): void {
  const { ws } = connection
  if (ws.readyState !== WebSocket.OPEN) return
  if (ws.bufferedAmount > overflowingBytes) return drop(connection)
  connection.onSent()
  ws.send(text)
}

export const isFull = ({ ws }: Connection): boolean => ws.bufferedAmount > fullBytes
export const isOpen = ({ ws }: Connection): boolean => ws.readyState === WebSocket.OPEN

/** Closes it and says why; whoever does not answer is cut off. */
export function close(connection: Connection, code: number, reason: string): void {
  const { ws } = connection
  if (ws.readyState === WebSocket.CLOSED || connection.reason !== '') return
  connection.reason = reason
  ws.close(code, reason)
  setTimeout(() => ws.terminate(), 3000).unref()
}

/** Cuts a reader off who is too slow. The close code waits behind all that was not read, so it may not arrive. */
function drop(connection: Connection): void {
  close(connection, closeCodes.tooSlow, 'too slow')
  setTimeout(() => connection.ws.terminate(), 500).unref()
}

/** Waits until a full socket has room again; false when it was dropped or has closed. */
export async function roomIn(connection: Connection): Promise<boolean> {
  const until = performance.now() + patienceMs
  while (isOpen(connection) && isFull(connection)) {
    if (performance.now() > until) {
      drop(connection)
      return false
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return isOpen(connection)
}
