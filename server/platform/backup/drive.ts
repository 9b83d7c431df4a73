import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadableStream } from 'node:stream/web'
import type { Credentials } from '../push/credentials.ts'
import { signInAccount } from '../service-account.ts'
import type { Place, SealedFile } from './place.ts'

export type DriveOptions = {
  credentials: Credentials
  /** GOOGLE_API_BASE */
  base: string
  /** The id of the folder; a service account has no room of its own, so it lies in a shared drive. */
  folder: string
  /** How long one request may take, in milliseconds. */
  timeoutMs?: number
  /** The first of the growing pauses before a request is tried again, in milliseconds. */
  pauseMs?: number
}

type DriveFile = { id: string; name: string; size?: string; sha256Checksum?: string }

const scope = 'https://www.googleapis.com/auth/drive'
/** Google takes parts of a whole number of 256 KiB. */
const partBytes = 8 * 1024 * 1024
const mostTries = 5
const query = (params: Record<string, string>): string => new URLSearchParams(params).toString()

/** What Google answered badly, in words for an operator; `passes` where trying again may help. */
class DriveFailed extends Error {
  readonly passes: boolean
  readonly status: number
  constructor(message: string, status: number, passes: boolean) {
    super(message)
    this.name = 'DriveFailed'
    this.status = status
    this.passes = passes
  }
}

