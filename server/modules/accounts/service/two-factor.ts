import type { Static } from 'typebox'
import { audit } from '../../../platform/audit.ts'
import { actorOf, isAdministrative, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import { lockAccount } from '../queries/changes.ts'
import { findAccountId } from '../queries/people.ts'
import {
  beginFactor,
  confirmFactor,
  deleteFactor,
  endChallenges,
  findFactor,
  lockFactor,
  markSessionProved,
  replaceRecoveryCodes,
  type Factor,
} from '../queries/two-factor.ts'
import { lockUser } from '../queries/users.ts'
import { isSecondFactorRequired } from '../rules.ts'
import type { ProofBody } from '../schema/two-factor.ts'
import { hashRecoveryCode, newRecoveryCodes, newSecret, otpauthUrl, qrCodeOf } from '../totp.ts'
import { beginAttempt } from './attempts.ts'
import { wrongCode } from './codes.ts'
import { proveAgain, proveAgainOrRecently, requireOpenSession } from './passwords.ts'
import { requireOneCode, sealSecret, takeCode, tellByMail, type GivenCode } from './second-factor.ts'
import { endSessions } from './sign-in.ts'

/** So long a secret that was shown waits for its first code. */
const begunMinutes = 60

const alreadyOn = () =>
  conflict('The second factor is on already; turn it off first', {
    details: [{ message: 'The second factor is on already; turn it off first', rule: 'two_factor_on' }],
  })
const notOn = () =>
  conflict('The second factor is not on', {
    details: [{ message: 'The second factor is not on', rule: 'two_factor_off' }],
  })

/** One's own second factor: whether it is on and must be, and how many recovery codes are left. */
export async function getTwoFactor(ctx: Context) {
  const { userId, role } = actorOf(ctx)
  const factor = await findFactor(ctx, userId)
  return {
    enabled: factor !== undefined,
    enabled_at: factor?.confirmed_at ?? null,
    is_required: isSecondFactorRequired(ctx.house.config, role),
    recovery_codes_left: factor?.left ?? 0,
  }
}

/**
 * Begins: answers a new secret, which counts for nothing until a code of it has come back; one begun before is forgotten.
 * @throws CONFLICT where it is on, and as `proveAgainOrRecently`
 */
export async function beginTwoFactor(ctx: Context, password: string | undefined) {
  const { userId } = actorOf(ctx)
  await proveAgainOrRecently(ctx, password, 'password')
  const secret = newSecret()
  const email = await inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account) throw notFound('user')
    await requireOpenSession(tx)
    if (await findFactor(tx, userId)) throw alreadyOn()
    await beginFactor(tx, userId, sealSecret(tx, userId, secret))
    return account.email
  })
  const url = otpauthUrl(secret, email)
  const expiresAt = ctx.now.add({ minutes: begunMinutes })
  return { secret, otpauth_url: url, qr_code: qrCodeOf(url), expires_at: expiresAt.toString() }
}

/**
 * Turns it on with the first code of the secret that was begun, and answers the recovery codes, this once. Whoever got in by the password alone is out: all
 * other sessions end. Of two at once, one is answered.
 * @throws CONFLICT where it is on, or nothing was begun within the hour; VALIDATION_ERROR for a wrong code; RATE_LIMITED
 */
export async function confirmTwoFactor(ctx: Context, code: string): Promise<string[]> {
  const { sessionId, role } = actorOf(ctx)
  return withCode(
    ctx,
    { code },
    (factor) => requireBegun(ctx, factor),
    async (tx, { user_id }) => {
      await confirmFactor(tx, user_id)
      await markSessionProved(tx, sessionId)
      await endSessions(tx, user_id, { except: sessionId })
      await tellByMail(tx, user_id, { template: 'two_factor_on' })
      if (isAdministrative(role)) await audit(tx, { action: 'two_factor.on', target: { kind: 'user', id: user_id } })
      return writeRecoveryCodes(tx, user_id)
    },
  )
}

function requireBegun(ctx: Context, factor: Factor | undefined): Factor {
  if (factor && factor.confirmed_at !== null) throw alreadyOn()
  if (!factor || Temporal.Instant.compare(factor.created_at.add({ minutes: begunMinutes }), ctx.now) <= 0)
    throw conflict('Begin again: no second factor waits for its first code')
  return factor
}

