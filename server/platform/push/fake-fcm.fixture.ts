import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { GoogleSpec, isObject } from '../../../test/google-spec.ts'

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

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

export class FakeFcm {
  readonly sent: SentMessage[] = []
  /** What was wrong with requests; stays empty where all are valid. */
  readonly problems: string[] = []
  /** Tokens of devices and what is answered for them; every other is taken. */
  readonly answers = new Map<string, Wanted>()
  /** For everybody; null is as `answers` has it. */
  mood: Wanted | null = null
  requests = 0
  signIns = 0
  /** Access tokens that hold. */
  readonly access = new Set<string>()
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'banister-fcm-'))
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      this.problems.push(String(error))
      response.writeHead(500).end()
    })
  })

  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
    const privateKey = this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' })
    const file = {
      type: 'service_account',
      project_id: 'test-project',
      client_email: 'push@test-project.iam.example.com',
      private_key: privateKey,
      token_uri: `${this.base}/token`,
    }
    writeFileSync(this.credentialsFile, JSON.stringify(file))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    await promise
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  get credentialsFile(): string {
    return path.join(this.#folder, 'credentials.json')
  }
  /** Settings for a house that pushes here. */
  get environment(): Record<string, string> {
    return { FIREBASE_CREDENTIALS_FILE: this.credentialsFile, FCM_API_BASE: this.base }
  }
  /** The tokens that were served, in their order. */
  get served(): string[] {
    return this.sent.map(({ token }) => token)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
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
    const form = new URLSearchParams(body)
    const [header = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const genuine = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      this.#keys.publicKey,
      Buffer.from(signature, 'base64url'),
    )
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as Record<string, unknown>
    const right =
      genuine &&
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      claims['iss'] === 'push@test-project.iam.example.com' &&
      claims['aud'] === `${this.base}/token` &&
      String(claims['scope']).includes('firebase.messaging')
    if (!right) {
      this.problems.push(`a sign-in with ${JSON.stringify(claims)}`)
      return json(response, 400, { error: 'invalid_grant', error_description: 'Invalid JWT' })
    }
    const token = `access-${this.signIns}`
    this.access.add(token)
    return json(response, 200, { access_token: token, expires_in: 3600, token_type: 'Bearer' })
  }
}

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
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
