import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeGoogleServer, GoogleSpec, json, refuse } from '../../../test/google.ts'

/** A Google Drive on loopback: one folder, checked against Google's description of the API, with resumable uploads, and what the test wants to go wrong. */

const spec = new GoogleSpec('drive-v3.json')

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

export class FakeDrive extends FakeGoogleServer {
  readonly files = new Map<string, Kept>()
  readonly uploads = new Map<string, Upload>()
  troubles: Trouble[] = []
  signIns = 0
  /** Requests by method and path without ids. */
  readonly seen: string[] = []
  /** The token that holds. */
  access = ''

  constructor() {
    super('backup')
  }

  get names(): string[] {
    return [...this.files.values()].map(({ name }) => name).toSorted()
  }

  protected answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
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
  #check({ method }: IncomingMessage, { pathname, searchParams }: URL, body: Buffer): void {
    const names: Record<string, string> = {
      POST: 'create',
      DELETE: 'delete',
      GET: pathname.endsWith('/files') ? 'list' : 'get',
    }
    const said: unknown = method === 'POST' ? JSON.parse(body.toString()) : undefined
    const problem = spec.callProblem(`files.${names[method ?? '']}`, searchParams, said)
    if (problem) this.problems.push(problem)
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
    json(response, 200, viewOf(this.files.get(id)!))
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
    if (!this.claimsOf(new URLSearchParams(body), 'https://www.googleapis.com/auth/drive'))
      return json(response, 400, { error: 'invalid_grant' })
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

export async function startDrive(): Promise<FakeDrive> {
  const drive = new FakeDrive()
  await drive.start()
  return drive
}
