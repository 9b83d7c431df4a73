import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Context } from '../context.ts'
import { NotAsRecalled } from '../db/asking.ts'
import { databaseFor, makeSureOfAsker } from '../db/database.ts'
import { isDatabaseGone } from '../db/transaction.ts'
import { negotiate } from '../i18n/index.ts'
import { networkOf } from '../limits.ts'
import { AppError, denied, rateLimited, secondFactorRequired, sessionEnded, tokenMissing } from '../errors.ts'
import { mayCall, membershipNeeded, requireWho, type Who } from './operation.ts'
import { contextOf, type People } from './request.ts'

/**
 * Who asks, how often, and whether they may: before anything of the body or the path is looked at.
 * @throws AUTHENTICATION_FAILED, TOKEN_MISSING, RATE_LIMITED, PERMISSION_DENIED
 */
export async function passGate(request: FastifyRequest, people: People): Promise<void> {
  const { who, limit } = request.routeOptions.config
  // What is limited by nobody and open to everybody needs no token, and answers while the database is down.
  if (who === undefined || (who === 'public' && limit === 'none')) return
  const ctx = contextOf(request)
  await identify(ctx, request, who, people)
  try {
    await limitRate(ctx, request, limit)
  } catch (error) {
    // Whoever asks too often is told so before what they may not ask, but not whose session has ended.
    await makeSure(request)
    throw error
  }
  if (!ctx.actor && who !== 'public') throw tokenMissing()
  // Nobody is refused for who they were.
  const { asking } = request
  if (asking && (asking.recalled.lacksSecondFactor || !mayCall(who, asking.recalled) || isMember(who, asking.recalled)))
    await settle(request, people)
  else await requirePass(ctx, request, people)
}

const isMember = (who: Who, actor: Actor): boolean => membershipNeeded(who, actor) !== null

/** May they, as far as the operation itself tells? @throws PERMISSION_DENIED */
async function requirePass(ctx: Context, request: FastifyRequest, { belongs }: People): Promise<void> {
  const { who = 'any', withoutSecondFactor } = request.routeOptions.config
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

/**
 * Makes sure of who asks, before they are told anything. Where they are not who they were recalled as, nothing was done for them: the request goes on with who they
 * are. Answers whether it has to be done anew for that.
 * @throws AUTHENTICATION_FAILED for a session that has ended, PERMISSION_DENIED
 */
export async function settle(request: FastifyRequest, people: People): Promise<boolean> {
  if (!request.asking) return false
  const isSame = await makeSure(request)
  await requirePass(contextOf(request), request, people)
  return !isSame
}

/** Asks who asks, where that is open; answers whether they are who they were recalled as. @throws AUTHENTICATION_FAILED for a session that has ended */
async function makeSure(request: FastifyRequest): Promise<boolean> {
  const { asking } = request
  if (!asking) return true
  const ctx = contextOf(request)
  await makeSureOfAsker(ctx.db).catch((error: unknown) => {
    if (!(error instanceof NotAsRecalled)) throw error
  })
  request.asking = null
  const actor = asking.found
  const isSame = actor === asking.recalled
  if (!isSame) {
    const locale = actor?.locale ?? negotiate(request.headers['accept-language'], null)
    request.context = { ...ctx, db: ctx.house.db, actor: actor ?? null, locale }
  }
  if (!actor) throw sessionEnded()
  return isSame
}

/** Does the work of a request for who asks: where that is not who they were recalled as, nothing was done, and it is done for who they are. */
export async function forWhoAsks<T>(request: FastifyRequest, people: People, work: () => Promise<T>): Promise<T> {
  if (!request.asking) return work()
  try {
    const done = await work()
    if (!(await settle(request, people))) return done
  } catch (error) {
    if (!(await settleAfter(error, request, people))) throw error
  }
  return work()
}

/** The same as `settle` after something went wrong. Who could not be asked about because the database is gone is told so: they have waited for it once. */
export async function settleAfter(error: unknown, request: FastifyRequest, people: People): Promise<boolean> {
  if (request.asking?.isOpen && isDatabaseGone(error)) return false
  return settle(request, people)
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
async function identify(ctx: Context, request: FastifyRequest, who: Who, people: People): Promise<void> {
  const header = request.headers.authorization?.trim()
  const token = header?.replace(/^Bearer(?:\s+|$)/i, '')
  if (!token) return
  try {
    const asking = request.routeOptions.config.recalls ? people.recall(ctx.house, token, ctx.now) : null
    if (asking) {
      request.asking = asking
      ctx.db = databaseFor(ctx.house.db, asking)
    }
    ctx.actor = asking?.recalled ?? (await people.authenticate(ctx.house, token, ctx.now))
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
