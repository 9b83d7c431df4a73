import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, invalidAll, notFound, type Detail } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { instantText } from '../../../time/dates.ts'
import type { Schedule } from '../../../time/hours.ts'
import { zoneOf } from '../../../time/zones.ts'
import {
  deleteEntryRow,
  findEntry,
  insertEntry,
  selectEntries,
  selectFutureSessions,
  selectOwnedEntries,
  selectZone,
  updateEntry,
  updateZone,
  type EntryRow,
} from '../queries/entries.ts'
import { bumpVersions } from '../queries/resources.ts'
import { factsOfEntry, mostEntries, problemsOf, valuesOf, type EntryInput, type EntryValues } from '../rules/entries.ts'
import { clashOf } from '../rules/clashes.ts'
import { scheduleOf } from '../rules/schedule.ts'
import { openedBy } from '../rules/opened.ts'
import { strandedBy } from '../rules/stranded.ts'
import type { ScheduleEntryView, ScheduleQuery } from '../schema.ts'
import { viewEntry } from '../view.ts'
import { broadcastSlots, lockResources, resourcesFor } from './claims.ts'
import { ownerOf, ownerOfEntry, requireKind, type Owner } from './owners.ts'

type Input = EntryInput & { time_zone?: string }
/** A booking that stands, by the session whose claim it is. */
export type StandingBooking = { sourceId: string; id: number; from: Temporal.Instant; to: Temporal.Instant }
/** The bookings of these sessions: scheduling knows only claims, and whoever would strand somebody is to be told whom. */
export type BookingsOf = (ctx: Context, sourceIds: readonly string[]) => Promise<StandingBooking[]>
/** Who names the bookings that a change would strand; null does it nevertheless, whomever it strands. */
type Guard = BookingsOf | null
/** A schedule under its lock. */
type Open = { resourceId: number; timeZone: string; entries: EntryRow[] }

const idsOf = (owner: Owner): { user_id: number | null; room_id: string | null } => ({
  user_id: 'userId' in owner ? owner.userId : null,
  room_id: 'roomId' in owner ? owner.roomId : null,
})

/** A page of the entries of a person (by default who asks) or a room. @throws PERMISSION_DENIED, NOT_FOUND */
export async function listEntries(ctx: Context, query: ScheduleQuery): Promise<Page<ScheduleEntryView>> {
  const owner = await ownerOf(ctx, query)
  const { kind, from, to } = query
  if (from && to && from > to) throw invalid('to', 'This must not be before from', 'order')
  const filter = { ...(kind ? { kind } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) }
  const key = `schedule of ${JSON.stringify([idsOf(owner), filter])}`
  const page = await pageOf(ctx, query, key, selectOwnedEntries(ctx, owner, filter))
  return { ...page, results: page.results.map((row) => viewEntry(row, row, row.time_zone)) }
}

/** One entry. @throws PERMISSION_DENIED, NOT_FOUND for another's */
export async function getEntry(ctx: Context, id: number): Promise<ScheduleEntryView> {
  const entry = await findEntry(ctx, id)
  await ownerOfEntry(ctx, entry)
  return viewEntry(entry!, entry!, entry!.time_zone)
}

/**
 * Adds an entry to a schedule; the first one sets its zone.
 * @throws VALIDATION_ERROR; CONFLICT where it clashes with another entry, where the schedule has another zone, and, unless forced, where bookings would stand in
 * hours that it closes
 */
export async function createEntry(
  ctx: Context,
  input: Input & { user_id?: number; room_id?: string },
  guard: Guard,
): Promise<ScheduleEntryView> {
  const owner = await ownerOf(ctx, input)
  requireKind(owner, input.kind)
  const values = checked(input)
  return changeSchedule(ctx, owner, guard, async (tx, open) => {
    if (open.entries.length >= mostEntries)
      throw conflict('A schedule has at most {count} entries', { params: { count: mostEntries } })
    await setZone(tx, open, open.entries, input.time_zone, owner.timeZone)
    refuseClash(values, open.entries)
    const row = await insertEntry(tx, open.resourceId, values)
    open.entries = [...open.entries, row]
    return viewEntry(row, idsOf(owner), open.timeZone)
  })
}

/** Replaces an entry. @throws as `createEntry`, and NOT_FOUND for another's */
export async function replaceEntry(ctx: Context, id: number, input: Input, guard: Guard): Promise<ScheduleEntryView> {
  const owner = await ownerOfEntry(ctx, await findEntry(ctx, id))
  requireKind(owner, input.kind)
  const values = checked(input)
  return changeSchedule(ctx, owner, guard, async (tx, open) => {
    const others = withoutEntry(open, id)
    await setZone(tx, open, others, input.time_zone, open.timeZone)
    refuseClash(values, others)
    const row = await updateEntry(tx, id, values)
    open.entries = [...others, row]
    return viewEntry(row, idsOf(owner), open.timeZone)
  })
}

/** Takes an entry away. @throws CONFLICT, unless forced, where bookings would stand in hours that this closes */
export async function deleteEntry(ctx: Context, id: number, guard: Guard): Promise<void> {
  const owner = await ownerOfEntry(ctx, await findEntry(ctx, id))
  await changeSchedule(ctx, owner, guard, async (tx, open) => {
    open.entries = withoutEntry(open, id)
    await deleteEntryRow(tx, id)
  })
}

