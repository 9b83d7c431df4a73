import type { Context } from '../../../platform/context.ts'
import { invalidAll, rateLimited } from '../../../platform/errors.ts'
import { sendMail } from '../../../platform/mail/delivery.ts'
import { findMailbox } from '../queries/people.ts'
import {
  resealSecret,
  selectSecretsAfter,
  useRecoveryCode,
  useStep,
  writeFailures,
  type Factor,
} from '../queries/two-factor.ts'
import { localeOr } from '../rules.ts'
import { hashRecoveryCode, stepOfCode } from '../totp.ts'

/** Wrong codes that an account bears in an hour, whatever the address: three codes of a million hold at any moment, so that guessing takes years. */
const mostFailuresAnHour = 20

const purpose = 'second factor'

/** What somebody gives as their second factor. */
export type GivenCode = { code?: string | undefined; recovery_code?: string | undefined }

/** The shared secret as it is kept. */
export const sealSecret = ({ house }: Context, userId: number, secret: string): string =>
  house.secrets.seal(purpose, secret, String(userId))

/** The shared secret that was kept, and whether under the previous key; null when SECRET_KEY was changed without its previous one: then only recovery codes are left. */
const unsealSecret = ({ house }: Context, userId: number, sealed: string) =>
  house.secrets.unseal(purpose, sealed, String(userId))

/** Seals every secret anew that was sealed under SECRET_KEY_PREVIOUS, so that it may be taken away a day after a change of SECRET_KEY. */
export async function resealSecrets(ctx: Context): Promise<void> {
  if (ctx.house.config.SECRET_KEY_PREVIOUS === null) return
  const most = 500
  for (let after = 0; ;) {
    const page = await selectSecretsAfter(ctx, after, most)
    for (const { user_id, secret } of page) {
      const kept = unsealSecret(ctx, user_id, secret)
      if (kept?.isOld) await resealSecret(ctx, user_id, secret, sealSecret(ctx, user_id, kept.text))
    }
    const last = page.at(-1)
    if (!last || page.length < most) return
    after = last.user_id
  }
}

/** @throws VALIDATION_ERROR unless exactly one kind of code is given */
export function requireOneCode({ code, recovery_code }: GivenCode): void {
  if ((code === undefined) === (recovery_code === undefined))
    throw invalidAll([
      { field: 'code', message: 'Give one code: of the authenticator, or a recovery code', rule: 'required' },
    ])
}

/** @throws RATE_LIMITED while the wrong codes of this hour are used up */
function refuseGuessing(ctx: Context, { failures, failures_since }: Factor): void {
  const until = failures_since.add({ hours: 1 })
  if (failures >= mostFailuresAnHour && Temporal.Instant.compare(ctx.now, until) < 0)
    throw rateLimited(ctx.now.until(until).total('seconds'))
}

/**
 * Takes a code of a second factor that is locked: it is used up with that. A wrong one is counted, so the transaction must be committed all the same.
 * A recovery code that is used is told by mail. Answers whether it was right.
 * @throws RATE_LIMITED
 */
export async function takeCode(ctx: Context, factor: Factor, { code, recovery_code }: GivenCode): Promise<boolean> {
  refuseGuessing(ctx, factor)
  if (await takeStep(ctx, factor, code)) return true
  if (await takeRecoveryCode(ctx, factor, recovery_code)) return true
  const isOver = Temporal.Instant.compare(factor.failures_since.add({ hours: 1 }), ctx.now) <= 0
  const [failures, since] = isOver ? [1, ctx.now] : [factor.failures + 1, factor.failures_since]
  await writeFailures(ctx, factor.user_id, failures, since)
  return false
}

async function takeStep(ctx: Context, factor: Factor, code: string | undefined): Promise<boolean> {
  const secret = code === undefined ? null : unsealSecret(ctx, factor.user_id, factor.secret)
  if (code === undefined || secret === null) return false
  const step = stepOfCode(secret.text, code, ctx.now, factor.last_step)
  if (step === null) return false
  await useStep(ctx, factor.user_id, step)
  return true
}

async function takeRecoveryCode(ctx: Context, factor: Factor, code: string | undefined): Promise<boolean> {
  if (code === undefined) return false
  const left = await useRecoveryCode(ctx, factor.user_id, hashRecoveryCode(factor.user_id, code))
  if (left === null) return false
  await useStep(ctx, factor.user_id, factor.last_step)
  await tellByMail(ctx, factor.user_id, { template: 'recovery_code_used', left })
  return true
}

/** What somebody is told of their second factor, at their e-mail, in their language and zone. */
type TwoFactorMail =
  | { template: 'two_factor_on' | 'two_factor_off' | 'two_factor_reset' | 'two_factor_guessed' | 'recovery_codes_new' }
  | { template: 'recovery_code_used'; left: number }

export async function tellByMail(ctx: Context, userId: number, mail: TwoFactorMail): Promise<void> {
  const mailbox = await findMailbox(ctx, userId)
  if (!mailbox) return
  const common = {
    at: ctx.now.toZonedDateTimeISO(mailbox.time_zone).toString(),
    resetLink: `${ctx.house.config.PUBLIC_URL}/account/password-reset`,
  }
  const envelope = { to: mailbox.email, locale: localeOr(mailbox.locale, ctx.locale) }
  if (mail.template === 'recovery_code_used')
    await sendMail(ctx, { ...envelope, template: mail.template, params: { ...common, left: mail.left } })
  else await sendMail(ctx, { ...envelope, template: mail.template, params: common })
}
