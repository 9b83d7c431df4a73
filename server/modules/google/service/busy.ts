import { replaceClaims, resourcesFor, type Replacement } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { EventsPage, GoogleEvent } from '../client/calendar.ts'
import { ConsentGone, GoogleFailed, GoogleRefused } from '../client/errors.ts'
import { googleOf, hasConsent } from '../client/index.ts'
import { listImported } from '../queries/claims.ts'
import {
  beginSync,
  lockConnection,
  noteWanted,
  updateConnection,
  wantSync,
  type ConnectionRow,
} from '../queries/connections.ts'
import { listOwn } from '../queries/events.ts'
import { busyOf, sourceOf } from '../rules.ts'
import { consentLost } from './end.ts'
import { ownChanged, ownMissing } from './own.ts'
import { askingOf } from './places.ts'

/** Beyond this nobody can claim anything (SPEC section 5). */
const horizon = { months: 18 }
/** The span of a sync token does not move on: it is read anew so often. */
const fullEvery = Temporal.Duration.from({ hours: 7 * 24 })
/** No calendar of a person has more pages; what is behind them is not read. */
const mostPages = 60
/**
 * What is asked of a calendar: when its events are, and whether they make their person busy. What they say, and who else comes (of whom Google then tells only
 * the person themselves), is not asked for, so that a calendar of long texts is no large answer.
 */
const fields =
  'nextPageToken,nextSyncToken,timeZone,items(id,status,transparency,eventType,start,end,attendees(self,responseStatus))'

/** Has these connections (null: all of them) synced by a job each, in the transaction of `ctx`; not again what waits for its sync already. */
export async function askToSync(ctx: Context, ids: readonly number[] | null): Promise<void> {
  for (const connection_id of await wantSync(ctx, ids))
    await ctx.house.jobs.enqueue(ctx, 'google.sync', { connection_id })
}

/** Every quarter of an hour, and for those that Google does not tell us of: every connected calendar is read. */
export const poll = (ctx: Context): Promise<void> =>
  inTransaction(ctx, (tx) => (hasConsent(tx) ? askToSync(tx, null) : Promise.resolve()))

type Read = { items: GoogleEvent[]; zone: string; syncToken: string; isFull: boolean }

/**
 * Reads what has changed in a connected calendar and keeps it as busy time. May be repeated; of two at once one is kept and the other reads on from there.
 * @throws GoogleFailed, CircuitOpen: what was imported before stays, and it is tried again
 */
export async function syncConnection(ctx: Context, { connection_id: id }: { connection_id: number }): Promise<void> {
  try {
    for (let round = 0; round < 5; round++) {
      const connection = await beginSync(ctx, id)
      if (connection?.state !== 'active' || !hasConsent(ctx)) return
      const read = await readCalendar(ctx, connection)
      if (await inTransaction(ctx, (tx) => keep(tx, connection, read))) return
    }
  } catch (error) {
    if (error instanceof ConsentGone) return consentLost(ctx, error)
    if (!(error instanceof GoogleRefused)) {
      // This job is tried again, within a quarter of an hour: until then nobody need make another.
      await noteWanted(ctx, id)
      throw error
    }
    // Such as a calendar that is not there any more: asked again with the next poll.
    ctx.log.warn({ connection: id, reason: error.message }, 'Google refused to show a calendar')
  }
}

/** Whether the calendar is read from its beginning: without a token, and when its span has become old. */
const isFullDue = (ctx: Context, { sync_token, full_sync_at }: ConnectionRow): boolean =>
  sync_token === null ||
  full_sync_at === null ||
  Temporal.Instant.compare(full_sync_at.add(fullEvery), ctx.house.clock()) <= 0

async function readCalendar(ctx: Context, connection: ConnectionRow): Promise<Read> {
  if (isFullDue(ctx, connection)) return readPages(ctx, connection, null)
  try {
    return await readPages(ctx, connection, connection.sync_token)
  } catch (error) {
    // The token is too old: everything is read again (https://developers.google.com/workspace/calendar/api/guides/sync).
    // 400 is for a token that it takes for no token at all: it would not get better either.
    if (error instanceof GoogleRefused && (error.status === 410 || error.status === 400))
      return readPages(ctx, connection, null)
    throw error
  }
}