/** Moves a whole schedule to another zone: every entry keeps what the clock on the wall shows. @throws as `deleteEntry` */
export async function moveSchedule(
  ctx: Context,
  asked: { time_zone: string; user_id?: number; room_id?: string },
  guard: Guard,
) {
  const owner = await ownerOf(ctx, asked)
  return changeSchedule(ctx, owner, guard, async (tx, open) => {
    open.timeZone = zoneOf(asked.time_zone).id
    await updateZone(tx, open.resourceId, open.timeZone)
    return { ...idsOf(owner), time_zone: open.timeZone, entries: open.entries.length }
  })
}

/**
 * Runs a change of one schedule under the lock of its resource, which it notes in `open` as well; then looks whom it strands, and tells that slots have changed.
 */
async function changeSchedule<T>(
  ctx: Context,
  owner: Owner,
  guard: Guard,
  change: (tx: Context, open: Open) => Promise<T>,
): Promise<T> {
  return inTransaction(ctx, async (tx) => {
    const [resourceId] = (await resourcesFor(tx, [owner])) as [number]
    await lockResources(tx, [resourceId])
    const entries = await selectEntries(tx, resourceId)
    const open: Open = { resourceId, timeZone: await selectZone(tx, resourceId), entries }
    const before = { ...open }
    const result = await change(tx, open)
    if (guard) await refuseStranding(tx, owner, before, open, guard)
    await tellOpened(tx, owner, before, open)
    await bumpVersions(tx, [resourceId])
    await broadcastSlots(tx, [resourceId])
    return result
  })
}

/** Tells which time a change has opened, as far ahead as anybody can claim it. */
async function tellOpened(ctx: Context, owner: Owner, before: Open, after: Open): Promise<void> {
  const now = Math.ceil(ctx.now.epochMilliseconds / 60_000)
  const spans = openedBy(scheduleIn(owner, before), scheduleIn(owner, after), now)
  if (spans.length > 0)
    await ctx.house.jobs.publish(ctx, 'time.opened', { ...idsOf(owner), at: ctx.now.toString(), spans })
}

const scheduleIn = (owner: Owner, { timeZone, entries }: Open): Schedule | null =>
  scheduleOf('userId' in owner ? 'person' : 'room', timeZone, entries.map(factsOfEntry))

/** @throws CONFLICT that names each booking which would stand in hours that are closed now */
async function refuseStranding(
  ctx: Context,
  owner: Owner,
  before: Open,
  after: Open,
  bookingsOf: BookingsOf,
): Promise<void> {
  const sessions = await selectFutureSessions(ctx, after.resourceId)
  const now = Math.floor(ctx.now.epochMilliseconds / 60_000)
  const stranded = strandedBy(scheduleIn(owner, before), scheduleIn(owner, after), sessions, now).slice(0, 100)
  if (stranded.length === 0) return
  const sourceIds = stranded.map(({ sourceId }) => sourceId)
  const bookings = Map.groupBy(await bookingsOf(ctx, sourceIds), ({ sourceId }) => sourceId)
  const details = stranded.flatMap(({ from, to, sourceId }): Detail[] => {
    const named = bookings.get(sourceId)?.map(({ id, from: starts, to: ends }) => {
      return { booking_id: id, starts_at: starts.toString(), ends_at: ends.toString() }
    })
    const unnamed = [{ starts_at: instantText(from), ends_at: instantText(to), source_id: sourceId }]
    return (named ?? unnamed).map((params) => ({ rule: 'stranded', message: 'A booking stands at this time', params }))
  })
  throw conflict('Bookings stand at times that this would close', { details })
}

/** Sets the zone where no other entry stands in one. @throws CONFLICT for another zone than theirs */
async function setZone(
  ctx: Context,
  open: Open,
  others: readonly EntryRow[],
  asked: string | undefined,
  unasked: string,
): Promise<void> {
  const zone = zoneOf(asked ?? (others.length > 0 ? open.timeZone : unasked)).id
  if (zone === open.timeZone) return
  if (others.length > 0) {
    // Two names of one zone (Europe/Kiev) are no other zone.
    if (new Temporal.ZonedDateTime(0n, zone).equals(new Temporal.ZonedDateTime(0n, open.timeZone))) return
    const params = { time_zone: open.timeZone }
    const message = 'The schedule is kept in {time_zone}'
    const details: Detail[] = [{ field: 'time_zone', rule: 'one_zone', message, params }]
    throw conflict('The schedule is kept in {time_zone}; another zone moves all of it: PUT schedules/time-zone/', {
      params,
      details,
    })
  }
  await updateZone(ctx, open.resourceId, zone)
  open.timeZone = zone
}

function checked(input: Input): EntryValues {
  const problems = problemsOf(input)
  if (problems.length > 0) throw invalidAll(problems)
  return valuesOf(input)
}

function refuseClash(values: EntryValues, others: readonly EntryRow[]): void {
  const clash = clashOf(values, others)
  if (clash) throw conflict('This entry clashes with another one of the schedule', { details: [clash] })
}

function withoutEntry(open: Open, id: number): EntryRow[] {
  const others = open.entries.filter((entry) => entry.id !== id)
  // Somebody took it away while this waited for the lock.
  if (others.length === open.entries.length) throw notFound('schedule')
  return others
}
