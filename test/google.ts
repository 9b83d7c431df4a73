import { generateKeyPairSync, verify } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** What the Googles on loopback have in common: they sign in service accounts and check requests against Google's own descriptions of its APIs (discovery documents). */

type Schema = {
  $ref?: string
  readOnly?: boolean
  type?: string
  format?: string
  enum?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
}
type Method = {
  parameters?: Record<string, Schema>
  request?: { $ref: string }
  mediaUpload?: object
  supportsMediaDownload?: boolean
}
type Description = {
  parameters: Record<string, Schema>
  schemas: Record<string, Schema>
  resources: Record<string, { methods: Record<string, Method> }>
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const formats: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/,
  'google-duration': /^\d+(\.\d+)?s$/,
}

/** A description, where the folder of specifications stands beside the project; without it everything is right. */
export class GoogleSpec {
  readonly #description: Description | null

  constructor(name: string) {
    const file = new URL(`../../shared/specs/google/${name}`, import.meta.url)
    this.#description = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Description) : null
  }

  /** What is wrong with a value of a schema, in words. */
  problemOf(value: unknown, schema: string | Schema, at: string): string | null {
    if (!this.#description) return null
    const name = typeof schema === 'string' ? schema : schema.$ref
    const wanted = name === undefined ? (schema as Schema) : this.#description.schemas[name]
    return wanted ? this.#shapeProblem(value, wanted, at) : `${at} has an unknown shape`
  }

  #shapeProblem(value: unknown, schema: Schema, at: string): string | null {
    if (schema.type === 'any') return null
    if (schema.type === 'object' || schema.properties) return this.#objectProblem(value, schema, at)
    if (schema.type === 'array') {
      if (!Array.isArray(value)) return `${at} is no list`
      return value.map((one) => this.problemOf(one, schema.items ?? {}, at)).find((one) => one !== null) ?? null
    }
    if (schema.enum && !schema.enum.includes(String(value))) return `${at} is none of ${schema.enum.join(', ')}`
    if (schema.type === 'string' && typeof value !== 'string') return `${at} is no text`
    const format = formats[schema.format ?? '']
    if (format && !format.test(String(value))) return `${at} is no ${schema.format}`
    if (schema.type === 'integer' && !Number.isInteger(value)) return `${at} is no whole number`
    if (schema.type === 'boolean' && typeof value !== 'boolean') return `${at} is no boolean`
    return null
  }

  #objectProblem(value: unknown, schema: Schema, at: string): string | null {
    if (!isObject(value)) return `${at} is no object`
    for (const [name, inner] of Object.entries(value)) {
      const wanted = schema.properties?.[name] ?? schema.additionalProperties
      const writable = wanted && !wanted.readOnly
      const problem = writable ? this.problemOf(inner, wanted, `${at}.${name}`) : `${at}.${name} is no field to write`
      if (problem) return problem
    }
    return null
  }

  /** What is wrong with the query and the body of a call of a method such as `events.insert`, in words. */
  callProblem(id: string, query: URLSearchParams, body: unknown): string | null {
    if (!this.#description) return null
    const [resource = '', name = ''] = id.split('.')
    const method = this.#description.resources[resource]?.methods[name]
    if (!method) return `there is no method ${id}`
    const known: Record<string, Schema> = {
      ...this.#description.parameters,
      ...method.parameters,
      ...(method.mediaUpload ? { uploadType: {} } : {}),
      ...(method.supportsMediaDownload ? { alt: { enum: ['json', 'media'] } } : {}),
    }
    for (const [key, text] of query) {
      const problem = this.#parameterProblem(key, text, known[key])
      if (problem) return `${id}: ${problem}`
    }
    return method.request ? this.problemOf(body, method.request.$ref, id) : null
  }

  #parameterProblem(name: string, text: string, schema: Schema | undefined): string | null {
    if (!schema) return `there is no parameter ${name}`
    if (schema.type === 'boolean') return text === 'true' || text === 'false' ? null : `${name} is no boolean`
    return this.#shapeProblem(schema.type === 'integer' ? Number(text) : text, schema, name)
  }
}

/** A server on loopback that signs in a service account. */
export abstract class FakeGoogleServer {
  /** What was wrong with requests; stays empty where all are valid. */
  readonly problems: string[] = []
  readonly #name: string
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #folder: string
  readonly #server = createServer((request, response) => {
    this.#take(request, response).catch((error: unknown) => {
      this.problems.push(String(error))
      response.writeHead(500).end()
    })
  })

  /** `name` is that of the account. */
  constructor(name: string) {
    this.#name = name
    this.#folder = mkdtempSync(path.join(tmpdir(), `banister-${name}-`))
  }

  /** Answers a request. */
  protected abstract answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void | Promise<void>

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    await this.answer(request, Buffer.concat(parts), response)
  }

  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
    const file = {
      type: 'service_account',
      project_id: 'test-project',
      client_email: this.#email,
      private_key: this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
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
  get #email(): string {
    return `${this.#name}@test-project.iam.example.com`
  }

  /** What a service account says of itself when it signs in for a scope; null where the signature, the audience or the scope is not right, which is noted. */
  protected claimsOf(form: URLSearchParams, scope: string): Record<string, unknown> | null {
    const [header = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const signed = Buffer.from(`${header}.${payload}`)
    const genuine = verify('RSA-SHA256', signed, this.#keys.publicKey, Buffer.from(signature, 'base64url'))
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as Record<string, unknown>
    const right =
      genuine &&
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      claims['iss'] === this.#email &&
      claims['aud'] === `${this.base}/token` &&
      String(claims['scope']).includes(scope)
    if (!right) this.problems.push(`a sign-in with ${JSON.stringify(claims)}`)
    return right ? claims : null
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body?: object,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(body === undefined ? '' : JSON.stringify(body))
}

/** A refusal as Google's APIs of calendars and files tell it. */
export function refuse(response: ServerResponse, status: number, reason: string, message = 'No.'): void {
  json(response, status, { error: { code: status, message, errors: [{ domain: 'global', reason, message }] } })
}
