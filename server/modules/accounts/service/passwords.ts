import type { Static } from 'typebox'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid, invalidAll, notAuthenticated, notFound, sessionEnded } from '../../../platform/errors.ts'
import { sendMail } from '../../../platform/mail/delivery.ts'
import { hashPassword, verifyPassword } from '../passwords.ts'
import {
  findByEmail,
  lockAccount,
  setEmailConfirmed,
  setPassword,
  setPendingEmail,
  type Account,
} from '../queries/changes.ts'
import { endCodes } from '../queries/codes.ts'
import { findProof, isSessionOpen } from '../queries/sessions.ts'
import { forgetFailures } from '../queries/two-factor.ts'
import { localeOr, passwordProblems } from '../rules.ts'
import type { ChangePasswordBody, ResetBody } from '../schema/codes.ts'
import { beginAttempt } from './attempts.ts'
import { withCode } from './codes.ts'
import { endSessions } from './sign-in.ts'

/** Where there is no password, so recent a sign-in proves who somebody is (SPEC section 3, Profiles). */
const recentMinutes = 5

/**
 * Asks the signed-in person to prove once more who they are, by the password or, where there is none, by a sign-in of the last 5 minutes.
 * @throws AUTHENTICATION_FAILED for a wrong password, VALIDATION_ERROR without one, PERMISSION_DENIED when the sign-in is older, RATE_LIMITED
 */
export async function proveAgain(ctx: Context, password: string | undefined, field: string): Promise<void> {
  const { userId, sessionId } = actorOf(ctx)
  const proof = await findProof(ctx, userId, sessionId)
  if (!proof) throw notFound('user')
  if (proof.password_hash === null) {
    if (!isRecent(ctx, proof.authenticated_at)) throw denied('Sign in again, then repeat this')
    return
  }
  if (password === undefined) throw invalid(field, 'This field is required', 'required')
  const attempt = await beginAttempt(ctx, 'password', proof.email, userId)
  if (!(await verifyPassword(password, proof.password_hash))) throw notAuthenticated('The password is wrong')
  await attempt.succeeded()
}

/** The same, but a sign-in of the last 5 minutes serves in the place of the password for everybody. @throws as `proveAgain` */
export async function proveAgainOrRecently(ctx: Context, password: string | undefined, field: string): Promise<void> {
  const { userId, sessionId } = actorOf(ctx)
  const proof = password === undefined ? await findProof(ctx, userId, sessionId) : undefined
  if (!proof || !isRecent(ctx, proof.authenticated_at)) await proveAgain(ctx, password, field)
}

const isRecent = (ctx: Context, at: Temporal.Instant): boolean =>
  Temporal.Instant.compare(at, ctx.now.subtract({ minutes: recentMinutes })) >= 0

/**
 * To be called under the lock of the account that was proved: proving takes long enough for the password to be changed by somebody else, which ends all their
 * sessions, and must not miss what this one is about to do with the old one. @throws AUTHENTICATION_FAILED
 */
export async function requireOpenSession(ctx: Context): Promise<void> {
  if (!(await isSessionOpen(ctx, actorOf(ctx).sessionId))) throw sessionEnded()
}

/** Changes one's own password; every other session ends. @throws as `proveAgain`, and VALIDATION_ERROR for a password that is the e-mail */
export async function changePassword(
  ctx: Context,
  { current_password, new_password }: Static<typeof ChangePasswordBody>,
): Promise<void> {
  const { userId, sessionId, email } = actorOf(ctx)
  const problems = passwordProblems(email, new_password, undefined, 'new_password')
  if (problems.length > 0) throw invalidAll(problems)
  await proveAgain(ctx, current_password, 'current_password')
  const hash = await hashPassword(new_password)
  await inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account) throw notFound('user')
    await requireOpenSession(tx)
    await takePassword(tx, account, hash)
    await endSessions(tx, userId, { except: sessionId })
  })
}

/**
 * Sets a new password with the code of a mail and ends all sessions; the second factor stays. The code also proves the e-mail; a change of e-mail that waits is dropped, since whoever
 * had the old password may have asked for it.
 * @throws VALIDATION_ERROR for a wrong code or a password that is the e-mail, RATE_LIMITED
 */
export async function resetPassword(
  ctx: Context,
  { email, code, new_password }: Static<typeof ResetBody>,
): Promise<void> {
  const problems = passwordProblems(email, new_password, undefined, 'new_password')
  if (problems.length > 0) throw invalidAll(problems)
  const attempt = await beginAttempt(ctx, 'code', email, (await findByEmail(ctx, email))?.id)
  // Before the code is looked at, so that a wrong one takes as long as a right one.
  const hash = await hashPassword(new_password)
  await withCode(ctx, email, ['password_reset'], code, async (tx, row) => {
    const account = await lockAccount(tx, row.user_id)
    if (!account || account.email_key !== row.email_key) return null
    await takePassword(tx, account, hash)
    await setEmailConfirmed(tx, account.id)
    await setPendingEmail(tx, account.id, null)
    await endSessions(tx, account.id)
    return true
  })
  await attempt.succeeded()
}

async function takePassword(ctx: Context, account: Account, hash: string): Promise<void> {
  await setPassword(ctx, account.id, hash)
  await endCodes(ctx, account.id, ['password_reset'])
  // Whoever guessed at the second factor knew the old password.
  await forgetFailures(ctx, account.id)
  await sendMail(ctx, {
    to: account.email,
    locale: localeOr(account.locale, ctx.locale),
    template: 'password_changed',
    params: {
      at: ctx.now.toZonedDateTimeISO(account.time_zone).toString(),
      resetLink: `${ctx.house.config.PUBLIC_URL}/account/password-reset`,
    },
  })
}