function requireOn(factor: Factor | undefined): Factor {
  if (!factor || factor.confirmed_at === null) throw notOn()
  return factor
}

/** Makes ten recovery codes in the place of those that there are. @throws as `turnOffTwoFactor` */
export async function renewRecoveryCodes(ctx: Context, body: Static<typeof ProofBody>): Promise<string[]> {
  requireOneCode(body)
  await proveAgain(ctx, body.password, 'password')
  return withCode(ctx, body, requireOn, async (tx, { user_id }) => {
    await tellByMail(tx, user_id, { template: 'recovery_codes_new' })
    return writeRecoveryCodes(tx, user_id)
  })
}

/**
 * Turns one's own off. An administrator of whom it is required has nothing left after it but to set it up again.
 * @throws CONFLICT where it is off; VALIDATION_ERROR for a wrong code; RATE_LIMITED; as `proveAgain`
 */
export async function turnOffTwoFactor(ctx: Context, body: Static<typeof ProofBody>): Promise<void> {
  requireOneCode(body)
  await proveAgain(ctx, body.password, 'password')
  const { role } = actorOf(ctx)
  await withCode(ctx, body, requireOn, async (tx, { user_id }) => {
    await remove(tx, user_id)
    await tellByMail(tx, user_id, { template: 'two_factor_off' })
    if (isAdministrative(role)) await audit(tx, { action: 'two_factor.off', target: { kind: 'user', id: user_id } })
    return true
  })
}

/**
 * Turns somebody's off for them, who has lost it: a super admin's alone. All their sessions end, and they are told.
 * @throws NOT_FOUND; PERMISSION_DENIED; CONFLICT where it is off, and for one's own, which is turned off with the password and a code
 */
export async function resetTwoFactor(ctx: Context, userId: number): Promise<void> {
  const actor = actorOf(ctx)
  if (actor.role !== 'super_admin') throw denied('Only a super admin may do this')
  if (actor.userId === userId) throw conflict('Turn your own second factor off with your password and a code')
  await inTransaction(ctx, (tx) => removeLost(tx, userId))
}

/** The same from the console, for a super admin who has lost theirs. @throws NOT_FOUND, CONFLICT where it is off */
export async function resetTwoFactorOf(ctx: Context, email: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const id = await findAccountId(tx, email)
    if (id === undefined) throw notFound('user')
    await removeLost(tx, id)
  })
}

async function removeLost(ctx: Context, userId: number): Promise<void> {
  if (!(await lockUser(ctx, userId))) throw notFound('user')
  if (!(await findFactor(ctx, userId))) throw notOn()
  await remove(ctx, userId)
  await endSessions(ctx, userId)
  await audit(ctx, { action: 'two_factor.reset', target: { kind: 'user', id: userId } })
  await tellByMail(ctx, userId, { template: 'two_factor_reset' })
}

async function remove(ctx: Context, userId: number): Promise<void> {
  await deleteFactor(ctx, userId)
  await endChallenges(ctx, userId)
}

async function writeRecoveryCodes(ctx: Context, userId: number): Promise<string[]> {
  const codes = newRecoveryCodes()
  await replaceRecoveryCodes(
    ctx,
    userId,
    codes.map((code) => hashRecoveryCode(userId, code)),
  )
  return codes
}

/** Takes a code of one's own in one transaction with what it allows. A wrong one stays counted. @throws VALIDATION_ERROR, RATE_LIMITED, and what `check` throws */
async function withCode<T>(
  ctx: Context,
  given: GivenCode,
  check: (factor: Factor | undefined) => Factor,
  work: (tx: Context, factor: Factor) => Promise<T>,
): Promise<T> {
  const { userId, email } = actorOf(ctx)
  const attempt = await beginAttempt(ctx, 'two-factor', email, userId)
  const done = await inTransaction(ctx, async (tx) => {
    if (!(await lockAccount(tx, userId))) throw notFound('user')
    await requireOpenSession(tx)
    const factor = check(await lockFactor(tx, userId))
    return (await takeCode(tx, factor, given)) ? { answer: await work(tx, factor) } : null
  })
  // Thrown outside the transaction, so that the try stays counted.
  if (done === null)
    throw given.code === undefined ? invalid('recovery_code', 'The code is wrong or has expired', 'code') : wrongCode()
  await attempt.succeeded()
  return done.answer
}
