import { createHash, hash, randomUUID } from 'node:crypto'
import stringifierOf from 'fast-json-stringify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { inTransaction, type Isolation } from '../db/transaction.ts'
import { AppError } from '../errors.ts'
import { translate } from '../i18n/index.ts'
import { bodyOf } from './same-body.ts'
import { sendTable, tableWanted, varyByAccept } from './table.ts'
import { failureBody } from './envelope.ts'
import { checkKey, fingerprintOf, withBusinessKey, withIdempotency, type Answer } from './idempotency.ts'
import { mayCall, type AnyOperation, type Input } from './operation.ts'
import { links, type Page, type PageRequest } from './page.ts'
import { recordRefusal } from './refusals.ts'
import { forWhoAsks } from './gate.ts'
import { apiPrefix, contextOf, type People } from './request.ts'
import { listOf, success } from './shapes.ts'
import { checkBody } from './validation.ts'

/** Addresses of private files are new at every look; the thing that bears them is not. */
const privateLinks = /(\/files\/private\/\d+\/)[\w.-]+/g

/** The tag of an answer; where it bears links of private files, that of the thing and that of the links. */
function etagOf(body: string | Buffer, bytes = body): string {
  const whole = hash('sha1', bytes, 'base64url')
  if (!body.includes('/files/private/')) return `"${whole}"`
  return `"${hash('sha1', body.toString().replace(privateLinks, '$1'), 'base64url')}~${whole}"`
}

