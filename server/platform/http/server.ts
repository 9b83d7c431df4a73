import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import multipart from '@fastify/multipart'
import stringifierOf from 'fast-json-stringify'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { auditRefusal } from '../audit.ts'
import { isAdministrative, type Actor, type Context } from '../context.ts'
import { inTransaction, isDatabaseGone } from '../db/transaction.ts'
import { AppError, notFound, rateLimited, unavailable, type ErrorCode } from '../errors.ts'
import type { House } from '../house.ts'
import { negotiate, translate } from '../i18n/index.ts'
import { errorFields } from '../log.ts'
import { failureBody } from './envelope.ts'
import { checkKey, fingerprintOf, withIdempotency, type Answer } from './idempotency.ts'
import { mayCall, requireWho, type AnyOperation, type Who } from './operation.ts'
import { links, type Page, type PageRequest } from './page.ts'
import { listOf, success } from './shapes.ts'
import { detailsOf, validatorCompiler } from './validation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    context: Context | null
  }
  interface FastifyContextConfig {
    who?: Who
    limit?: 'auth' | 'none'
    files?: string[] | undefined
  }
}

/** Who is asking, from the token: given by `accounts` through `app.ts`, since the platform knows no module. @throws AUTHENTICATION_FAILED */
export type Authenticate = (house: House, token: string, now: Temporal.Instant) => Promise<Actor>

export const apiPrefix = '/api/v1'
/** Bodies other than files may have this many bytes. */
const bodyLimit = 1024 * 1024
/** More requests at once than this, or waiting for the database, answer 503 at once instead of making all of them slow. */
const mostInFlight = 1000
const mostWaiting = 800

/** The context of a request; set before any handler runs. */
export function contextOf(request: FastifyRequest): Context {
  if (!request.context) throw new Error('the request has no context yet')
  return request.context
}

/** The HTTP server with every convention of SPEC section 2: envelope, errors, tokens, limits, idempotency, ETags. Modules add their operations to it. */
export async function createServer(house: House, authenticate: Authenticate): Promise<FastifyInstance> {
  const { config, log } = house
  let closing = false
  let inFlight = 0

  const app = Fastify({
    logger: false,
    bodyLimit,
    trustProxy: config.TRUSTED_PROXIES.length > 0 ? config.TRUSTED_PROXIES : false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    keepAliveTimeout: 65_000,
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
    },
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: 500,
      onBadUrl: (_path: string, request: IncomingMessage, response: ServerResponse) => {
        const body = failureBody(
          notFound('page'),
          negotiate(request.headers['accept-language'], null),
          randomUUID(),
          house.clock(),
        )
        response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' })
        response.end(body)
      },
    },
    // A path without a version means the first one.
    rewriteUrl: (request) => (request.url ?? '/').replace(/^\/api\/(?!v\d+(?:[/?]|$))/, `${apiPrefix}/`),
    clientErrorHandler: refuseBrokenRequest(house),
  })
  app.setValidatorCompiler(validatorCompiler)
  app.decorateRequest('context', null)
  app.decorate('operations', [])
  app.decorate('addOperation', (operation: AnyOperation) => addOperation(app, operation))

  app.removeContentTypeParser('text/plain')
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // An empty body with a JSON content type is no body.
    if (body.length === 0) done(null, undefined)
    else parseJson(request, body as string, done)
  })
  await app.register(multipart, {
    limits: { files: 10, fields: 30, parts: 40, fieldSize: 64 * 1024, headerPairs: 100 },
    throwFileSizeLimit: true,
  })
  await app.register(cors, {
    origin: config.BACKEND_CORS_ORIGINS.includes('*') ? '*' : config.BACKEND_CORS_ORIGINS,
    credentials: false,
    exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id', 'Idempotency-Replayed'],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Accept-Language',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Request-Id',
    ],
    maxAge: 600,
  })

  app.addHook('onRequest', async (request, reply) => {
    inFlight++
    reply.raw.once('close', () => inFlight--)
    const now = house.clock()
    reply.header('x-request-id', request.id)
    securityHeaders(request, reply)
    const origin = {
      requestId: request.id,
      address: request.ip,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 400),
    }
    request.context = {
      db: house.db,
      actor: null,
      now,
      log,
      locale: negotiate(request.headers['accept-language'], null),
      origin,
      house,
      transaction: null,
    }
    if (closing) {
      reply.header('connection', 'close')
      throw unavailable('The server is shutting down')
    }
    if (inFlight > mostInFlight || house.pool.waitingCount > mostWaiting)
      throw unavailable('The server is overloaded', 2)
    const { who, limit } = request.routeOptions.config
    if (who === undefined) return
    await identify(request.context, request, who, authenticate)
    await limitRate(request.context, request, limit)
    if (!request.context.actor && who !== 'public') throw new AppError('TOKEN_MISSING', 'No token was given')
    requireWho(who, request.context.actor)
  })

  app.addHook('preValidation', async (request) => {
    const { who, files } = request.routeOptions.config
    if (who === undefined) return
    if ((request.isMultipart() as boolean) !== (files !== undefined) && request.headers['content-type'] !== undefined) {
      throw new AppError(
        'UNSUPPORTED_MEDIA_TYPE',
        files ? 'This takes multipart/form-data' : 'This takes application/json',
      )
    }
    // A missing body is told as its missing fields.
    if (!files) request.body ??= {}
  })

  app.setErrorHandler(async (error, request, reply) => {
    const refused = asAppError(error, log, request.id)
    const ctx = request.context
    if (ctx?.actor && refused.code === 'PERMISSION_DENIED' && isAdministrative(ctx.actor.role)) {
      await auditRefusal(ctx, `${request.method} ${request.routeOptions.url ?? ''}`).catch((failed: unknown) =>
        log.error(errorFields(failed), 'a refusal could not be written to the audit log'),
      )
    }
    const body = failureBody(refused, ctx?.locale ?? 'en', request.id, house.clock())
    return reply.code(refused.status).headers(refused.headers).type('application/json; charset=utf-8').send(body)
  })
  app.setNotFoundHandler((_request, _reply) => {
    throw notFound('page')
  })

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    house.metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    const actor = request.context?.actor ? { actor: request.context.actor.userId } : {}
    log.info(
      {
        request_id: request.id,
        method: request.method,
        route,
        path: withoutValues(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...actor,
      },
      'request',
    )
  })
  app.addHook('preClose', async () => {
    closing = true
  })
  return app
}

