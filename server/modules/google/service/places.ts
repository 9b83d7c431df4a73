import { placeOf, type Noticed } from '../../bookings/index.ts'
import type { Context } from '../../../platform/context.ts'
import type { Asking } from '../client/calendar.ts'
import { ConsentGone } from '../client/errors.ts'
import { hasConsent, platformCalendar } from '../client/index.ts'
import {
  findConnection,
  findConnectionOf,
  listTokens,
  replaceToken,
  type ConnectionRow,
} from '../queries/connections.ts'
import { listInvitees, type EventRow, type Invitee } from '../queries/events.ts'
import type { Attendee, Stated } from '../rules.ts'

/** A calendar to write in, and in whose name. */
export type Place = { who: Asking; connectionId: number | null; calendarId: string }

const purpose = 'google-token'
const belongsTo = (id: number): string => `google_connections ${id}`

export const sealToken = ({ house }: Context, connectionId: number, token: string): string =>
  house.secrets.seal(purpose, token, belongsTo(connectionId))

/** A connection in whose name Google can be asked. @throws ConsentGone where its token is gone, with the key that sealed it too */
export function askingOf(
  { house }: Context,
  { id, consent, refresh_token }: ConnectionRow,
): Exclude<Asking, 'platform'> {
  const found = refresh_token === null ? null : house.secrets.unseal(purpose, refresh_token, belongsTo(id))
  if (!found) throw new ConsentGone({ connectionId: id, consent })
  return { connectionId: id, consent, refreshToken: found.text }
}

/** Seals every token anew that was sealed under SECRET_KEY_PREVIOUS, so that it may be taken away a day after a change of SECRET_KEY. */
export async function resealTokens(ctx: Context): Promise<void> {
  if (ctx.house.config.SECRET_KEY_PREVIOUS === null) return
  for (const { id, refresh_token: sealed } of await listTokens(ctx)) {
    const found = ctx.house.secrets.unseal(purpose, sealed, belongsTo(id))
    if (found?.isOld) await replaceToken(ctx, id, sealed, sealToken(ctx, id, found.text))
  }
}

const placeAt = (ctx: Context, row: ConnectionRow): Place => ({
  who: askingOf(ctx, row),
  connectionId: row.id,
  calendarId: row.calendar_id,
})

/** Where the bookings that somebody gives are to stand: in the calendar that they have connected, else in the platform's; null where there is none. */
export async function placeFor(ctx: Context, providerId: number): Promise<Place | null> {
  const connection = hasConsent(ctx) ? await findConnectionOf(ctx, providerId) : undefined
  if (connection?.state === 'active') return placeAt(ctx, connection)
  const calendarId = platformCalendar(ctx)
  return calendarId === null ? null : { who: 'platform', connectionId: null, calendarId }
}

/** Where an event stands now; null where it stands nowhere, or in a calendar that is not ours to change any more. */
export async function placeNow(ctx: Context, row: EventRow): Promise<Place | null> {
  if (row.calendar_id === null) return null
  if (row.connection_id === null)
    return platformCalendar(ctx) === null ? null : { who: 'platform', connectionId: null, calendarId: row.calendar_id }
  const connection = await findConnection(ctx, row.connection_id)
  return connection?.state === 'active' && hasConsent(ctx) ? placeAt(ctx, connection) : null
}

/** A booking as a calendar is to have it. */
export function statedOf(ctx: Context, noticed: Noticed): Stated {
  const { booking, provider, buyer } = noticed
  return {
    id: booking.id,
    status: booking.status,
    title: booking.title,
    startsAt: booking.starts_at,
    endsAt: booking.ends_at,
    createdAt: booking.created_at,
    timeZone: provider.timeZone,
    buyer: buyer.name,
    note: booking.note,
    place: booking.location_type === 'online' ? '' : placeOf(noticed),
    link: `${ctx.house.config.PUBLIC_URL}/bookings/${booking.id}/`,
  }
}

/** Both sides of a booking as far as they have accounts, with whether their e-mail is confirmed. */
export const inviteesOf = (ctx: Context, { provider, buyer }: Noticed): Promise<Invitee[]> =>
  listInvitees(
    ctx,
    [provider.id, buyer.id].filter((id) => id !== null),
  )

/** Who is invited by Google: whose e-mail is confirmed, ascending by id. */
export const attendeesOf = (invitees: readonly Invitee[]): Attendee[] =>
  invitees
    .filter(({ confirmed }) => confirmed)
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, email, first_name, last_name }) => ({ userId: id, email, name: `${first_name} ${last_name}`.trim() }))