/** A folder of Google Drive as a place (API v3): resumable uploads in parts of 8 MiB, of which only what is missing is sent again. */
export function createDrivePlace(options: DriveOptions): Place {
  const { credentials, base, folder, timeoutMs = 60_000, pauseMs = 1000 } = options
  const signIn = () => signInAccount(credentials, { scopes: [scope], timeoutMs })
  let client = signIn()

  const ask = async (url: string, init: RequestInit = {}, signed = true): Promise<Response> => {
    const send = async (): Promise<Response> => {
      const headers = new Headers(init.headers)
      if (signed) headers.set('authorization', `Bearer ${(await client.getAccessToken()).token}`)
      return fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    }
    let response: Response
    try {
      response = await send()
      if (response.status === 401 && signed) {
        // The library keeps a token until it expires, also one that was withdrawn.
        client = signIn()
        response = await send()
      }
    } catch (error) {
      const { cause } = error as Error
      throw new DriveFailed(`no answer: ${cause instanceof Error ? cause.message : (error as Error).message}`, 0, true)
    }
    if (response.ok || response.status === 308) return response
    throw await failureOf(response)
  }

  /** Tries what may be repeated again after growing pauses. */
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof DriveFailed) || !error.passes || tries === mostTries) throw named(error)
        await sleep(pauseMs * 2 ** (tries - 1))
      }
    }
  }
  const files = (params: Record<string, string>, id = ''): string =>
    `${base}/drive/v3/files${id === '' ? '' : `/${encodeURIComponent(id)}`}?${query({ supportsAllDrives: 'true', ...params })}`

  async function* pages(q: string): AsyncGenerator<DriveFile> {
    let pageToken = ''
    do {
      const params = {
        q: `'${folder}' in parents and trashed = false${q}`,
        fields: 'nextPageToken,files(id,name,size,sha256Checksum)',
        pageSize: '1000',
        includeItemsFromAllDrives: 'true',
        ...(pageToken === '' ? {} : { pageToken }),
      }
      const page = (await patiently(async () => (await ask(files(params))).json())) as {
        files?: DriveFile[]
        nextPageToken?: string
      }
      yield* page.files ?? []
      pageToken = page.nextPageToken ?? ''
    } while (pageToken !== '')
  }
  /** Names are ours and have no quotes; Drive allows several files of one name. */
  const called = (key: string): Promise<DriveFile[]> => Array.fromAsync(pages(` and name = '${key}'`))

  const begin = async (key: string, size: number): Promise<string> => {
    const url = `${base}/upload/drive/v3/files?${query({ uploadType: 'resumable', supportsAllDrives: 'true', fields: 'id,size,sha256Checksum' })}`
    const response = await ask(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'x-upload-content-type': 'application/octet-stream',
        'x-upload-content-length': String(size),
      },
      body: JSON.stringify({ name: key, parents: [folder], mimeType: 'application/octet-stream' }),
    })
    const session = response.headers.get('location')
    if (!session) throw new DriveFailed('the upload was given no address', response.status, false)
    return session
  }

  /** Sends the bytes from a position on; answers the file once Google has all of them, else how many it has. */
  const send = async (session: string, handle: FileHandle, size: number, from: number) => {
    const length = Math.min(partBytes, size - from)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, from)
    const range = `bytes ${from}-${from + length - 1}/${size}`
    return stateOf(
      await ask(session, { method: 'PUT', headers: { 'content-range': range }, body: new Uint8Array(buffer) }, false),
    )
  }

  const upload = async (key: string, file: SealedFile): Promise<DriveFile> => {
    const handle = await open(file.path, 'r')
    try {
      const session = await patiently(() => begin(key, file.size))
      let from = 0
      let unsure = false
      for (let failures = 0; ;) {
        try {
          // After a failure only Google knows what it has.
          const range = { 'content-range': `bytes */${file.size}` }
          const state = unsure
            ? await stateOf(await ask(session, { method: 'PUT', headers: range }, false))
            : await send(session, handle, file.size, from)
          if ('file' in state) return state.file
          if (!unsure && state.has > from) failures = 0
          from = state.has
          unsure = false
        } catch (error) {
          if (!(error instanceof DriveFailed) || !error.passes || ++failures === mostTries) throw error
          unsure = true
          await sleep(pauseMs * 2 ** (failures - 1))
        }
      }
    } finally {
      await handle.close()
    }
  }

  return {
    name: `Google Drive folder ${folder}`,
    async prepare() {
      await patiently(() => ask(files({ fields: 'id' }, folder)))
    },
    async put(key, file) {
      const before = await called(key)
      let made: DriveFile
      try {
        made = await upload(key, file)
      } catch (error) {
        // Google forgets an upload that it began; another one is begun once.
        if (!(error instanceof DriveFailed) || (error.status !== 404 && error.status !== 410)) throw named(error)
        made = await upload(key, file).catch((again: unknown) => Promise.reject(named(again)))
      }
      if (Number(made.size) !== file.size || (made.sha256Checksum ?? file.sha256) !== file.sha256)
        throw new Error(`Google Drive has other bytes of ${key} than were sent`)
      for (const { id } of before) await patiently(() => removed(id))
    },
    async get(key) {
      const [found] = await called(key)
      if (!found) return null
      const response = await patiently(() => ask(files({ alt: 'media' }, found.id)))
      return Readable.fromWeb(response.body as ReadableStream)
    },
    async *list(prefix) {
      for await (const { name, size } of pages(''))
        if (name.startsWith(prefix)) yield { key: name, size: Number(size ?? 0) }
    },
    async delete(key) {
      for (const { id } of await called(key)) await patiently(() => removed(id))
    },
  }

  async function removed(id: string): Promise<void> {
    try {
      await ask(files({}, id), { method: 'DELETE' })
    } catch (error) {
      if (!(error instanceof DriveFailed && error.status === 404)) throw error
    }
  }
}

/** What an upload has come to: the file, or how many bytes Google has (the header Range of a 308). */
async function stateOf(response: Response): Promise<{ file: DriveFile } | { has: number }> {
  if (response.status !== 308) return { file: (await response.json()) as DriveFile }
  const last = /bytes=0-(\d+)/.exec(response.headers.get('range') ?? '')?.[1]
  return { has: last === undefined ? 0 : Number(last) + 1 }
}

const named = (error: unknown): unknown =>
  error instanceof DriveFailed ? new Error(`Google Drive: ${error.message}`, { cause: error }) : error

/** Google's own words (`error.message` and the first reason), without what we sent. */
async function failureOf(response: Response): Promise<DriveFailed> {
  const text = await response.text().catch(() => '')
  let reason = ''
  let message = ''
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; errors?: { reason?: string }[] } }
    reason = error?.errors?.[0]?.reason ?? ''
    message = error?.message ?? ''
  } catch {
    // A page instead of JSON says nothing for people.
  }
  const { status } = response
  const passes = status === 429 || status >= 500 || /rateLimitExceeded/i.test(reason)
  return new DriveFailed(
    [status, reason, message.slice(0, 300)].filter((part) => part !== '').join(' '),
    status,
    passes,
  )
}
