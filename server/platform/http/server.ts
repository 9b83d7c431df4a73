import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import cors from '@fastify/cors'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { AppError, notFound, unavailable } from '../errors.ts'
import type { House } from '../house.ts'
import { negotiate } from '../i18n/index.ts'
import { addOperation } from './answers.ts'
import { addBodyParsers, bodyLimit } from './bodies.ts'
import { failureBody } from './envelope.ts'
import { passGate, securityHeaders, settleAfter } from './gate.ts'
import { endLateBodies } from './late.ts'
import type { AnyOperation } from './operation.ts'
import { asAppError, recordRefusal, refuseBrokenRequest, refuseLateBody } from './refusals.ts'
import { apiPrefix, type People } from './request.ts'
import { isSocketRequest } from '../socket/door.ts'
import { validatorCompiler } from './validation.ts'

/** More requests at once than this, or waiting for the database, answer 503 at once instead of making all of them slow. */
const mostInFlight = 1000
const mostWaiting = 800

/** The id of a request: the asker's own where it is harmless, so that both sides find it in their logs. */
function requestIdOf({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
}

/** The HTTP server with every convention of SPEC section 2: envelope, errors, tokens, limits, idempotency, ETags. Modules add their operations to it. */
export async function createServer(house: House, people: People): Promise<FastifyInstance> {
  const { config } = house
  let closing = false
  let inFlight = 0

  const app = Fastify({
    logger: false,
    http: { shouldUpgradeCallback: isSocketRequest },
    bodyLimit,
    trustProxy: config.TRUSTED_PROXIES.length > 0 ? config.TRUSTED_PROXIES : false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // An upload on a slow link; other bodies are to be there within a minute (`endLateBodies`).
    requestTimeout: 900_000,
    keepAliveTimeout: 65_000,
    genReqId: requestIdOf,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    // A URL that cannot be decoded, or whose ids are longer than any, names nothing.
    frameworkErrors: (_error, request, reply) => {
      securityHeaders(request, reply)
      reply.header('x-request-id', request.id)
      refuse(house, notFound('page'), request, reply)
    },
    // A path without a version means the first one.
    rewriteUrl: (request) => (request.url ?? '/').replace(/^\/api\/(?!v\d+(?:[/?]|$))/, `${apiPrefix}/`),
    clientErrorHandler: refuseBrokenRequest(house),
  })
  app.setValidatorCompiler(validatorCompiler)
  app.decorateRequest('context', null)
  app.decorateRequest('asking', null)
  app.decorate('operations', [])
  app.decorate('outgoingWebhooks', [])
  app.decorate('addOperation', (operation: AnyOperation) => addOperation(app, operation, people))
  addBodyParsers(app)
  endLateBodies(app, refuseLateBody(house))

  app.addHook('onRequest', async (request, reply) => {
    inFlight++
    reply.raw.once('close', () => inFlight--)
    securityHeaders(request, reply)
    reply.header('x-request-id', request.id)
    request.context = {
      db: house.db,
      actor: null,
      now: house.clock(),
      log: house.log,
      locale: negotiate(request.headers['accept-language'], null),
      origin: {
        requestId: request.id,
        address: request.ip,
        userAgent: (request.headers['user-agent'] ?? '').slice(0, 400),
      },
      house,
      transaction: null,
    }
    if (closing) throw unavailable('The server is shutting down')
    if (inFlight > mostInFlight || house.pool.waitingCount > mostWaiting)
      throw unavailable('The server is overloaded', 2)
  })
  await app.register(multipart, {
    limits: { files: 10, fields: 30, parts: 40, fieldSize: 64 * 1024, headerPairs: 100 },
    throwFileSizeLimit: true,
  })
  await app.register(cors, {
    origin: config.BACKEND_CORS_ORIGINS.includes('*') ? '*' : config.BACKEND_CORS_ORIGINS,
    credentials: false,
    strictPreflight: false,
    exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id', 'Idempotency-Replayed', 'X-Slots-Version'],
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
  // After CORS, so that a page of another origin may read why it was refused.
  app.addHook('onRequest', async (request) => {
    if (request.context) await passGate(request, people)
  })

  app.addHook('preValidation', async (request) => {
    const { who, files, orBody } = request.routeOptions.config
    if (who === undefined) return
    const fits = orBody || request.isMultipart() === (files !== undefined)
    if (!fits && request.headers['content-type'] !== undefined) {
      throw new AppError(
        'UNSUPPORTED_MEDIA_TYPE',
        files ? 'This takes multipart/form-data' : 'This takes application/json',
      )
    }
    // A missing body is told as its missing fields.
    if (!files || (orBody && !request.isMultipart())) request.body ??= {}
  })

  /** What is wrong with a request is told to who asks, not to who they were: where their session has ended, or they may not ask this any more, they are told so. */
  const toldInstead = async (error: unknown, request: FastifyRequest): Promise<unknown> => {
    try {
      await settleAfter(error, request, people)
      return error
    } catch (other) {
      return other
    }
  }
  app.setErrorHandler(async (error, request, reply) => {
    const refused = asAppError(await toldInstead(error, request), house.log, request)
    await recordRefusal(request, refused)
    return refuse(house, refused, request, reply)
  })
  app.setNotFoundHandler(() => {
    throw notFound('page')
  })

  // A connection that stayed open after its answer would hold up the shutdown.
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => recordRequest(house, request, reply))
  app.addHook('preClose', async () => {
    closing = true
  })
  return app
}

/** Sends a refusal in the envelope, in the asker's language. */
function refuse(house: House, refused: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const locale = request.context?.locale ?? negotiate(request.headers['accept-language'], null)
  const body = failureBody(refused, locale, request.id, house.clock())
  return reply.code(refused.status).headers(refused.headers).type('application/json; charset=utf-8').send(body)
}

/** A URL for the log: the names of its query, never their values, which may be tokens or names of people; nor a token that stands in the path. */
function withoutValues({ url, params }: FastifyRequest): string {
  const token = (params as { token?: string } | undefined)?.token
  const shown = token ? url.replace(token, ':token') : url
  return shown.replace(/=[^&]*/g, '=').slice(0, 500)
}

function recordRequest({ log, metrics }: House, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'none'
  metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
  log.info(
    {
      request_id: request.id,
      method: request.method,
      route,
      path: withoutValues(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(request.context?.actor ? { actor: request.context.actor.userId } : {}),
    },
    'request',
  )
}
