import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { Locale } from '../../../platform/i18n/index.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render, type RenderedMail } from '../../../platform/mail/render.ts'
import { findByEmail, findWaitingFor, lockAccount } from '../queries/changes.ts'
import { findCode } from '../queries/codes.ts'
import { emailKey, localeOr } from '../rules.ts'
import { codeMinutes, codeOf, issueCode, tokenOf, type CodeRow } from './codes.ts'

export type CodeRequest = { purpose: 'email_confirmation' | 'password_reset'; email: string; locale: Locale }

/** Asks for a code. Whether anybody has the e-mail is found out by a job: neither the answer nor its time can tell. */
export const requestCode = (ctx: Context, purpose: CodeRequest['purpose'], email: string): Promise<void> =>
  ctx.house.jobs.enqueue(ctx, 'accounts.request_code', { purpose, email, locale: ctx.locale })

/** Makes the code that was asked for, where there is an account that needs it. */
export async function answerCodeRequest(ctx: Context, { purpose, email, locale }: CodeRequest): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const found = await findByEmail(tx, email)
    const account = found && (await lockAccount(tx, found.id))
    if (account && (purpose === 'password_reset' || account.email_confirmed_at === null))
      await issueCode(tx, { userId: account.id, purpose, email: account.email, locale })
    if (purpose === 'password_reset') return
    for (const { id } of await findWaitingFor(tx, email)) {
      const waiting = await lockAccount(tx, id)
      if (waiting?.pending_email && emailKey(waiting.pending_email) === emailKey(email))
        await issueCode(tx, { userId: id, purpose: 'email_change', email: waiting.pending_email, locale })
    }
  })
}

/** Asks somebody who has just registered to confirm their e-mail. */
export async function welcome(ctx: Context, userId: number, locale: Locale): Promise<void> {
  const account = await lockAccount(ctx, userId)
  if (account?.email_confirmed_at === null)
    await issueCode(ctx, { userId, purpose: 'email_confirmation', email: account.email, locale })
}

/** Mails a code or link. One that has expired while the mail server was down, or was ended meanwhile, is not sent any more. */
export async function mailCode(ctx: Context, id: number, locale: Locale): Promise<void> {
  const row = await findCode(ctx, id)
  if (!row || row.used_at !== null || Temporal.Instant.compare(row.expires_at, ctx.now) <= 0) return
  const mail = compose(ctx, row, localeOr(row.locale, locale))
  await deliver(ctx, { to: row.email, messageId: `code-${row.id}-${row.nonce.slice(0, 12)}`, ...mail })
}

function compose({ house }: Context, row: CodeRow, locale: Locale): RenderedMail {
  const { PUBLIC_URL } = house.config
  const token = tokenOf(house, row)
  if (row.purpose === 'email_change_undo') {
    const undoLink = `${PUBLIC_URL}/account/email-change/undo?token=${token}`
    const newEmail = row.pending_email ?? row.user_email
    const template = row.pending_email === null ? 'email_changed_notice' : 'email_change_notice'
    return render(template, locale, { newEmail, undoLink, hours: 72 })
  }
  const code = codeOf(house, row)
  if (row.purpose === 'password_reset') return render('password_reset', locale, { code, minutes: codeMinutes })
  const link = `${PUBLIC_URL}/api/v1/auth/email-confirm/verify/?token=${token}`
  return render(row.purpose === 'email_change' ? 'email_change' : 'email_confirmation', locale, {
    code,
    link,
    minutes: codeMinutes,
  })
}