/** A URL for the log: the names of its query, never their values, which may be tokens or names of people. */
const withoutValues = (url: string): string => url.replace(/=[^&]*/g, '=').slice(0, 500)

function securityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
  })
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000')
}

/** Reads the token, with or without `Bearer `. On a public path a token that does not hold counts as none: an expired one must not hide the public pages or the sign-in. */
async function identify(ctx: Context, request: FastifyRequest, who: Who, authenticate: Authenticate): Promise<void> {
  const header = request.headers.authorization?.trim()
  const token = header?.replace(/^Bearer(?:\s+|$)/i, '')
  if (!token) return
  try {
    ctx.actor = await authenticate(ctx.house, token, ctx.now)
    if (ctx.actor.locale) ctx.locale = ctx.actor.locale
  } catch (error) {
    if (who !== 'public' || !(error instanceof AppError)) {
      // Guessing at tokens is limited like everything else of one address.
      await limitRate(ctx, request, undefined)
      throw error
    }
  }
}

async function limitRate(
  { house, actor, now }: Context,
  request: FastifyRequest,
  limit: 'auth' | 'none' | undefined,
): Promise<void> {
  if (limit === 'none') return
  const client = actor ? `user:${actor.userId}` : `address:${request.ip}`
  const wait = await house.limits.take(`all:${client}`, house.config.RATE_LIMIT_PER_MINUTE, now)
  if (wait !== null) throw rateLimited(wait)
  if (limit !== 'auth') return
  const endpoint = `auth:${request.method} ${request.routeOptions.url ?? ''}:address:${request.ip}`
  const waitHere = await house.limits.take(endpoint, house.config.AUTH_RATE_LIMIT_PER_MINUTE, now)
  if (waitHere !== null) throw rateLimited(waitHere)
}

/** Any error as the refusal that the asker is told. What is ours is logged with its request id and told without anything internal. */
function asAppError(error: unknown, log: House['log'], requestId: string): AppError {
  if (error instanceof AppError) return error
  const { validation, validationContext, code, statusCode } = error as {
    validation?: unknown[]
    validationContext?: string
    code?: string
    statusCode?: number
  }
  if (validation) {
    // An id in a path that has the wrong shape or is too large names nothing.
    if (validationContext === 'params') return notFound('thing')
    const details = detailsOf(validation as never, validationContext ?? 'body')
    return new AppError('VALIDATION_ERROR', 'The input is not valid', { details })
  }
  if (code?.startsWith('FST_') || code?.startsWith('FST') || code === 'ERR_INVALID_CONTENT_LENGTH') {
    const told: Record<number, [ErrorCode, string]> = {
      400: ['VALIDATION_ERROR', 'The body cannot be read'],
      404: ['NOT_FOUND', 'There is no such page'],
      406: ['UNSUPPORTED_MEDIA_TYPE', 'This takes multipart/form-data'],
      413: ['PAYLOAD_TOO_LARGE', 'The body is too large'],
      415: ['UNSUPPORTED_MEDIA_TYPE', 'This content type is not supported'],
    }
    const known = told[statusCode ?? 500]
    if (known) return new AppError(known[0], known[1])
  }
  if (error instanceof SyntaxError && statusCode === 400)
    return new AppError('VALIDATION_ERROR', 'The body is not valid JSON')
  // PostgreSQL can keep neither a NUL nor half a surrogate pair.
  if (code === '22021' || code === '22P05')
    return new AppError('VALIDATION_ERROR', 'The input has characters that cannot be kept')
  if (isDatabaseGone(error)) {
    log.error({ request_id: requestId, ...errorFields(error) }, 'the database is not reachable')
    return unavailable()
  }
  log.error({ request_id: requestId, ...errorFields(error) }, 'a request failed')
  return new AppError('UNKNOWN_ERROR', 'Something went wrong on our side')
}

