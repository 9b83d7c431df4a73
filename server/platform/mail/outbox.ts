import { compose, parseSender } from './mail.ts'
import type { ComposedMail, Mailer } from './mail.ts'

export interface OutboxOptions {
  /** DEFAULT_FROM_EMAIL: `a@b.c` or `Name <a@b.c>`. */
  from: string
  /** Keeps one mail; called again with the same `messageId` when a mail is repeated. */
  store: (mail: ComposedMail) => Promise<void>
}

/** Keeps mails instead of sending them, checked as if they went out: where no SMTP is set, for `/dev/mail`. */
export function createOutboxMailer({ from, store }: OutboxOptions): Mailer {
  const sender = parseSender(from)
  return {
    async send(mail) {
      const composed = compose(mail, sender)
      await store(composed)
      return { messageId: composed.messageId }
    },
    state: () => Promise.resolve({ status: 'off' }),
    close: () => Promise.resolve(),
  }
}
