import { createHash, randomBytes } from 'node:crypto'
import { CircuitOpen } from '../../../platform/circuit.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notAuthenticated, unavailable } from '../../../platform/errors.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { ConsentGone, GoogleFailed, GoogleRefused } from '../client/errors.ts'
import { googleOf, hasConsent } from '../client/index.ts'
import { consentUrl, eventsScope, exchangeCode, type Tokens } from '../client/oauth.ts'
import { hasChannel } from '../queries/channels.ts'
import {
  findConnection,
  findConnectionOf,
  insertConnection,
  insertConsent,
  lockConnectionOf,
  lockPerson,
  takeConsent,
  updateConnection,
} from '../queries/connections.ts'
import { listToGive, markAllDirty } from '../queries/events.ts'
import type { ConnectionView, ConsentView } from '../schema.ts'
import { endConnection } from './end.ts'
import { idOf } from './outgoing.ts'
import { sealToken } from './places.ts'
import { askToSync } from './busy.ts'

const hashOf = (state: string): string => createHash('sha256').update(state).digest('hex')
const purpose = 'google-consent'
/** How long a consent that was begun may take. */
const minutes = 10

/** Begins to connect one's own calendar: the page of Google's to open. It serves this person alone, once. @throws CONFLICT without an OAuth client */
export async function beginConsent(ctx: Context): Promise<ConsentView> {
  if (!hasConsent(ctx)) throw conflict('Google calendars cannot be connected here')
  const { userId } = actorOf(ctx)
  const state = randomBytes(32).toString('base64url')
  const verifier = randomBytes(48).toString('base64url')
  const expiresAt = ctx.now.add({ minutes })
  const hash = hashOf(state)
  await inTransaction(ctx, (tx) =>
    insertConsent(tx, hash, {
      user_id: userId,
      verifier: tx.house.secrets.seal(purpose, verifier, hash),
      expires_at: expiresAt,
    }),
  )
  return { authorization_url: consentUrl(ctx.house.config, state, verifier), expires_at: iso(expiresAt) }
}

const again = 'This consent does not hold any more; begin again'

/**
 * Connects the calendar with what Google has sent the person back with. Only who began it can end it: a state that somebody else began is unknown here.
 * @throws VALIDATION_ERROR for a state or a code that does not hold, CONFLICT where the person has not granted the calendar, or without an OAuth client; AUTHENTICATION_FAILED for who was erased meanwhile; SERVICE_UNAVAILABLE
 */
export async function endConsent(
  ctx: Context,
  { code, state }: { code: string; state: string },
): Promise<ConnectionView> {
  if (!hasConsent(ctx)) throw conflict('Google calendars cannot be connected here')
  const { userId } = actorOf(ctx)
  const hash = hashOf(state)
  const consent = await takeConsent(ctx, hash, userId)
  const verifier = consent && ctx.house.secrets.unseal(purpose, consent.verifier, hash)
  if (!consent || !verifier || Temporal.Instant.compare(consent.expires_at, ctx.now) <= 0)
    throw invalid('state', again, 'state')
  const tokens = await exchange(ctx, code, verifier.text)
  if (!tokens.scopes.includes(eventsScope) || tokens.refresh === null)
    throw conflict('Google was not allowed to show the events of your calendar; connect it again and allow that')
  // Whose account was erased meanwhile has nothing connected any more.
  if (!(await keep(ctx, userId, { ...tokens, refresh: tokens.refresh }))) throw notAuthenticated()
  return getConnection(ctx)
}

async function exchange(ctx: Context, code: string, verifier: string): Promise<Tokens> {
  try {
    return await exchangeCode(ctx.house.config, code, verifier)
  } catch (error) {
    if (error instanceof ConsentGone) throw invalid('code', again, 'code')
    if (!(error instanceof GoogleFailed || error instanceof GoogleRefused || error instanceof CircuitOpen)) throw error
    ctx.log.warn({ reason: error.message }, 'Google does not give tokens')
    throw unavailable('Google does not answer right now; begin again in a while', 30)
  }
}

/** So many bookings are written at once; who has more finds the others there in the hours after it (`google.repair`). */
const most = 1000

/**
 * Keeps the tokens, sealed; what the person gives is written into the calendar, and its busy time read, as soon as this is committed. False where their account
 * was erased while Google was asked: then the consent is given back.
 */
async function keep(
  ctx: Context,
  userId: number,
  { refresh, account }: Tokens & { refresh: string },
): Promise<boolean> {
  const insert = (tx: Context, name: string | null) =>
    insertConnection(tx, userId, name, (made) => sealToken(tx, made, refresh))
  try {
    return await inTransaction(ctx, async (tx) => {
      if (!(await lockPerson(tx, userId))) {
        const made = await findConnection(tx, await insert(tx, account))
        await endConnection(tx, made!, true)
        return false
      }
      let standing = await lockConnectionOf(tx, userId)
      if (standing && standing.account !== account) {
        // Another account: what there is of the old one is given back.
        await endConnection(tx, standing)
        standing = undefined
      }
      const id = standing?.id ?? (await insert(tx, account))
      if (standing)
        await updateConnection(tx, id, {
          state: 'active',
          account,
          refresh_token: sealToken(tx, id, refresh),
          consent: standing.consent + 1,
          sync_token: null,
          sync_wanted_at: null,
        })
      googleOf(tx).forget(id)
      await askToSync(tx, [id])
      await tx.house.jobs.enqueue(tx, 'google.watch', { connection_id: id })
      const given = await listToGive(tx, userId)
      await markAllDirty(
        tx,
        given.map((booking) => ({ bookingId: booking.id, eventId: idOf(tx, booking.id, booking.created_at) })),
      )
      for (const booking of given.slice(0, most))
        await tx.house.jobs.enqueue(tx, 'google.write', { booking_id: booking.id })
      return true
    })
  } catch (error) {
    if (violates(error, 'google_connections_one')) throw conflict('Your calendar is being connected already')
    throw error
  }
}

/** How one's own calendar is connected. */
export async function getConnection(ctx: Context): Promise<ConnectionView> {
  const row = await findConnectionOf(ctx, actorOf(ctx).userId)
  const off = hasConsent(ctx) ? 'not_connected' : 'unavailable'
  if (!row || row.state === 'ending')
    return { status: off, account: null, connected_at: null, synced_at: null, is_live: false }
  return {
    status: hasConsent(ctx) ? row.state : 'unavailable',
    account: row.account,
    connected_at: iso(row.created_at),
    synced_at: isoOrNull(row.synced_at),
    is_live: row.state === 'active' && (await hasChannel(ctx, row.id, ctx.now)),
  }
}
