import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { networkOf } from '../limits.ts'
import { AppError, denied, rateLimited, secondFactorRequired, tokenMissing } from '../errors.ts'
import { membershipNeeded, requireWho, type Who } from './operation.ts'
import type { Authenticate, Belongs } from './request.ts'

/**
 * Who asks, how often, and whether they may: before anything of the body or the path is looked at.
 * @throws AUTHENTICATION_FAILED, TOKEN_MISSING, RATE_LIMITED, PERMISSION_DENIED
 */
export async function passGate(
  ctx: Context,
  request: FastifyRequest,
  authenticate: Authenticate,
  belongs: Belongs,
): Promise<void> {
  const { who, limit, withoutSecondFactor } = request.routeOptions.config
  // What is limited by nobody and open to everybody needs no token, and answers while the database is down.
  if (who === undefined || (who === 'public' && limit === 'none')) return
  await identify(ctx, request, who, authenticate)
  await limitRate(ctx, request, limit)
  if (!ctx.actor && who !== 'public') throw tokenMissing()
  if (ctx.actor?.lacksSecondFactor && !withoutSecondFactor) {
    // Public pages stay what they are for everybody.
    if (who !== 'public') throw secondFactorRequired()
    ctx.actor = null
    ctx.refused = secondFactorRequired()
  }
  requireWho(who, ctx.actor)
  const membership = membershipNeeded(who, ctx.actor)
  if (membership && !(await belongs(ctx, membership))) throw denied()
}

/** Headers of every answer; HSTS only where TLS ends here or at a trusted proxy. */
export function securityHeaders(request: FastifyRequest, reply: FastifyReply): void {
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
    ctx.refused = error
  }
}

/** @throws RATE_LIMITED */
async function limitRate(
  { house, actor, now }: Context,
  request: FastifyRequest,
  limit: 'auth' | 'none' | undefined,
): Promise<void> {
  if (limit === 'none') return
  const network = networkOf(request.ip)
  const client = actor ? `user:${actor.userId}` : `address:${network}`
  const wait = await house.limits.take(`all:${client}`, house.config.RATE_LIMIT_PER_MINUTE, now)
  if (wait !== null) throw rateLimited(wait)
  if (limit !== 'auth') return
  const endpoint = `auth:${request.method} ${request.routeOptions.url ?? ''}:address:${network}`
  const waitHere = await house.limits.take(endpoint, house.config.AUTH_RATE_LIMIT_PER_MINUTE, now)
  if (waitHere !== null) throw rateLimited(waitHere)
}
