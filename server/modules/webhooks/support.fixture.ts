import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import type { Answer, House, Person } from '../../../test/support.ts'

export type Json = Answer['body']
export type Received = { path: string; headers: IncomingHttpHeaders; body: string; json: Json }
/** What a path answers: a status with headers and a text, or whatever the test does itself. */
export type Mood =
  | { status: number; headers?: Record<string, string>; text?: string }
  | ((response: ServerResponse, nth: number) => void)

/** Who receives webhooks: a server on loopback that keeps what comes and answers by path what the test wants, else 204. */
export class Receiver {
  readonly received: Received[] = []
  readonly moods = new Map<string, Mood>()
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      const body = Buffer.concat(chunks).toString('utf8')
      this.received.push({ path, headers: request.headers, body, json: JSON.parse(body) as Json })
      const mood = this.moods.get(path) ?? { status: 204 }
      if (typeof mood === 'function') mood(response, this.at(path).length)
      else response.writeHead(mood.status, mood.headers).end(mood.text)
    })
  })

  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
  }
  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`
  }
  /** What came at a path. */
  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path)
  }
}

export async function openReceiver(): Promise<Receiver> {
  const receiver = new Receiver()
  await receiver.start()
  after(() => receiver.stop())
  return receiver
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
/** Calls the API of webhooks as somebody. */
export const askerFor =
  (house: House) =>
  (method: Method, path: string, { token }: Person, json?: object): Promise<Answer> =>
    house.call(method, `/api/v1/webhooks/${path}`, { token, ...(json ? { json } : {}) })

/** Registers an endpoint and answers it with its secret. */
export async function register(house: House, who: Person, url: string, fields: Json = {}): Promise<Json> {
  const made = await askerFor(house)('POST', 'endpoints/', who, { url, event_types: ['*'], ...fields })
  assert.equal(made.status, 201, made.text)
  return made.body['data']
}

/** The log of an endpoint, newest first. */
export async function logOf(house: House, who: Person, endpoint: Json, query = ''): Promise<Json[]> {
  const answer = await askerFor(house)('GET', `endpoints/${endpoint['id']}/deliveries/${query}`, who)
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data'].results
}

/** Was this signed with the secret, as a receiver checks it (docs/guides/webhooks.md)? */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const wanted = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return String(headers['webhook-signature']).split(' ').includes(wanted)
}

/** Sends what is due now, as the job of each minute does. */
export const deliver = (house: Pick<House, 'house'>): Promise<void> => house.house.jobs.run('webhooks.deliver')
