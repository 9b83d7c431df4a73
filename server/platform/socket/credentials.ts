import { createHash, randomBytes } from 'node:crypto'
import type { Actor, Context } from '../context.ts'
import { AppError, notAuthenticated, secondFactorRequired } from '../errors.ts'
import type { House } from '../house.ts'

/** As whom a socket is open, and until when: the end of the access token that opened it. */
export type Admission = { userId: number; sessionId: number; expiresAt: Temporal.Instant }

/** What the socket asks of accounts; given through `app.ts`, since the platform knows no module. */
export type SocketAccounts = {
  /** Reads an access token. @throws AUTHENTICATION_FAILED */
  read: (house: House, token: string, now: Temporal.Instant) => Admission
  /** Who it is, as of now. @throws AUTHENTICATION_FAILED when the session has ended */
  actorOf: (house: House, userId: number, sessionId: number, now: Temporal.Instant) => Promise<Actor>
  openSessions: (house: House, sessionIds: readonly number[], now: Temporal.Instant) => Promise<Set<number>>
}

export type Credentials = { token?: string | undefined; ticket?: string | undefined }

/** A ticket is for the moment: to be shown at once. */
export const ticketSeconds = 60

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url')

/** Makes a one-use ticket, kept as its hash; any process takes it. */
export async function makeTicket(
  { db, now }: Context,
  admission: Admission,
): Promise<{ ticket: string; expiresAt: Temporal.Instant }> {
  const ticket = randomBytes(24).toString('base64url')
  const expiresAt = now.add({ seconds: ticketSeconds })
  await db
    .insertInto('socket_tickets')
    .values({
      ticket_hash: hashOf(ticket),
      user_id: admission.userId,
      session_id: admission.sessionId,
      token_expires_at: admission.expiresAt,
      expires_at: expiresAt,
    })
    .execute()
  return { ticket, expiresAt }
}

/** Takes a ticket back: of several who show it at once, on any process, one finds it. @throws AUTHENTICATION_FAILED */
async function useTicket({ db }: House, ticket: string, now: Temporal.Instant): Promise<Admission> {
  const row = await db
    .deleteFrom('socket_tickets')
    .where('ticket_hash', '=', hashOf(ticket))
    .returning(['user_id', 'session_id', 'token_expires_at', 'expires_at'])
    .executeTakeFirst()
  if (!row || Temporal.Instant.compare(row.expires_at, now) <= 0)
    throw notAuthenticated('The ticket is not valid: it serves once, for 60 seconds')
  return { userId: row.user_id, sessionId: row.session_id, expiresAt: row.token_expires_at }
}

/** Deletes tickets that nobody showed; part of the nightly clean-up. */
export async function forgetOldTickets({ db, now }: Context): Promise<void> {
  await db.deleteFrom('socket_tickets').where('expires_at', '<', now).execute()
}

/**
 * Who shows these credentials: a ticket before a token, where both are there.
 * @throws TOKEN_MISSING, AUTHENTICATION_FAILED, PERMISSION_DENIED for an administrator without the second factor that is required
 */
export async function admit(
  house: House,
  accounts: SocketAccounts,
  { token, ticket }: Credentials,
): Promise<{ admission: Admission; actor: Actor }> {
  const now = house.clock()
  if (!ticket && !token) throw new AppError('TOKEN_MISSING', 'No token was given')
  const admission = ticket ? await useTicket(house, ticket, now) : accounts.read(house, token ?? '', now)
  const actor = await accounts.actorOf(house, admission.userId, admission.sessionId, now)
  if (actor.lacksSecondFactor) throw secondFactorRequired()
  return { admission, actor }
}
