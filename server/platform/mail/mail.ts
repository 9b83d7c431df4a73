import { createHash, randomUUID } from 'node:crypto'

export interface Address {
  name?: string
  address: string
}

export interface Attachment {
  filename: string
  content: Uint8Array | string
  /** E.g. `text/calendar; method=REQUEST`. */
  contentType: string
}

/** One mail to one person, as it is asked for. */
export interface Mail {
  /** A bare address, or one with the name to show. */
  to: string | Address
  subject: string
  text: string
  html: string
  /** Further headers, e.g. `List-Unsubscribe`. Those that say who, what and where cannot be given here. */
  headers?: Readonly<Record<string, string>>
  /** The same for every try of one mail, so that a repeated one is recognized: an id with `@`, or a word that our domain is put behind. */
  messageId?: string
  /** The Message-ID of the mail that this one follows. */
  inReplyTo?: string
  attachments?: readonly Attachment[]
}

/** A mail that is checked and complete: what goes out, whichever way. Ids are in angle brackets. */
export interface ComposedMail {
  messageId: string
  from: Address
  to: Address
  subject: string
  text: string
  html: string
  headers: Record<string, string>
  inReplyTo: string | null
  attachments: readonly Attachment[]
}

/** Sends mail, or keeps it where it can be looked at. */
export interface Mailer {
  /** Answers the Message-ID once the mail is handed over. Errors: `MailRefused` when repeating is vain; any other may pass. */
  send(mail: Mail): Promise<{ messageId: string }>
  /** For the health answer: `down` while the server keeps failing, `off` when mails are only kept. */
  state(): Promise<{ status: 'ok' | 'down' | 'off' }>
  /** Lets what is being sent end, then closes the connections. Sending afterwards fails. */
  close(): Promise<void>
}

/** This mail will never go out as it is: the address, the content or a header is refused for good. The message names no address. */
export class MailRefused extends Error {
  /** The server's reply code, or null when it never came so far. */
  readonly responseCode: number | null
  constructor(message: string, responseCode: number | null = null) {
    super(message)
    this.name = 'MailRefused'
    this.responseCode = responseCode
  }
}

const ADDRESS = /^[^\s\p{Cc}<>()[\]\\,;:"@]{1,64}@[^\s\p{Cc}<>()[\]\\,;:"@]{1,190}$/u
const MESSAGE_ID = /^<?([\w.!#$%&'*+/=?^`{|}~-]{1,120})(?:@([\w.[\]:-]{1,120}))?>?$/
const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,60}$/
// Written by us from the checked fields: a second one would contradict them, or add a recipient.
const OWN_HEADERS =
  /^(?:from|sender|to|cc|bcc|subject|date|message-id|in-reply-to|references|return-path|received|mime-version|content-.*)$/i
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * Checks and completes a mail. Line breaks cannot reach a header: names and subjects, which people write, lose theirs;
 * where only a program could have put one (addresses, ids, headers, file types) the mail is refused with `MailRefused`.
 */
export function compose(mail: Mail, from: Address): ComposedMail {
  const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated' }
  for (const [name, value] of Object.entries(mail.headers ?? {})) {
    if (!HEADER_NAME.test(name) || OWN_HEADERS.test(name)) throw new MailRefused('A header of the mail is not allowed')
    if (CONTROL.test(value) || value.length > 900)
      throw new MailRefused('A header of the mail has a value that is not allowed')
    headers[name] = value
  }
  return {
    messageId: messageIdOf(mail.messageId ?? randomUUID(), from),
    from: checked(from),
    to: checked(typeof mail.to === 'string' ? { address: mail.to } : mail.to),
    subject: oneLine(mail.subject, 250),
    text: mail.text,
    html: mail.html,
    headers,
    inReplyTo: mail.inReplyTo === undefined ? null : messageIdOf(mail.inReplyTo, from),
    attachments: (mail.attachments ?? []).map((attachment) => {
      if (CONTROL.test(attachment.contentType)) throw new MailRefused('An attachment has a type that is not allowed')
      return { ...attachment, filename: oneLine(attachment.filename, 150) }
    }),
  }
}

/** A sender as a setting gives it: `a@b.c` or `Name <a@b.c>`. Throws `MailRefused` when it is neither. */
export function parseSender(text: string): Address {
  const parts = /^\s*(?:"?([^"<>]*?)"?\s*<([^<>]+)>|([^<>"]+?))\s*$/.exec(text)
  const address = parts?.[2] ?? parts?.[3] ?? ''
  return checked(parts?.[1] ? { name: parts[1], address } : { address })
}

/** A word for `messageId` that is the same for the same mail, e.g. of the id of its job, and tells nothing of it. */
export function messageKey(...parts: (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)
}

function checked({ name, address }: Address): Address {
  if (!ADDRESS.test(address)) throw new MailRefused('The address of the mail is not valid')
  const shown = name === undefined ? '' : oneLine(name, 100)
  return shown === '' ? { address } : { name: shown, address }
}

function messageIdOf(id: string, from: Address): string {
  const parts = MESSAGE_ID.exec(id)
  if (!parts) throw new MailRefused('The Message-ID of the mail is not valid')
  return `<${parts[1]}@${parts[2] ?? from.address.split('@')[1]}>`
}

function oneLine(text: string, length: number): string {
  return text
    .slice(0, length)
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
}
