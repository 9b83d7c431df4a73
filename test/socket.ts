import { once } from 'node:events'
import { WebSocket, type ClientOptions } from 'ws'

type Json = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- a frame, as a client sees it

export type Credentials = { token?: string; ticket?: string; seq?: number; header?: string }

/** A client of the socket, as a test drives it. */
export type Client = {
  ws: WebSocket
  /** Every frame so far, in its order. */
  heard: Json[]
  /** The next frame that was not taken yet, or the next of a type; what comes before it is passed over. */
  next: (type?: string) => Promise<Json>
  say: (frame: object | string) => void
  /** Sends a frame and answers the data of its ack. @throws Refused */
  ask: (frame: Json) => Promise<Json>
  /** How it was closed. */
  closed: Promise<{ code: number; reason: string }>
  close: () => Promise<unknown>
}

/** A frame that was refused, with the error as it was told. */
export class Refused extends Error {
  readonly error: Json
  constructor(error: Json) {
    super(`${error['error_number']}: ${error['error_message']}`)
    this.error = error
  }
}

const patienceMs = 30_000

/** Opens a socket at `base` (`http://127.0.0.1:1234`); with credentials it waits for `hello`. @throws Error with the status of a refused handshake */
export async function connect(
  base: string,
  credentials: Credentials = {},
  options: ClientOptions = {},
): Promise<Client> {
  const query = new URLSearchParams()
  if (credentials.token !== undefined) query.set('token', credentials.token)
  if (credentials.ticket !== undefined) query.set('ticket', credentials.ticket)
  if (credentials.seq !== undefined) query.set('seq', String(credentials.seq))
  const headers = credentials.header === undefined ? {} : { authorization: credentials.header }
  const ws = new WebSocket(`${base.replace(/^http/, 'ws')}/ws/chat/?${query.toString()}`, { headers, ...options })
  const client = clientOf(ws)
  const refused = new Promise<never>((_, reject) => {
    ws.once('unexpected-response', (_request, response) => {
      reject(new Error(`handshake ${response.statusCode}`))
      ws.terminate()
    })
    ws.once('error', reject)
  })
  await Promise.race([once(ws, 'open'), refused])
  refused.catch(() => undefined)
  if (credentials.token ?? credentials.ticket ?? credentials.header) await client.next('hello')
  return client
}

function clientOf(ws: WebSocket): Client {
  const heard: Json[] = []
  const waiting = new Set<() => void>()
  let taken = 0
  let asked = 0
  let end: { code: number; reason: string } | null = null
  ws.on('message', (data: Buffer) => {
    heard.push(JSON.parse(data.toString()) as Json)
    for (const look of waiting) look()
  })
  ws.on('error', () => undefined)
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code: number, reason: Buffer) => {
      end = { code, reason: reason.toString() }
      resolve(end)
      for (const look of waiting) look()
    })
  })
  /** Waits for what `find` finds; it looks again with each frame. */
  const waitFor = async <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const look = (): void => {
        const found = find()
        if (found !== undefined) {
          done()
          resolve(found)
        } else if (end) {
          done()
          reject(
            new Error(
              `closed with ${end.code} ${end.reason} while waiting for ${what}; last ${JSON.stringify(heard.at(-1))}`,
            ),
          )
        }
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error(`no ${what} came; last ${JSON.stringify(heard.at(-1))}`))
      }, patienceMs)
      waiting.add(look)
      look()
    })
  const next: Client['next'] = (type) =>
    waitFor(() => {
      while (taken < heard.length) {
        const frame = heard[taken++]!
        if (type === undefined || frame['type'] === type) return frame
      }
      return undefined
    }, type ?? 'frame')
  const say: Client['say'] = (frame) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  const ask: Client['ask'] = async (frame) => {
    const id = String(frame['id'] ?? `a${++asked}`)
    say({ ...frame, id })
    const answer = await waitFor(
      () => heard.find((one) => one['id'] === id && (one['type'] === 'ack' || one['type'] === 'error')),
      `answer to ${String(frame['type'])}`,
    )
    if (answer['type'] === 'error') throw new Refused(answer['error'] as Json)
    return answer['data'] as Json
  }
  const close = (): Promise<unknown> => {
    ws.close()
    return closed
  }
  return { ws, heard, next, say, ask, closed, close }
}
