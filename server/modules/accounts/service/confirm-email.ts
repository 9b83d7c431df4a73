import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalidAll } from '../../../platform/errors.ts'
import { findByEmail, setEmailConfirmed } from '../queries/changes.ts'
import { markUsed } from '../queries/codes.ts'
import type { VerifyBody } from '../schema/codes.ts'
import { beginAttempt } from './attempts.ts'
import { takeNewEmail } from './change-email.ts'
import { lockByToken, withCode, wrongLink, type CodeRow, type Purpose } from './codes.ts'

export type Confirmed = { email: string; email_confirmed: true }

/** What a code or link of these mails proves: that an e-mail is its account's own, or the new one's. */
const proving: readonly Purpose[] = ['email_confirmation', 'email_change']

/** Confirms an e-mail with a code, or with the token of a link. @throws VALIDATION_ERROR, CONFLICT when a new e-mail was taken meanwhile, RATE_LIMITED */
export async function verifyEmail(ctx: Context, { email, code, token }: VerifyBody): Promise<Confirmed> {
  if (token !== undefined) return verifyLink(ctx, token)
  if (email === undefined || code === undefined) {
    const message = 'Give email and code, or token'
    const missing = Object.entries({ email, code }).filter(([, value]) => value === undefined)
    throw invalidAll(missing.map(([field]) => ({ field, message, rule: 'required' })))
  }
  const attempt = await beginAttempt(ctx, 'code', email, (await findByEmail(ctx, email))?.id)
  const confirmed = await withCode(ctx, email, proving, code, confirm)
  await attempt.succeeded()
  return confirmed
}

/** Confirms an e-mail by the link of a mail. For as long as the link lives it repeats its answer: mail programs open links before people do. @throws VALIDATION_ERROR, CONFLICT */
export async function verifyLink(ctx: Context, token: string): Promise<Confirmed> {
  return inTransaction(ctx, async (tx) => {
    const row = await lockByToken(tx, token, proving)
    if (!row || Temporal.Instant.compare(row.expires_at, tx.now) <= 0) throw wrongLink()
    if (row.used_at !== null) {
      if (row.user_email_key !== row.email_key) throw wrongLink()
      return { email: row.email, email_confirmed: true }
    }
    const confirmed = await confirm(tx, row)
    if (!confirmed) throw wrongLink()
    await markUsed(tx, row.id)
    return confirmed
  })
}

/** Null when the e-mail is no longer what the code was made for. */
async function confirm(ctx: Context, row: CodeRow): Promise<Confirmed | null> {
  if (row.purpose === 'email_change') {
    if (row.pending_email !== row.email || !(await takeNewEmail(ctx, row.user_id, row.email))) return null
  } else {
    if (row.user_email_key !== row.email_key) return null
    await setEmailConfirmed(ctx, row.user_id)
  }
  return { email: row.email, email_confirmed: true }
}