/** The tag of the thing alone: what If-Match is about. */
const thingOf = (etag: string): string => etag.replace(/~[\w-]+"/g, '"')

const matches = (header: string, etag: string): boolean =>
  header === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

const inputOf = (request: FastifyRequest, reply: FastifyReply): Input<never, never, never> => ({
  body: request.body as never,
  query: request.query as never,
  params: request.params as never,
  request,
  reply,
  // Few ask for it, and it costs a fiftieth of a small answer.
  get wish() {
    return wishOf(request)
  },
})

const wishes = new WeakMap<FastifyRequest, string>()

/** One wish of one person: of an Idempotency-Key it is always the same, so that what is named by it is done once; without one every request is its own. */
function wishOf(request: FastifyRequest): string {
  const known = wishes.get(request)
  if (known) return known
  const key = request.headers['idempotency-key']
  const { actor, origin } = contextOf(request)
  const who = actor ? `user:${actor.userId}` : `address:${origin?.address ?? ''}`
  const path = new URL(request.url, 'http://localhost').pathname.replace(/\/+$/, '')
  const wish =
    typeof key === 'string' && key !== ''
      ? createHash('sha256').update([who, request.method, path, key].join('\0')).digest('base64url')
      : randomUUID()
  wishes.set(request, wish)
  return wish
}

/** The answer of an operation, serialized by its own shape. */
async function answerOf(
  ctx: Context,
  operation: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const data = await operation.run(ctx, inputOf(request, reply))
  const status = operation.status ?? 200
  const { message, params } =
    typeof operation.message === 'string'
      ? { message: operation.message, params: undefined }
      : operation.message(data as never)
  const envelope = { success: true, message: translate(ctx.locale, message, params) }
  if (!operation.list) {
    const payload = { ...envelope, data }
    return { status, body: operation.exact ? JSON.stringify(payload) : stringifierFor(operation)(payload) }
  }
  const page = data as Page<unknown>
  const around = pageBody(ctx, page, request)
  if (!operation.exact)
    return { status, body: stringifierFor(operation)({ ...envelope, data: { results: page.results, ...around } }) }
  if (!page.written)
    return { status, body: JSON.stringify({ ...envelope, data: { results: page.results, ...around } }) }
  // One place looks like this: within texts, quotes are escaped.
  const [before, after] = JSON.stringify({ ...envelope, data: { results: null, ...around } }).split('"results":null')
  const key = `${ctx.locale} ${request.originalUrl}`
  const { bytes, etag } = bodyOf(key, `${before}"results":`, page.written, after!, etagOf)
  return { status, body: bytes, etag }
}

/** What is told of a page beside its results. */
function pageBody(ctx: Context, { count, countAsOf }: Page<unknown>, request: FastifyRequest): object {
  const { next, previous } = links(
    ctx.house.config.PUBLIC_URL,
    request.originalUrl,
    request.query as PageRequest,
    count,
  )
  return { count, ...(countAsOf ? { count_as_of: countAsOf.toString() } : {}), next, previous }
}

const stringifiers = new WeakMap<AnyOperation, (payload: unknown) => string>()

/** How an operation writes its answer: only the fields of its shape. Made at the first answer, so that the start stays quick. */
function stringifierFor(operation: AnyOperation): (payload: unknown) => string {
  let stringify = stringifiers.get(operation)
  if (!stringify) {
    stringify = stringifierOf(success(operation.list ? listOf(operation.data) : operation.data) as never) as (
      payload: unknown,
    ) => string
    stringifiers.set(operation, stringify)
  }
  return stringify
}

/** `/services/{id}/` as the router writes it. */
const routeOf = (path: string): string => apiPrefix + path.replaceAll(/\{(\w+)\}/g, ':$1')

/** Makes the route of an operation: its validation, its one service call, its answer. */
export function addOperation(app: FastifyInstance, operation: AnyOperation, people: People): void {
  const {
    method,
    path,
    who,
    limit,
    files,
    params,
    query,
    body,
    check,
    raw,
    withoutSecondFactor,
    orBody,
    recalls,
    contentType,
  } = operation
  app.operations.push(operation)
  app.route({
    method,
    url: routeOf(path),
    config: {
      who,
      // A text of its own type may have been sent before it is known to whom.
      recalls: who !== 'public' && (method === 'GET' || recalls === true) && contentType === undefined,
      ...(limit ? { limit } : {}),
      ...(raw ? { raw } : {}),
      ...(withoutSecondFactor ? { withoutSecondFactor } : {}),
      ...(orBody ? { orBody: true } : {}),
      files,
      check,
    },
    schema: {
      ...(params ? { params } : {}),
      ...(query ? { querystring: query } : {}),
      ...(body && !files ? { body } : {}),
    },
    handler: async (request, reply) => {
      const work = (): Promise<() => FastifyReply> => answering(app, operation, request, reply)
      return (await forWhoAsks(request, people, work))()
    },
  })
}

/** Does what is asked; answers how it is told. */
async function answering(
  app: FastifyInstance,
  operation: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<() => FastifyReply> {
  const { orBody, guard, contentType, table, method, secret } = operation
  const ctx = contextOf(request)
  if (orBody && !request.isMultipart()) checkBody(orBody, request.body)
  else await guard?.(ctx, inputOf(request, reply))
  if (contentType !== undefined) {
    const text = await operation.run(ctx, inputOf(request, reply))
    return () => (reply.sent ? reply : sendPlain(reply, operation, contentType, text))
  }
  const kind = table && tableWanted(request)
  if (table && kind) {
    const data = (await operation.run(ctx, inputOf(request, reply))) as never
    return () => sendTable(reply, kind, table, data, ctx.now)
  }
  const answer =
    method === 'GET' ? await answerOf(ctx, operation, request, reply) : await write(app, ctx, operation, request, reply)
  return () => {
    reply.type('application/json; charset=utf-8').code(answer.status)
    reply.header('cache-control', secret ? 'no-store' : 'no-cache')
    if (table) varyByAccept(reply)
    if (answer.replayed) reply.header('idempotency-replayed', 'true')
    if (method !== 'GET') return reply.send(answer.body)
    // Encoded once: as a text it would be for the tag, for its length and, joined to the headers, for the wire.
    const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
    const etag = answer.etag ?? etagOf(answer.body, bytes)
    reply.header('etag', etag)
    const known = request.headers['if-none-match']
    if (known && matches(known, etag)) return reply.code(304).send()
    return reply.send(bytes)
  }
}

/** An answer that is a text of its own type: a file. */
const sendPlain = (reply: FastifyReply, { secret }: AnyOperation, contentType: string, text: unknown): FastifyReply =>
  reply
    .type(contentType)
    .header('cache-control', secret ? 'no-store' : 'no-cache')
    .send(text)

/** A write: what If-Match and Idempotency-Key ask for stands around the one call of the service. */
async function write(
  app: FastifyInstance,
  ctx: Context,
  operation: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const ifMatch = request.headers['if-match']
  const key = request.headers['idempotency-key']
  // Under repeatable read, a change that slips in between the comparison and the write fails the write, which then compares again.
  const isolation: Isolation = ifMatch ? 'repeatable read' : 'read committed'
  const work = async (inner: Context): Promise<Answer> => {
    if (ifMatch) await requireMatch(app, inner, operation, request, reply, ifMatch)
    return answerOf(inner, operation, request, reply)
  }
  if (typeof key === 'string' && key !== '' && !operation.secret) {
    const path = new URL(request.url, 'http://localhost').pathname.replace(/\/+$/, '')
    const fingerprint = fingerprintOf(ctx, new URL(request.url, 'http://localhost').search, request.body)
    const refused: AppError[] = []
    const failure = (error: AppError): string => {
      refused.push(error)
      return failureBody(error, ctx.locale, request.id, ctx.now)
    }
    const keyed = { key: checkKey(key), method: operation.method, path, fingerprint, isolation, failure }
    const answer =
      operation.keyed === 'business' ? await withBusinessKey(ctx, keyed, work) : await withIdempotency(ctx, keyed, work)
    // A refusal that is kept as the answer of its key never reaches the error handler.
    for (const error of refused) await recordRefusal(request, error)
    return answer
  }
  // What calls the outside between its own two transactions cannot be within a third: it compares first, and guards its rows by their locks.
  return ifMatch && operation.keyed !== 'business' ? inTransaction(ctx, work, isolation) : work(ctx)
}

/** @throws PRECONDITION_FAILED unless GET of the same path would answer now what the asker has seen. */
async function requireMatch(
  app: FastifyInstance,
  ctx: Context,
  { path }: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
  ifMatch: string,
): Promise<void> {
  const reading = app.operations.find((other) => other.method === 'GET' && other.path === path)
  if (!reading || !mayCall(reading.who, ctx.actor)) return
  // The same request without its query, which is not of the thing.
  const asked = Object.create(request, { query: { value: {} } }) as FastifyRequest
  const current = await answerOf(ctx, reading, asked, reply)
  if (!matches(thingOf(ifMatch), thingOf(etagOf(current.body))))
    throw new AppError('PRECONDITION_FAILED', 'It has changed meanwhile')
}

/** After the last operation: every path answers the methods that it does not have with 405 and the ones it has. */
export function refuseOtherMethods(app: FastifyInstance): void {
  const byPath = new Map<string, AnyOperation[]>()
  for (const operation of app.operations) byPath.set(operation.path, [...(byPath.get(operation.path) ?? []), operation])
  for (const [path, operations] of byPath) {
    const allowed = operations.map((operation) => operation.method)
    const reads = allowed.includes('GET')
    const others: string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
      (method) => !allowed.includes(method as AnyOperation['method']),
    )
    if (!reads) others.push('HEAD')
    if (others.length === 0) continue
    const who = operations.some((operation) => operation.who === 'public') ? 'public' : 'any'
    const allow = [...allowed, ...(reads ? ['HEAD'] : [])].join(', ')
    const refuse = async (): Promise<never> => {
      throw new AppError('METHOD_NOT_ALLOWED', 'This path does not have this method', { headers: { allow } })
    }
    // Before the body is read: a wrong method is told before anything that may be wrong with it.
    app.route({
      method: others,
      url: routeOf(path),
      config: { who },
      exposeHeadRoute: false,
      onRequest: refuse,
      handler: refuse,
    })
  }
}
