import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A Google Drive on loopback: one folder, checked against Google's description of the API, with resumable uploads, and what the test wants to go wrong. */

type Schema = { properties?: Record<string, { type?: string; readOnly?: boolean }> }
type Method = { path: string; httpMethod: string; parameters?: Record<string, unknown>; mediaUpload?: object }
const specification = new URL('../../../../shared/specs/google/drive-v3.json', import.meta.url)
const described = existsSync(specification)
  ? (JSON.parse(readFileSync(specification, 'utf8')) as {
      parameters: Record<string, unknown>
      schemas: Record<string, Schema>
      resources: { files: { methods: Record<string, Method> } }
    })
  : null

/** What goes wrong: with the n-th request (counted from 1) whose method and path begin so. */
export type Trouble = {
  at: string
  nth: number
  status?: number
  reason?: string
  hang?: boolean
  forget?: boolean
  swallow?: boolean
}
type Kept = { id: string; name: string; bytes: Buffer }
type Upload = { name: string; size: number; bytes: Buffer }

export class FakeDrive {
  readonly files = new Map<string, Kept>()
  readonly uploads = new Map<string, Upload>()
  /** What was wrong with requests; stays empty where all are valid. */
  readonly problems: string[] = []
  troubles: Trouble[] = []
  signIns = 0
  /** Requests by method and path without ids. */
  readonly seen: string[] = []
  /** The token that holds. */
  access = ''
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'banister-drive-'))
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
    const file = {
      type: 'service_account',
      project_id: 'test-project',
      client_email: 'backup@test-project.iam.example.com',
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
  get names(): string[] {
    return [...this.files.values()].map(({ name }) => name).toSorted()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const url = new URL(request.url!, this.base)
    if (url.pathname === '/token') return this.#signIn(body.toString(), response)
    const kind = `${request.method} ${url.pathname.replace(/\/files\/[^/]+$/, '/files/ID').replace(/\/session\/.*/, '/session')}`
    this.seen.push(kind)
    const nth = this.seen.filter((one) => one === kind).length
    const trouble = this.troubles.find((one) => kind.startsWith(one.at) && one.nth === nth)
    if (trouble?.hang) return
    if (trouble?.forget) this.uploads.clear()
    if (trouble?.status) return refuse(response, trouble.status, trouble.reason ?? 'backendError')
    if (url.pathname.startsWith('/session/')) return this.#receive(request, url, body, response, trouble)
    if (request.headers.authorization !== `Bearer ${this.access}`) return refuse(response, 401, 'authError')
    this.#check(request, url, body)
    if (kind === 'POST /upload/drive/v3/files') return this.#begin(request, body, response)
    if (kind === 'GET /drive/v3/files') return this.#list(url, response)
    const id = url.pathname.split('/').at(-1)!
    if (id === 'folder-1') return json(response, 200, { id })
    const file = this.files.get(id)
    if (!file) return refuse(response, 404, 'notFound')
    if (request.method === 'DELETE') {
      this.files.delete(id)
      response.writeHead(204).end()
      return
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file.bytes)
  }

  /** Is it a method of the description, with parameters and fields that it knows? */
  #check(request: IncomingMessage, url: URL, body: Buffer): void {
    if (!described) return
    const name =
      request.method === 'POST'
        ? 'create'
        : request.method === 'DELETE'
          ? 'delete'
          : url.pathname.endsWith('/files')
            ? 'list'
            : 'get'
    const method = described.resources.files.methods[name]!
    const known = { ...described.parameters, ...method.parameters, ...(method.mediaUpload ? { uploadType: {} } : {}) }
    for (const parameter of url.searchParams.keys())
      if (!(parameter in known)) this.problems.push(`${name} has no parameter ${parameter}`)
    if (request.method !== 'POST') return
    for (const [field, value] of Object.entries(JSON.parse(body.toString()) as object)) {
      const property = described.schemas['File']!.properties?.[field]
      if (!property || property.readOnly) this.problems.push(`File has no field ${field} to write`)
      else if ((property.type === 'array') !== Array.isArray(value))
        this.problems.push(`${field} is no ${property.type}`)
    }
  }

  #begin(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { name, parents } = JSON.parse(body.toString()) as { name: string; parents: string[] }
    if (parents.join() !== 'folder-1') this.problems.push('not in the folder')
    const id = randomUUID()
    this.uploads.set(id, { name, size: Number(request.headers['x-upload-content-length']), bytes: Buffer.alloc(0) })
    response.writeHead(200, { location: `${this.base}/session/${id}` }).end()
  }

  #receive(request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse, trouble?: Trouble): void {
    if (request.headers.authorization) this.problems.push('a token went to the address of an upload')
    const id = url.pathname.split('/').at(-1)!
    const upload = this.uploads.get(id)
    if (!upload) return refuse(response, 404, 'notFound')
    const [, from, to, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(request.headers['content-range'] ?? '') ?? []
    if (Number(total) !== upload.size) this.problems.push('another size')
    if (from !== undefined) {
      if (Number(from) !== upload.bytes.length)
        this.problems.push(`bytes from ${from}, ${upload.bytes.length} are here`)
      if (Number(to) + 1 < upload.size && body.length % (256 * 1024) !== 0) this.problems.push('a part of an odd size')
      // Google may have taken a part of what was sent before the connection was lost.
      upload.bytes = Buffer.concat([upload.bytes, trouble?.swallow ? body.subarray(0, 256 * 1024) : body])
      if (trouble?.swallow) return refuse(response, 503, 'backendError')
    }
    if (upload.bytes.length < upload.size) {
      const range = upload.bytes.length > 0 ? { range: `bytes=0-${upload.bytes.length - 1}` } : {}
      response.writeHead(308, range).end()
      return
    }
    this.uploads.delete(id)
    this.files.set(id, { id, name: upload.name, bytes: upload.bytes })
    json(response, 200, described ? viewOf(this.files.get(id)!) : {})
  }

  #list(url: URL, response: ServerResponse): void {
    const q = url.searchParams.get('q') ?? ''
    if (!q.startsWith(`'folder-1' in parents and trashed = false`)) this.problems.push(`a search for ${q}`)
    const name = / and name = '([^']+)'$/.exec(q)?.[1]
    const all = [...this.files.values()].filter((file) => name === undefined || file.name === name)
    const from = Number(url.searchParams.get('pageToken') ?? 0)
    const page = all.slice(from, from + 2)
    const next = from + 2 < all.length ? { nextPageToken: String(from + 2) } : {}
    json(response, 200, { files: page.map(viewOf), ...next })
  }

  #signIn(body: string, response: ServerResponse): void {
    this.signIns++
    const [, payload = ''] = (new URLSearchParams(body).get('assertion') ?? '').split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as Record<string, unknown>
    if (claims['scope'] !== 'https://www.googleapis.com/auth/drive')
      this.problems.push(`the scope ${String(claims['scope'])}`)
    this.access = `access-${this.signIns}`
    json(response, 200, { access_token: this.access, expires_in: 3600, token_type: 'Bearer' })
  }
}

const viewOf = ({ id, name, bytes }: Kept) => ({
  id,
  name,
  size: String(bytes.length),
  sha256Checksum: createHash('sha256').update(bytes).digest('hex'),
})

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  json(response, status, {
    error: { code: status, message: 'No.', errors: [{ reason, domain: 'global', message: 'No.' }] },
  })
}

export async function startDrive(): Promise<FakeDrive> {
  const drive = new FakeDrive()
  await drive.start()
  return drive
}
