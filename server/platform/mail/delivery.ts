import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { Db } from '../db/database.ts'
import type { Locale } from '../i18n/index.ts'
import type { JobDefinition } from '../jobs/jobs.ts'
import { MailRefused, type Mail, type Mailer } from './mail.ts'
import { createOutboxMailer } from './outbox.ts'
import { render } from './render.ts'
import type { MailParams, TemplateName } from './templates/templates.ts'

export type { Mailer } from './mail.ts'

/** How mails leave this process: by SMTP where EMAIL_HOST is set, else they are kept in `mail_outbox`, each once however often its job is repeated. */
export async function createMailer(config: Config, db: Db, now: () => Temporal.Instant): Promise<Mailer> {
  if (config.EMAIL_HOST !== null) {
    const { createSmtpMailer } = await import('./smtp.ts')
    return createSmtpMailer({
      host: config.EMAIL_HOST,
      port: config.EMAIL_PORT,
      useTls: config.EMAIL_USE_TLS,
      from: config.DEFAULT_FROM_EMAIL,
      now,
      ...(config.EMAIL_HOST_USER === null ? {} : { user: config.EMAIL_HOST_USER }),
      ...(config.EMAIL_HOST_PASSWORD === null ? {} : { password: config.EMAIL_HOST_PASSWORD }),
    })
  }
  return createOutboxMailer({
    from: config.DEFAULT_FROM_EMAIL,
    store: async ({ messageId, to, subject, text, html }) => {
      await db
        .insertInto('mail_outbox')
        .values({ message_id: messageId, at: now(), recipient: to.address, subject, text, html })
        .onConflict((on) => on.column('message_id').doNothing())
        .execute()
    },
  })
}

/** Params of a template as a job can keep them: a time in its zone is text there. */
type Kept<Params> = { [K in keyof Params]: Params[K] extends Temporal.ZonedDateTime ? string : Params[K] }

/** One of our mails to one person, in their language. */
export type MailToSend = {
  [Name in TemplateName]: { template: Name; params: Kept<MailParams[Name]> }
}[TemplateName] & { to: string; locale: Locale }

declare module '../jobs/jobs.ts' {
  interface JobData {
    'mail.send': MailToSend & { id: string }
  }
}

/** Sends a mail once the transaction of `ctx` is committed, by a job that tries for a day. Secrets do not belong in it: what carries a code has a job of its own that is given an id. */
export const sendMail = (ctx: Context, mail: MailToSend): Promise<void> =>
  ctx.house.jobs.enqueue(ctx, 'mail.send', { ...mail, id: randomUUID() })

/** Hands a mail over. One that is refused for good is given up with a line in the log, since repeating is vain; everything else is thrown, so that the job is tried again. */
export async function deliver(ctx: Context, mail: Mail): Promise<void> {
  try {
    await ctx.house.mailer.send(mail)
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error
    ctx.log.warn({ message_id: mail.messageId, response: error.responseCode }, 'a mail was refused for good')
  }
}

export const mailJobs: { 'mail.send': JobDefinition<'mail.send'> } = {
  'mail.send': {
    queue: 'mail',
    handle: async (ctx, { id, to, locale, template, params }) => {
      const revived = 'at' in params ? { ...params, at: Temporal.ZonedDateTime.from(params.at) } : params
      await deliver(ctx, { to, messageId: id, ...render(template, locale, revived as MailParams[typeof template]) })
    },
  },
}
