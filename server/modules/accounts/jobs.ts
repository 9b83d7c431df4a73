import type { Context } from '../../platform/context.ts'
import type { Locale } from '../../platform/i18n/index.ts'
import type { JobDefinition } from '../../platform/jobs/jobs.ts'
import { cleanAccounts } from './service/clean.ts'
import { answerCodeRequest, mailCode, welcome, type CodeRequest } from './service/mail-codes.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    /** Somebody has an account. `locale` is the language they asked in, for who has chosen none. */
    'account.registered': { user_id: number; locale: Locale }
    /** Somebody's account was erased: what else is personal goes too. */
    'account.deleted': { user_id: number }
    /** Name, provider profile, role or standing may be others than before. */
    'account.changed': { user_id: number }
  }
  interface JobData {
    'accounts.request_code': CodeRequest
    /** The id of the code, never the code. */
    'accounts.mail_code': { code_id: number; locale: Locale }
    'accounts.clean': Record<string, never>
  }
}

export const jobs: {
  'accounts.request_code': JobDefinition<'accounts.request_code'>
  'accounts.mail_code': JobDefinition<'accounts.mail_code'>
  'accounts.clean': JobDefinition<'accounts.clean'>
} = {
  'accounts.request_code': { handle: answerCodeRequest },
  'accounts.mail_code': { queue: 'mail', handle: (ctx, { code_id, locale }) => mailCode(ctx, code_id, locale) },
  'accounts.clean': { cron: '0 3 * * *', handle: cleanAccounts },
}

/** Hears `account.registered`: the e-mail is to be confirmed. */
export const confirmEmail = (ctx: Context, event: { user_id: number; locale: Locale }): Promise<void> =>
  welcome(ctx, event.user_id, event.locale)
