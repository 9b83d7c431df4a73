import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../platform/context.ts'
import { AppError, rateLimited } from '../../platform/errors.ts'
import { asAppError, recordRefusal } from '../../platform/http/refusals.ts'
import { contextOf } from '../../platform/http/request.ts'
import { authenticateApp } from '../accounts/index.ts'
import type { Call, Reply } from './methods/call.ts'
import { remove } from './methods/delete.ts'
import { get } from './methods/get.ts'
import { mkcalendar } from './methods/mkcalendar.ts'
import { compliance, options } from './methods/options.ts'
import { post } from './methods/post.ts'
import { propfind } from './methods/propfind.ts'
import { proppatch } from './methods/proppatch.ts'
import { put } from './methods/put.ts'
import { report } from './methods/report.ts'
import { rootPath, targetOf } from './paths.ts'
import { refusalOf } from './refusals.ts'
import { readXml } from './xml/read.ts'

/** The server of CalDAV below `/dav/`: no envelope, no tokens; who asks says their e-mail and an app password (Basic). */

const methods: Record<string, (ctx: Context, call: Call) => Promise<Reply>> = {
  GET: get,
  PUT: put,
  DELETE: remove,
  POST: post,
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  REPORT: report,
  MKCALENDAR: mkcalendar,
}
const ofWebdav = ['PROPFIND', 'PROPPATCH', 'REPORT', 'MKCALENDAR']
/** What clients of WebDAV know and we have no use for: answered 405. */
const others = ['COPY', 'MOVE', 'LOCK', 'UNLOCK', 'MKCOL', 'PATCH', 'ACL']

const wellKnown = '/.well-known/caldav'
const mostBytes = 1024 * 1024
/** Programs ask in bursts, several at once. */
const timesTheUsual = 6

const types = {
  xml: 'application/xml; charset=utf-8',
  calendar: 'text/calendar; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}

export function caldavRoutes(app: FastifyInstance): void {
  for (const method of [...ofWebdav, ...others])
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  const everything = [...Object.keys(methods), 'OPTIONS', ...others]
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostBytes }, (_request, body, done) => {
      done(null, body)
    })
    scope.addHook('onRequest', async (request, reply) => {
      reply.header('dav', compliance)
      if (request.method !== 'OPTIONS' && request.routeOptions.url !== wellKnown) await identify(request)
    })
    scope.setErrorHandler(async (error, request, reply) => {
      const ctx = contextOf(request)
      const refused = asAppError(error, ctx.log, request)
      await recordRefusal(request, refused)
      return sendRefusal(ctx, refused, reply)
    })
    // RFC 6764 5: where clients look that know nothing but the server.
    scope.route({
      method: everything,
      url: wellKnown,
      config: { cors: false },
      exposeHeadRoute: true,
      handler: async (request, reply) => reply.redirect(rootPath(contextOf(request)), 301),
    })
    for (const url of ['/dav', '/dav/*'])
      scope.route({
        method: everything,
        url,
        config: { cors: false },
        exposeHeadRoute: true,
        handler: async (request, reply) => send(reply, await answer(request)),
      })
  })
}

/** @throws AUTHENTICATION_FAILED, RATE_LIMITED, PERMISSION_DENIED where the password would go over the wire for all to read */
async function identify(request: FastifyRequest): Promise<void> {
  const ctx = contextOf(request)
  const { config, limits } = ctx.house
  // Where a proxy is trusted, it says whether it was TLS; a password that came without is known to others now, and must not work.
  const isOpen = request.protocol !== 'https' && config.PUBLIC_URL.startsWith('https:')
  if (isOpen && config.TRUSTED_PROXIES.length > 0)
    throw new AppError('PERMISSION_DENIED', 'App passwords are taken over encrypted connections only')
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(request.headers.authorization?.trim() ?? '') ?? []
  const said = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const at = said.indexOf(':')
  if (at < 1) throw new AppError('TOKEN_MISSING', 'Give your e-mail and an app password')
  ctx.actor = await authenticateApp(ctx, said.slice(0, at).slice(0, 254), said.slice(at + 1).slice(0, 200))
  if (ctx.actor.locale) ctx.locale = ctx.actor.locale
  const most = Math.min(config.RATE_LIMIT_PER_MINUTE * timesTheUsual, 10_000_000)
  const wait = await limits.take(`dav:user:${ctx.actor.userId}`, most, ctx.now)
  if (wait !== null) throw rateLimited(wait)
}

async function answer(request: FastifyRequest): Promise<Reply> {
  const ctx = contextOf(request)
  if (request.method === 'OPTIONS') return options()
  const method = methods[request.method === 'HEAD' ? 'GET' : request.method]
  if (!method)
    throw new AppError('METHOD_NOT_ALLOWED', 'This path does not have this method', { headers: options().headers! })
  const target = targetOf(ctx, request.url)
  if (!target) throw new AppError('NOT_FOUND', 'There is no such page')
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  return method(ctx, {
    target,
    bytes,
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    xml: () => (bytes.length === 0 ? null : readXml(bytes)),
  })
}

function send(reply: FastifyReply, { status, headers = {}, body, type = 'text' }: Reply): FastifyReply {
  reply.code(status).headers({ 'cache-control': 'no-store', ...headers })
  return body === undefined ? reply.send() : reply.type(types[type]).send(body)
}

function sendRefusal(ctx: Context, refused: AppError, reply: FastifyReply): FastifyReply {
  const { status, body } = refusalOf(refused, ctx.locale)
  if (status === 401) reply.header('www-authenticate', 'Basic realm="Banister", charset="UTF-8"')
  return reply.code(status).headers(refused.headers).type(types.xml).send(body)
}