async function readPages(ctx: Context, connection: ConnectionRow, syncToken: string | null): Promise<Read> {
  const google = googleOf(ctx)
  const who = askingOf(ctx, connection)
  const now = ctx.house.clock()
  const until = now.toZonedDateTimeISO('UTC').add(horizon).toInstant()
  const span = syncToken === null ? { timeMin: now.toString(), timeMax: until.toString() } : { syncToken }
  const items: GoogleEvent[] = []
  let pageToken: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const answer = await google.list(who, connection.calendar_id, {
      ...span,
      maxResults: 2500,
      maxAttendees: 1,
      fields,
      ...(pageToken === undefined ? {} : { pageToken }),
    })
    items.push(...itemsOf(answer))
    if (answer.nextSyncToken)
      return { items, zone: answer.timeZone ?? 'UTC', syncToken: answer.nextSyncToken, isFull: syncToken === null }
    if (!answer.nextPageToken) break
    pageToken = answer.nextPageToken
  }
  throw new GoogleFailed('the calendar has no end', false)
}

/** @throws GoogleFailed for half an answer: what was read before stays, and it is asked again */
function itemsOf({ items = [] }: EventsPage): GoogleEvent[] {
  if (!Array.isArray(items) || items.some((item) => typeof item !== 'object' || typeof item?.id !== 'string'))
    throw new GoogleFailed('the answer is no list of events', false)
  return items
}

/** Transaction 2: false where another sync was kept since this one began to read. */
async function keep(ctx: Context, seen: ConnectionRow, { items, zone, syncToken, isFull }: Read): Promise<boolean> {
  const connection = await lockConnection(ctx, seen.id)
  if (connection?.state !== 'active' || connection.consent !== seen.consent) return true
  if (connection.sync_turn !== seen.sync_turn) return false
  const byId = new Map(items.flatMap((item) => (item.id ? [[item.id, item] as const] : [])))
  const own = await listOwn(ctx, [...byId.keys()])
  for (const row of own) {
    await ownChanged(ctx, connection, row, byId.get(row.event_id)!, zone)
    byId.delete(row.event_id)
  }
  if (isFull) await ownMissing(ctx, connection, new Set(own.map(({ event_id }) => event_id)))
  await keepBusy(ctx, connection, byId, zone, isFull)
  const now = ctx.house.clock()
  await updateConnection(ctx, connection.id, {
    sync_token: syncToken,
    sync_turn: connection.sync_turn + 1,
    synced_at: now,
    ...(isFull ? { full_sync_at: now } : {}),
  })
  return true
}

/** Only what differs is claimed anew, so that nobody's slots change for nothing. */
async function keepBusy(
  ctx: Context,
  { id, user_id: userId }: ConnectionRow,
  byId: ReadonlyMap<string, GoogleEvent>,
  zone: string,
  isFull: boolean,
): Promise<void> {
  const [resourceId] = await resourcesFor(ctx, [{ userId }])
  const known = new Map((await listImported(ctx, id, ctx.now)).map((one) => [one.source_id, one]))
  const latest = ctx.now.toZonedDateTimeISO('UTC').add(horizon).toInstant()
  const replacements: Replacement[] = []
  const told = new Set<string>()
  for (const [eventId, event] of byId) {
    const sourceId = sourceOf(id, eventId)
    told.add(sourceId)
    const span = busyOf(event, zone)
    const before = known.get(sourceId)
    const counts =
      span && Temporal.Instant.compare(span.to, ctx.now) > 0 && Temporal.Instant.compare(span.from, latest) < 0
    if (!counts) {
      if (before) replacements.push({ sourceId, claims: [] })
    } else if (!before?.from_at.equals(span.from) || !before.to_at.equals(span.to))
      replacements.push({ sourceId, claims: [{ resourceId: resourceId!, ...span, exclusive: false }] })
  }
  if (isFull) for (const sourceId of known.keys()) if (!told.has(sourceId)) replacements.push({ sourceId, claims: [] })
  if (replacements.length > 0) await replaceClaims(ctx, 'import', replacements, ctx.now)
}
