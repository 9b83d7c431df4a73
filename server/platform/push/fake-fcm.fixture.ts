import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeGoogleServer, GoogleSpec, isObject, json } from '../../../test/google.ts'

/** A Firebase on loopback: signs in service accounts, checks every message against Google's description of the API, and answers what the test wants. */

/** What it is to answer for a token: with `hang` nothing at all. */
export type Wanted = {
  status?: number
  errorCode?: string
  field?: string
  retryAfter?: string
  hang?: boolean
  text?: string
}
export type SentMessage = { token: string; notification: { title: string; body: string } } & Record<string, unknown>

const spec = new GoogleSpec('fcm-v1.json')

/** What Firebase itself refuses beside the shapes. */
function ruleOf(message: Record<string, unknown>, size: number): string | null {
  if (['token', 'topic', 'condition'].filter((target) => target in message).length !== 1) return 'no single target'
  if (size > 4096) return `${size} bytes`
  const reserved = Object.keys(isObject(message['data']) ? message['data'] : {}).find((key) =>
    /^(?:from|message_type)$|^(?:google|gcm)/.test(key),
  )
  return reserved === undefined ? null : `data.${reserved} is reserved`
}

export class FakeFcm extends FakeGoogleServer {
  readonly sent: SentMessage[] = []
  /** Tokens of devices and what is answered for them; every other is taken. */
  readonly answers = new Map<string, Wanted>()
  /** For everybody; null is as `answers` has it. */
  mood: Wanted | null = null
  requests = 0
  signIns = 0
  /** Access tokens that hold. */
  readonly access = new Set<string>()

  constructor() {
    super('push')
  }

  /** Settings for a house that pushes here. */
  get environment(): Record<string, string> {
    return { FIREBASE_CREDENTIALS_FILE: this.credentialsFile, FCM_API_BASE: this.base }
  }
  /** The tokens that were served, in their order. */
  get served(): string[] {
    return this.sent.map(({ token }) => token)
  }

  protected answer(request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const body = bytes.toString('utf8')
    if (request.url === '/token') return this.#signIn(body, response)
    this.requests++
    if (request.url !== '/v1/projects/test-project/messages:send' || request.method !== 'POST') {
      this.problems.push(`${request.method} ${request.url}`)
      return json(response, 404, { error: { code: 404, status: 'NOT_FOUND', message: 'no such path' } })
    }
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (bearer === undefined || !this.access.has(bearer))
      return json(response, 401, { error: { code: 401, status: 'UNAUTHENTICATED', message: 'no access' } })
    const problem = this.#problemOf(body)
    if (problem !== null) {
      this.problems.push(problem)
      return json(response, 400, { error: { code: 400, status: 'INVALID_ARGUMENT', message: problem } })
    }
    const { message } = JSON.parse(body) as { message: SentMessage }
    const wanted = this.mood ?? this.answers.get(message.token)
    if (wanted) return refuse(response, wanted)
    this.sent.push(message)
    return json(response, 200, { name: `projects/test-project/messages/${this.sent.length}` })
  }

  #problemOf(body: string): string | null {
    const parsed = JSON.parse(body) as { message?: Record<string, unknown> }
    const shape = spec.problemOf(parsed, 'SendMessageRequest', 'request')
    return shape ?? ruleOf(parsed.message ?? {}, Buffer.byteLength(body))
  }

  #signIn(body: string, response: ServerResponse): void {
    this.signIns++
    if (!this.claimsOf(new URLSearchParams(body), 'firebase.messaging'))
      return json(response, 400, { error: 'invalid_grant', error_description: 'Invalid JWT' })
    const token = `access-${this.signIns}`
    this.access.add(token)
    return json(response, 200, { access_token: token, expires_in: 3600, token_type: 'Bearer' })
  }
}

const statuses: Record<number, string> = { 400: 'INVALID_ARGUMENT', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND' }

function refuse(response: ServerResponse, { status = 500, errorCode, field, retryAfter, hang, text }: Wanted): void {
  if (hang) return
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  if (text !== undefined) {
    response.writeHead(status, headers).end(text)
    return
  }
  const details = [
    ...(errorCode ? [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }] : []),
    ...(field
      ? [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description: 'bad' }] }]
      : []),
  ]
  json(
    response,
    status,
    { error: { code: status, status: statuses[status] ?? 'INTERNAL', message: 'No.', details } },
    headers,
  )
}

export async function startFcm(): Promise<FakeFcm> {
  const fcm = new FakeFcm()
  await fcm.start()
  return fcm
}
