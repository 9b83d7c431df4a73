import { lookup as lookUp, Resolver, type LookupAddress } from 'node:dns'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isReachable, type Reach } from './address.ts'

/** Why there is no answer, in words that do not change. */
export type PostProblem = 'timeout' | 'dns' | 'refused_address' | 'refused' | 'tls' | 'connection'

export type PostResult =
  | { status: number; headers: IncomingMessage['headers']; body: string }
  | { problem: PostProblem }

/** What finds the addresses of a name, as `dns.lookup` with `all` does. */
export type Resolve = (name: string, done: (error: Error | null, found: LookupAddress[]) => void) => void

export type Post = {
  url: URL
  headers: Record<string, string>
  body: string
  /** For all of it: finding the name, connecting, sending, and the answer. */
  timeoutMs: number
  /** So many bytes of the answer are read; then the connection ends. */
  maxBytes: number
  reach: Reach
  resolve?: Resolve
}

class AddressRefused extends Error {}

/** As everything else on this machine finds names, by its own files too. */
const system: Resolve = (name, done) => lookUp(name, { all: true, verbatim: true }, done)

/**
 * By DNS alone, and not in the pool of threads where passwords are hashed and files read: names of strangers may take as long to find as these want. Two tries of
 * two seconds each.
 */
const byDns: Resolve = (name, done) => {
  if (/(?:^|\.)localhost\.?$/i.test(name)) return done(null, [{ address: '127.0.0.1', family: 4 }])
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  const found: LookupAddress[] = []
  let left = 2
  const take =
    (family: 4 | 6) =>
    (error: Error | null, addresses: string[] = []): void => {
      found.push(...addresses.map((address) => ({ address, family })))
      if (--left > 0) return
      if (found.length > 0) done(null, found)
      else done(error ?? new Error('no address'), [])
    }
  resolver.resolve4(name, take(4))
  resolver.resolve6(name, take(6))
}

/**
 * Posts to where a stranger wants us to, so that this cannot be used to reach what only we can (SSRF): the very addresses that are connected to are looked at, so
 * a name that is another one the next moment (DNS rebinding) is of no use; a name with one address inside is refused whole; no redirect is followed; no
 * connection is kept. Never throws for what the other side does.
 */
export async function post({
  url,
  headers,
  body,
  timeoutMs,
  maxBytes,
  reach,
  resolve = reach === 'any' ? system : byDns,
}: Post): Promise<PostResult> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // A literal address is connected to without any looking up.
  if (isIP(host) !== 0 && !isReachable(host, reach)) return { problem: 'refused_address' }
  const bytes = Buffer.from(body)
  const { promise, resolve: settle } = Promise.withResolvers<PostResult>()
  let received: IncomingMessage | null = null
  const chunks: Buffer[] = []
  let size = 0
  const answered = (): void => {
    if (!received) return
    const text = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8')
    settle({ status: received.statusCode ?? 0, headers: received.headers, body: text })
  }
  const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    agent: false,
    lookup: guarded(reach, resolve),
    headers: { ...headers, 'content-length': String(bytes.length), 'accept-encoding': 'identity', connection: 'close' },
  })
  const timer = setTimeout(() => {
    // Whoever has said how it went and then goes on talking has said it.
    if (received) answered()
    else settle({ problem: 'timeout' })
    outgoing.destroy()
  }, timeoutMs)
  outgoing.on('response', (response) => {
    received = response
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size < maxBytes) return
      answered()
      outgoing.destroy()
    })
    response.on('end', answered)
    response.on('close', answered)
    response.on('error', answered)
  })
  outgoing.on('error', (error) => (received ? answered() : settle({ problem: problemOf(error) })))
  outgoing.on('close', () => (received ? answered() : settle({ problem: 'connection' })))
  outgoing.end(bytes)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** A lookup that gives away only addresses that may be called. */
const guarded =
  (reach: Reach, resolve: Resolve): LookupFunction =>
  (name, options, done) => {
    resolve(name, (error, found) => {
      const [first] = found ?? []
      if (error || !first) return done(error ?? Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 4)
      if (found.some(({ address }) => !isReachable(address, reach))) return done(new AddressRefused(), '', 4)
      if (options.all) return done(null, found)
      return done(null, first.address, first.family)
    })
  }

function problemOf(error: Error): PostProblem {
  // Of several addresses that were tried, the first tells why.
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error
  if (cause instanceof AddressRefused) return 'refused_address'
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (/^(ENOTFOUND|EAI_|ENODATA|ENONAME|ESERVFAIL|EREFUSED|EBADNAME|EBADRESP|EDNS)/.test(code)) return 'dns'
  // Of the server of names.
  if (cause instanceof Error && 'syscall' in cause && String(cause.syscall).startsWith('query')) return 'dns'
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ETIMEDOUT') return 'timeout'
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|EPROTO|ERR_OSSL)/.test(code)) return 'tls'
  return 'connection'
}
