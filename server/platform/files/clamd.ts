import { connect, type Socket } from 'node:net'
import { createCircuit, type Circuit } from '../circuit.ts'

export type Verdict = { infected: false } | { infected: true; what: string }

/** Looks for viruses in files. */
export interface Scanner {
  /** Errors where no verdict came: the scanner is down, slow, or refuses so large a file. */
  scan(bytes: AsyncIterable<Uint8Array>): Promise<Verdict>
  state(): { status: 'ok' | 'down'; detail?: string }
}

export type ClamdSettings = {
  host: string
  port: number
  now: () => Temporal.Instant
  /** Without a byte in either direction for so long it counts as dead. */
  idleMs?: number
  /** The whole scan may take so long. */
  wholeMs?: number
}

/** clamd refuses longer pieces than its StreamMaxLength; these are far below. */
const PIECE = 64 * 1024

/**
 * ClamAV's daemon over TCP: the command `INSTREAM` and pieces with their length before them (clamd(8)). After five failures in a row it is left alone for half a
 * minute, so that no upload waits for a dead one. clamd's `StreamMaxLength` must be at least the 25 MB of an upload.
 */
export function createClamd(settings: ClamdSettings): Scanner {
  const circuit: Circuit = createCircuit({ name: 'clamd', now: settings.now })
  let last: string | null = null
  return {
    scan: (bytes) =>
      circuit.run(async () => {
        try {
          const verdict = verdictOf(await ask(settings, bytes))
          last = null
          return verdict
        } catch (error) {
          last = error instanceof Error ? error.message : String(error)
          throw error
        }
      }),
    state: () =>
      circuit.state() === 'closed' && last === null ? { status: 'ok' } : { status: 'down', detail: last ?? 'resting' },
  }
}

/** `stream: OK`, `stream: Eicar-Test-Signature FOUND`, or an error. */
function verdictOf(answer: string): Verdict {
  const [, what, verdict] = /^stream: (?:(.+) )?(OK|FOUND)$/.exec(answer) ?? []
  if (verdict === 'OK' && what === undefined) return { infected: false }
  if (verdict === 'FOUND') return { infected: true, what: (what ?? 'unknown').slice(0, 200) }
  throw new Error(`clamd answered: ${answer.slice(0, 200)}`)
}

async function ask(
  { host, port, idleMs = 10_000, wholeMs = 60_000 }: ClamdSettings,
  bytes: AsyncIterable<Uint8Array>,
): Promise<string> {
  const socket = connect({ host, port })
  socket.setTimeout(idleMs, () => socket.destroy(new Error('clamd is silent')))
  const whole = setTimeout(() => socket.destroy(new Error('clamd takes too long')), wholeMs)
  const answer = answerOf(socket)
  // Whoever refuses a file may answer and hang up in the middle of it: the answer decides, not the broken pipe.
  const sending = send(socket, bytes).catch((error: unknown) => {
    if (!socket.destroyed) throw error
  })
  try {
    return await Promise.race([answer, sending.then(() => answer)])
  } finally {
    clearTimeout(whole)
    socket.destroy()
  }
}

function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1')
      if (text.length > 4096) socket.destroy(new Error('clamd answers too much'))
      if (text.includes('\0')) resolve(text.slice(0, text.indexOf('\0')).trim())
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('clamd hung up')))
  })
}

async function send(socket: Socket, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'))
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(piece.byteLength)
      await write(socket, Buffer.concat([length, piece]))
    }
  }
  await write(socket, Buffer.alloc(4))
}

/** One piece at a time: nothing is buffered without bound for a slow scanner. */
const write = (socket: Socket, data: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()))
  })
