import { createTransport } from 'nodemailer'
import { createCircuit } from '../circuit.ts'
import { compose, MailRefused, parseSender } from './mail.ts'
import type { ComposedMail, Mailer } from './mail.ts'

export interface SmtpOptions {
  /** EMAIL_HOST */
  host: string
  /** EMAIL_PORT */
  port: number
  /** TLS from the first byte; if absent, on port 465 (RFC 8314), where nobody speaks anything else. */
  implicitTls?: boolean
  /** EMAIL_USE_TLS: STARTTLS is demanded, and a server without it or with a false certificate gets nothing. Else plain text. */
  useTls: boolean
  /** EMAIL_HOST_USER and EMAIL_HOST_PASSWORD; no sign-in without. */
  user?: string
  password?: string
  /** DEFAULT_FROM_EMAIL: `a@b.c` or `Name <a@b.c>`. */
  from: string
  /** Certificates to trust besides the system's, in PEM. */
  ca?: string
  /** For the `Date` header and the circuit. */
  now: () => Temporal.Instant
  /** How long one mail may take in all, in milliseconds; a minute if absent. */
  timeoutMs?: number
}

/** The mail did not go out this time: no answer, a refusal for now, or a wrong setting. The message names no address. */
export class MailFailed extends Error {
  /** The server's reply code, or null when there was none. */
  readonly responseCode: number | null
  constructor(message: string, responseCode: number | null) {
    super(message)
    this.name = 'MailFailed'
    this.responseCode = responseCode
  }
}

/**
 * Sends by SMTP over a few kept connections. `send` throws `MailRefused` when the server refuses this recipient or this mail
 * for good (5xx to RCPT or DATA, RFC 5321 section 4.2.1), `CircuitOpen` while the server keeps failing, else `MailFailed`.
 * Delivery is at least once: a server that took the mail and died before saying so gets it again under the same Message-ID.
 */
export function createSmtpMailer(options: SmtpOptions): Mailer {
  const from = parseSender(options.from)
  const secure = options.implicitTls ?? options.port === 465
  const transport = createTransport({
    pool: true,
    maxConnections: 3,
    maxRequeues: 1,
    host: options.host,
    port: options.port,
    secure,
    requireTLS: !secure && options.useTls,
    ignoreTLS: !secure && !options.useTls,
    ...(options.ca !== undefined && { tls: { ca: options.ca } }),
    ...(options.user !== undefined && { auth: { user: options.user, pass: options.password ?? '' } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const circuit = createCircuit({
    name: 'smtp',
    now: options.now,
    isFailure: (error) => !(error instanceof MailRefused),
  })
  const underWay = new Set<Promise<unknown>>()
  let closed = false

  const deliver = async (mail: ComposedMail) => {
    try {
      await transport.sendMail({
        ...forNodemailer(mail),
        date: new Date(options.now().epochMilliseconds),
        signal: AbortSignal.timeout(options.timeoutMs ?? 60_000),
      })
    } catch (error) {
      throw told(error)
    }
  }

  return {
    async send(mail) {
      if (closed) throw new MailFailed('The mailer is closed', null)
      const composed = compose(mail, from)
      const sending = circuit.run(() => deliver(composed))
      underWay.add(sending)
      try {
        await sending
      } finally {
        underWay.delete(sending)
      }
      return { messageId: composed.messageId }
    },

    // Rested is not well: until a mail has gone out, what it did last is what is known.
    state: () => Promise.resolve({ status: circuit.state() === 'closed' ? 'ok' : 'down' }),

    async close() {
      closed = true
      await Promise.allSettled(underWay)
      transport.close({ force: true })
    },
  }
}

function forNodemailer({ from, to, inReplyTo, headers, attachments, ...mail }: ComposedMail) {
  return {
    ...mail,
    from: { name: from.name ?? '', address: from.address },
    to: { name: to.name ?? '', address: to.address },
    // Said outright: whatever a parser might read out of the headers, the mail goes to this one address.
    envelope: { from: from.address, to: [to.address] },
    ...(inReplyTo !== null && { inReplyTo, references: [inReplyTo] }),
    headers,
    // Base64 would hide the text from readers of the source, and could show six digits that are none of ours.
    textEncoding: 'quoted-printable' as const,
    attachments: attachments.map(({ filename, content, contentType }) => ({
      filename,
      contentType,
      content: typeof content === 'string' ? content : Buffer.from(content),
    })),
  }
}

/** Which of our two errors this is. Replies of servers repeat the recipient's address, which belongs in no log. */
function told(error: unknown): Error {
  const { responseCode = null, permanent = false, command = '', code = '', message } = describe(error)
  const said = message.slice(0, 300).replaceAll(/[^\s<>]{1,100}@[^\s<>]{1,100}/g, '(address)')
  const ofThisMail = command === 'RCPT TO' || command === 'DATA' || code === 'EMESSAGE' || responseCode === 552
  // 530, 535, 538: sign in first, or better. A wrong setting of ours, not of the mail.
  const ofUs = responseCode !== null && [530, 535, 538].includes(responseCode)
  const final = permanent || (code === 'EMESSAGE' && responseCode === null)
  return final && ofThisMail && !ofUs ? new MailRefused(said, responseCode) : new MailFailed(said, responseCode)
}

function describe(error: unknown): {
  responseCode?: number
  permanent?: boolean
  command?: string
  code?: string
  message: string
} {
  return error instanceof Error ? error : { message: String(error) }
}
