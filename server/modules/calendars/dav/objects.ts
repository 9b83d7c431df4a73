import { createHash } from 'node:crypto'
import { actorOf, type Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import { AppError, notFound } from '../../../platform/errors.ts'
import { icalendarOf } from '../../../platform/icalendar.ts'
import { roomNames } from '../../rooms/index.ts'
import { contactsOf } from '../ics/queries.ts'
import { calendarLines, type Names, type Shown } from '../ics/write.ts'
import { standingOf, type Standing } from '../policy.ts'
import { listCalendarRows, type CalendarRow } from '../queries/calendars.ts'
import { overridesQuery } from '../queries/events.ts'
import { answersQuery, ownAnswers, participantsQuery } from '../queries/participants.ts'
import { isOpaque, roomsOf, type Whole } from '../rules/wanted.ts'
import { ensureFirstCalendar } from '../service/calendars.ts'
import { selectEvents, selectHeads, selectInvitations, selectNamed, type HeadRow, type Place } from './queries.ts'

/** Calendars and events as CalDAV (RFC 4791) shows them: collections, and in each the objects that who asks may see. */

/** A calendar; or the invitations of who asks to what stands in calendars that they do not have. */
export type Collection = CalendarRow | 'invitations'
/** An event by its name in a collection, and what it is now: another text has another tag. */
export type Head = { id: string; name: string; etag: string; isBusy: boolean }
export type DavObject = Head & { whole: Whole; lines: string[]; text: string }

/** More than these no client takes. */
export const mostObjects = 20_000
const portion = 500

/** The calendars that a client is shown: those in view that one may read. */
export async function listCollections(ctx: Context): Promise<CalendarRow[]> {
  await ensureFirstCalendar(ctx)
  return (await listCalendarRows(ctx, actorOf(ctx).userId)).filter((row) => row.level >= 2)
}

/** The name of a calendar in the address that its own clients know. */
export const nameOfCollection = (row: CalendarRow, userId: number): string =>
  (row.owner_id === userId ? row.href : null) ?? row.id

/** A calendar in view by its name. @throws NOT_FOUND */
export async function findCollection(ctx: Context, name: string): Promise<CalendarRow> {
  const { userId } = actorOf(ctx)
  const rows = await listCalendarRows(ctx, userId)
  const row =
    rows.find((one) => one.owner_id === userId && one.href === name) ??
    rows.find((one) => one.id === name.toLowerCase())
  if (!row) throw notFound('calendar')
  return row
}

/**
 * Who may write knows events by the names that clients gave them; everybody else by our own, since those of clients say the UID, which is kept from whoever sees
 * only that the time is taken.
 */
const isByHref = (collection: Collection): collection is CalendarRow =>
  collection !== 'invitations' && collection.level >= 3

const ownName = (id: string): string => `${id}.ics`
export const nameOfHead = (collection: Collection, { id, href }: { id: string; href: string | null }): string =>
  (isByHref(collection) ? href : null) ?? ownName(id)

const ownForm = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.ics$/i

/** Which calendar a number of a change is of: in another one, though it was made anew at the same address, the numbers begin elsewhere. */
export const markOf = (calendarId: string): string => calendarId.slice(-12)

/** The tag of what somebody sees: numbers of changes never come again within a calendar. */
export function etagOf(row: HeadRow, standing: Standing): string {
  const how = standing === 'busy' ? 'b' : ''
  return `"${markOf(row.calendar_id)}-${row.change}-${row.version}${how}"`
}

/** Those of some events that who asks may see, with how; of what takes nobody's time there is nothing to show to who sees times only. */
export async function visible(
  ctx: Context,
  collection: Collection,
  rows: readonly HeadRow[],
): Promise<{ row: HeadRow; standing: Standing }[]> {
  if (collection === 'invitations') return rows.map((row) => ({ row, standing: 'read' }))
  const { level } = collection
  const { userId } = actorOf(ctx)
  const unsure = level >= 3 ? [] : rows.filter((row) => row.visibility === 'private').map(({ id }) => id)
  const takingPart = new Set((await ownAnswers(ctx, userId, unsure)).map((row) => row.event_id))
  return rows.flatMap((row) => {
    const standing = standingOf(row, { userId, level, isParticipant: takingPart.has(row.id) })
    const takesTime = row.status !== 'cancelled' && isOpaque(row, null)
    return standing === 'none' || (standing === 'busy' && !takesTime) ? [] : [{ row, standing }]
  })
}

const heads = (collection: Collection, seen: readonly { row: HeadRow; standing: Standing }[]): Head[] =>
  seen.map(({ row, standing }) => ({
    id: row.id,
    name: nameOfHead(collection, row),
    etag: etagOf(row, standing),
    isBusy: standing === 'busy',
  }))

const tooMany = (): AppError =>
  new AppError('PAYLOAD_TOO_LARGE', 'The calendar has too many events for one answer', {
    details: [
      { message: 'The calendar has too many events for one answer', rule: 'dav:number-of-matches-within-limits' },
    ],
  })

/** All objects of a collection, or those that may have an occurrence in a span (epoch seconds). @throws PAYLOAD_TOO_LARGE */
export async function listObjects(
  ctx: Context,
  collection: Collection,
  span?: { from: number; to: number | null },
): Promise<Head[]> {
  if (collection === 'invitations') return heads(collection, await visible(ctx, collection, await invitations(ctx)))
  const found: Head[] = []
  for (let after: Place | undefined; ;) {
    const rows = await selectHeads(ctx, collection.id, {
      limit: portion * 4,
      ...(after ? { after } : {}),
      ...(span ? { span } : {}),
    })
    found.push(...heads(collection, await visible(ctx, collection, rows)))
    if (found.length > mostObjects) throw tooMany()
    if (rows.length < portion * 4) return found
    after = rows.at(-1)!
  }
}

/** Objects by their names; names of nothing that who asks may see are left out. */
export async function findObjects(ctx: Context, collection: Collection, names: readonly string[]): Promise<Head[]> {
  // No event has a name with a character that cannot be kept.
  const some = names.filter((name) => !name.includes('\0'))
  const wanted = new Set(some)
  const ids = some.flatMap((name) => ownForm.exec(name)?.[1]?.toLowerCase() ?? [])
  const rows =
    collection === 'invitations'
      ? (await invitations(ctx)).filter(({ id }) => ids.includes(id))
      : await selectNamed(ctx, collection.id, { hrefs: isByHref(collection) ? some : [], ids })
  return heads(collection, await visible(ctx, collection, rows)).filter(({ name }) => wanted.has(name))
}

async function invitations(ctx: Context): Promise<HeadRow[]> {
  const { userId } = actorOf(ctx)
  const except = (await listCollections(ctx)).map(({ id }) => id)
  return selectInvitations(ctx, userId, { except, since: ctx.now.subtract({ hours: 366 * 24 }), limit: mostObjects })
}

/** Says of the invitations, which stand in many calendars, whether any has changed. */
export async function tagOfInvitations(ctx: Context): Promise<string> {
  const hash = createHash('sha256')
  for (const { id, change, version } of await invitations(ctx)) hash.update(`${id} ${change} ${version}\n`)
  return hash.digest('base64url').slice(0, 22)
}

/** These objects with all that they say, as files. */
export async function readObjects(ctx: Context, some: readonly Head[]): Promise<DavObject[]> {
  const found: DavObject[] = []
  for (let from = 0; from < some.length; from += portion)
    found.push(...(await readPortion(ctx, some.slice(from, from + portion))))
  return found
}

const byEvent = <T extends { event_id: string }>(rows: readonly T[]): Map<string, T[]> =>
  Map.groupBy(rows, (row) => row.event_id)

async function readPortion(ctx: Context, some: readonly Head[]): Promise<DavObject[]> {
  const ids = some.map(({ id }) => id)
  const events = new Map((await selectEvents(ctx, ids)).map((event) => [event.id, event]))
  const [overrides, participants, answers] = await together(
    ctx,
    overridesQuery(ctx, ids),
    participantsQuery(ctx, ids),
    answersQuery(ctx, ids),
  )
  const [overridesOf, participantsOf, answersOf] = [byEvent(overrides), byEvent(participants), byEvent(answers)]
  const wholes = some.flatMap((head): (Head & { whole: Whole })[] => {
    const event = events.get(head.id)
    // Deleted a moment ago.
    if (!event) return []
    const { id } = event
    const whole: Whole = {
      event,
      overrides: overridesOf.get(id) ?? [],
      participants: participantsOf.get(id) ?? [],
      answers: answersOf.get(id) ?? [],
    }
    return [{ ...head, whole }]
  })
  const names = await namesFor(
    ctx,
    wholes.filter(({ isBusy }) => !isBusy).map(({ whole }) => whole),
  )
  return wholes.map((one) => {
    const shown: Shown = { whole: one.whole, isBusy: one.isBusy }
    const lines = calendarLines([shown], names)
    return {
      ...one,
      lines,
      get text() {
        return icalendarOf(lines)
      },
    }
  })
}

/** The people and rooms that these events name. */
export async function namesFor(ctx: Context, wholes: readonly Whole[]): Promise<Names> {
  return {
    people: await contactsOf(ctx, [...new Set(wholes.map(({ event }) => event.organizer_id))]),
    rooms: await roomNames(ctx, [...new Set(wholes.flatMap(roomsOf))]),
  }
}