/** Bytes that are no HTTP get an answer in the envelope too. */
const refuseBrokenRequest =
  (house: House) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const body = failureBody(
      new AppError('VALIDATION_ERROR', 'The request cannot be read'),
      'en',
      randomUUID(),
      house.clock(),
    )
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }

const etagOf = (body: string): string => `"${createHash('sha1').update(body).digest('base64url')}"`

const matches = (header: string, etag: string): boolean =>
  header === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

/** The answer of an operation, serialized by its own shape. */
async function answerOf(
  ctx: Context,
  operation: AnyOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const data = await operation.run(ctx, {
    body: request.body as never,
    query: request.query as never,
    params: request.params as never,
    request,
    reply,
  })
  const status = operation.status ?? 200
  const { message, params } =
    typeof operation.message === 'string'
      ? { message: operation.message, params: undefined }
      : operation.message(data as never)
  const shown = operation.list ? pageBody(ctx, data as Page<unknown>, request) : data
  const payload = { success: true, message: translate(ctx.locale, message, params), data: shown }
  return { status, body: stringifierFor(operation)(payload) }
}

function pageBody(ctx: Context, { results, count, countAsOf }: Page<unknown>, request: FastifyRequest): object {
  const { next, previous } = links(
    ctx.house.config.PUBLIC_URL,
    request.originalUrl,
    request.query as PageRequest,
    count,
  )
  return { results, count, ...(countAsOf ? { count_as_of: countAsOf.toString() } : {}), next, previous }
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

function addOperation(app: FastifyInstance, operation: AnyOperation): void {
  const { method, path, who, limit, files, params, query, body } = operation
  app.operations.push(operation)
  app.route({
    method,
    url: apiPrefix + path,
    config: { who, ...(limit ? { limit } : {}), files },
    schema: {
      ...(params ? { params } : {}),
      ...(query ? { querystring: query } : {}),
      ...(body && !files ? { body } : {}),
    },
    handler: async (request, reply) => {
      const ctx = contextOf(request)
      const answer =
        method === 'GET'
          ? await answerOf(ctx, operation, request, reply)
          : await write(app, ctx, operation, request, reply)
      reply.type('application/json; charset=utf-8').code(answer.status)
      reply.header('cache-control', limit === 'auth' ? 'no-store' : 'no-cache')
      if (answer.replayed) reply.header('idempotency-replayed', 'true')
      if (method === 'GET') {
        const etag = etagOf(answer.body)
        reply.header('etag', etag)
        const known = request.headers['if-none-match']
        if (known && matches(known, etag)) return reply.code(304).send()
      }
      return reply.send(answer.body)
    },
  })
}

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
  const isolation = ifMatch ? 'repeatable read' : 'read committed'
  const work = async (inner: Context): Promise<Answer> => {
    if (ifMatch) await requireMatch(app, inner, operation, request, reply, ifMatch)
    return answerOf(inner, operation, request, reply)
  }
  if (typeof key === 'string' && operation.limit !== 'auth') {
    const path = new URL(request.url, 'http://localhost').pathname.replace(/\/+$/, '')
    const fingerprint = fingerprintOf(new URL(request.url, 'http://localhost').search, request.body)
    const failure = (error: AppError): string => failureBody(error, ctx.locale, request.id, ctx.now)
    return withIdempotency(
      ctx,
      { key: checkKey(key), method: operation.method, path, fingerprint, isolation, failure },
      work,
    )
  }
  return ifMatch ? inTransaction(ctx, work, isolation) : work(ctx)
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
  const current = await answerOf(
    ctx,
    reading,
    { ...request, query: {}, params: request.params, originalUrl: request.originalUrl } as FastifyRequest,
    reply,
  )
  if (!matches(ifMatch, etagOf(current.body))) throw new AppError('PRECONDITION_FAILED', 'It has changed meanwhile')
}

/** After the last operation: every path answers the methods that it does not have with 405 and the ones it has. */
export function refuseOtherMethods(app: FastifyInstance): void {
  const byPath = new Map<string, AnyOperation[]>()
  for (const operation of app.operations) byPath.set(operation.path, [...(byPath.get(operation.path) ?? []), operation])
  for (const [path, operations] of byPath) {
    const allowed = operations.map((operation) => operation.method)
    const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => !allowed.includes(method))
    if (others.length === 0) continue
    const who = operations.some((operation) => operation.who === 'public') ? 'public' : 'any'
    const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ')
    const refuse = async (): Promise<never> => {
      throw new AppError('METHOD_NOT_ALLOWED', 'This path does not have this method', { headers: { allow } })
    }
    // Before the body is read: a wrong method is told before anything that may be wrong with it.
    app.route({
      method: others,
      url: apiPrefix + path,
      config: { who },
      exposeHeadRoute: false,
      onRequest: refuse,
      handler: refuse,
    })
  }
}
