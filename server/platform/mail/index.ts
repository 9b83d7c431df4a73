export { MailRefused, messageKey } from './mail.ts'
export type { Address, Attachment, ComposedMail, Mail, Mailer } from './mail.ts'
export { createOutboxMailer } from './outbox.ts'
export { createSmtpMailer } from './smtp.ts'
