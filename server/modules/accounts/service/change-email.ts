import type { Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { conflict, rateLimited, type AppError } from '../../../platform/errors.ts'
import { networkOf } from '../../../platform/limits.ts'
import { isEmailTaken, lockAccount, setEmail, setPendingEmail, type Account } from '../queries/changes.ts'
import { endCodes } from '../queries/codes.ts'
import { emailKey } from '../rules.ts'
import { issueCode, issueUndoLink, lockByToken, wrongLink } from './codes.ts'
import { endSessions } from './sign-in.ts'

/** SPEC section 3: for so long the old address can take a change back. */
const undoHours = 72

export const emailTaken = (email: string): AppError =>
  conflict('The e-mail {email} is already in use', {
    params: { email },
    details: [{ field: 'email', message: 'This e-mail is already in use', rule: 'email_taken' }],
  })

/** A change of e-mail tells whether an address is registered, so it is limited like passwords: by account and by address. @throws RATE_LIMITED */
export async function limitEmailChange(ctx: Context, userId: number): Promise<void> {
  const { limits, config } = ctx.house
  for (const who of [`account:${userId}`, `address:${networkOf(ctx.origin?.address ?? '')}`]) {
    const wait = await limits.take(`email-change:${who}`, config.AUTH_RATE_LIMIT_PER_MINUTE, ctx.now)
    if (wait !== null) throw rateLimited(wait)
  }
}

/**
 * Lets an account that is locked wait for another e-mail: a code goes to the new one, and the old one is told and can undo it. Nothing is changed until the
 * code comes back.
 * @throws CONFLICT when the e-mail is another account's.
 */
export async function askForNewEmail(ctx: Context, account: Account, email: string): Promise<void> {
  if (emailKey(email) === account.email_key) return
  if (await isEmailTaken(ctx, email, account.id)) throw emailTaken(email)
  await setPendingEmail(ctx, account.id, email)
  await issueCode(ctx, { userId: account.id, purpose: 'email_change', email, locale: ctx.locale })
  await tellOldAddress(ctx, account)
}

const tellOldAddress = (ctx: Context, { id, email }: Account): Promise<void> =>
  issueUndoLink(ctx, { userId: id, email, expiresAt: ctx.now.add({ hours: undoHours }), locale: ctx.locale })

/** Takes the e-mail that was waited for, now that it is proved. Answers false when the account is gone or waits for it no more: a new password drops it. @throws CONFLICT when somebody else took the e-mail meanwhile. */
export async function takeNewEmail(ctx: Context, userId: number, email: string): Promise<boolean> {
  const account = await lockAccount(ctx, userId)
  if (account?.pending_email !== email) return false
  await giveEmail(ctx, account, email)
  // Again, so that the 72 hours count from the change and not from the wish.
  await tellOldAddress(ctx, account)
  return true
}

/**
 * Takes a change of e-mail back, asked for or done, with the link that the old address was sent. Whoever made the change may be a stranger who is signed in:
 * every session ends, and so does every code and every other link of the account.
 * @throws VALIDATION_ERROR for a link that is wrong, used or older than 72 hours; CONFLICT when the old e-mail is another account's by now.
 */
export async function undoEmailChange(ctx: Context, token: string): Promise<{ email: string }> {
  return inTransaction(ctx, async (tx) => {
    const row = await lockByToken(tx, token, ['email_change_undo'])
    const isOpen = row && row.used_at === null && Temporal.Instant.compare(row.expires_at, tx.now) > 0
    const account = isOpen ? await lockAccount(tx, row.user_id) : undefined
    if (!row || !account) throw wrongLink()
    if (account.email_key === row.email_key) await setPendingEmail(tx, account.id, null)
    else await giveEmail(tx, account, row.email)
    await endCodes(tx, account.id, ['email_confirmation', 'password_reset', 'email_change', 'email_change_undo'])
    await endSessions(tx, account.id)
    return { email: row.email }
  })
}

async function giveEmail(ctx: Context, account: Account, email: string): Promise<void> {
  try {
    await setEmail(ctx, account, email)
  } catch (error) {
    throw violates(error, 'users_email_taken') ? emailTaken(email) : error
  }
}
