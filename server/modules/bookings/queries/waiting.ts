import { sql, type RawBuilder } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'

/** SQL on the waiting list and on the times that have become free. */

export type NewWaiting = {
  service_id: number
  provider_id: number | null
  customer_id: number
  from_at: Temporal.Instant
  to_at: Temporal.Instant
  seats: number
}

/** Of what one person begins to wait for at once, each sees what those before it have begun: the row of the person is locked. */
export async function lockWaiter(ctx: Context, customerId: number): Promise<void> {
  await ctx.db.selectFrom('users').where('id', '=', customerId).select('id').forNoKeyUpdate().execute()
}

export async function insertWaiting(ctx: Context, waiting: NewWaiting): Promise<number> {
  const { id } = await ctx.db
    .insertInto('waiting_list')
    .values({ ...waiting, created_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** What a person still waits for, the newest first. */
export const selectWaiting = (ctx: Context, customerId: number) =>
  ctx.db
    .selectFrom('waiting_list')
    .innerJoin('services', 'services.id', 'waiting_list.service_id')
    .leftJoin('users as provider', 'provider.id', 'waiting_list.provider_id')
    .where(sql<boolean>`waiting_list.customer_id = ${unseen(customerId, 'bigint')}`)
    .where('waiting_list.ended_at', 'is', null)
    .where(sql<boolean>`waiting_list.to_at > ${unseen(ctx.now, 'timestamptz')}`)
    .select([
      'waiting_list.id',
      'waiting_list.service_id',
      'services.title',
      'waiting_list.provider_id',
      'waiting_list.from_at',
      'waiting_list.to_at',
      'waiting_list.seats',
      'waiting_list.offered_at',
      'waiting_list.created_at',
    ])
    .select(sql<string>`trim(provider.first_name || ' ' || provider.last_name)`.as('provider_name'))
    .orderBy('waiting_list.id', 'desc')

/** Ends a person's entry; answers whether there was one. */
export async function endWaiting(ctx: Context, customerId: number, id: number): Promise<boolean> {
  const ended = await ctx.db
    .updateTable('waiting_list')
    .set({ ended_at: ctx.now })
    .where('customer_id', '=', customerId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('to_at', '>', ctx.now)
    .returning('id')
    .executeTakeFirst()
  return ended !== undefined
}

/** Services that are offered no more: this one, those of an organization (by this person alone, who has left it), or those of a provider's own. */
export type Ended = { serviceId: number } | { organizationId: string; leaverId?: number } | { providerId: number }

const endedServices = (which: Ended) => {
  if ('serviceId' in which) return sql`SELECT ${which.serviceId}::bigint`
  return 'organizationId' in which
    ? sql`SELECT id FROM services WHERE organization_id = ${which.organizationId}::uuid AND archived_at IS NULL`
    : sql`SELECT id FROM services WHERE provider_id = ${which.providerId}::bigint AND organization_id IS NULL AND archived_at IS NULL`
}

/** Ends all that is still waited for of these services; answers whose it was, and what each service is called. */
export async function endWaitingFor(
  ctx: Context,
  which: Ended,
): Promise<{ customer_id: number; service_id: number; title: string }[]> {
  const leaverId = ('leaverId' in which && which.leaverId) || null
  const { rows } = await sql<{ customer_id: number; service_id: number; title: string }>`
    WITH ended AS (
      UPDATE waiting_list SET ended_at = ${ctx.now}::timestamptz
      WHERE service_id IN (${endedServices(which)}) AND (${leaverId}::bigint IS NULL OR provider_id = ${leaverId}::bigint) AND ended_at IS NULL AND to_at > ${ctx.now}::timestamptz RETURNING customer_id, service_id
    )
    SELECT DISTINCT u.id AS customer_id, s.id AS service_id, s.title
    FROM ended JOIN users u ON u.id = ended.customer_id AND u.is_active AND u.deleted_at IS NULL JOIN services s ON s.id = ended.service_id
    ORDER BY 1, 2`.execute(ctx.db)
  return rows
}

/** Ends what a booking has fulfilled: its customer waits no more for this service in a span that holds its start. */
export async function endServed(ctx: Context, bookingId: number): Promise<void> {
  await sql`
    UPDATE waiting_list w SET ended_at = ${ctx.now}::timestamptz FROM bookings b
    WHERE b.id = ${bookingId} AND w.customer_id = b.customer_id AND w.service_id = b.service_id AND w.ended_at IS NULL
      AND b.starts_at >= w.from_at AND b.starts_at < w.to_at`.execute(ctx.db)
}

export type Stretch = { from: Temporal.Instant; to: Temporal.Instant }

/** At most so many times that become free at once are offered. */
const mostFreed = 200

export type Opening = {
  providerId: number | null
  roomId: string | null
  stretches: readonly Stretch[]
  /** Only where somebody has waited since before this moment. */
  before: Temporal.Instant | null
}

/** So many rows are swept in one transaction: whoever waits for a lock on one of them waits for a moment. */
const sweptAtOnce = 1000

/** Ends what is still waited for in spans that have passed: nobody was told of a start, and none will come. */
export async function endPassed(ctx: Context): Promise<void> {
  await sql`UPDATE waiting_list SET ended_at = to_at WHERE ended_at IS NULL AND to_at <= ${ctx.now}`.execute(ctx.db)
}

/** Forgets freed times that had passed by then, with who was told of them; and entries that ended before `ended`. */
export async function deletePassed(
  ctx: Context,
  { freed, ended }: { freed: Temporal.Instant; ended: Temporal.Instant },
): Promise<void> {
  const sweep = async (some: RawBuilder<unknown>): Promise<void> => {
    for (;;) if ((await some.execute(ctx.db)).numAffectedRows! < sweptAtOnce) return
  }
  await sweep(
    sql`DELETE FROM freed_times WHERE id IN (SELECT id FROM freed_times WHERE ends_at < ${freed} ORDER BY id LIMIT ${sweptAtOnce})`,
  )
  await sweep(
    sql`DELETE FROM waiting_list WHERE id IN (SELECT id FROM waiting_list WHERE ended_at < ${ended} ORDER BY id LIMIT ${sweptAtOnce})`,
  )
}

/**
 * Notes that time of this person, or of this room, has become free: for each service that takes it and that somebody waits for at such a time. Of one that takes the
 * room, whoever gives it may be free for it now. Answers them by service and time; the next person is to be told at once.
 */
export async function insertFreed(ctx: Context, { providerId, roomId, stretches, before }: Opening): Promise<number[]> {
  const from = stretches.map((one) => one.from.toString())
  const to = stretches.map((one) => one.to.toString())
  const { rows } = await sql<{ id: number }>`
    INSERT INTO freed_times (service_id, provider_id, starts_at, ends_at, freed_at, next_at)
    SELECT s.id, CASE WHEN EXISTS (SELECT FROM service_rooms r WHERE r.service_id = s.id AND r.room_id = ${roomId}::uuid) THEN NULL ELSE ${providerId}::bigint END,
      freed.from_at, freed.to_at, ${ctx.now}::timestamptz, ${ctx.now}::timestamptz
    FROM services s, unnest(${from}::timestamptz[], ${to}::timestamptz[]) AS freed (from_at, to_at)
    WHERE s.is_listed AND s.id IN (
        SELECT id FROM services WHERE provider_id = ${providerId}::bigint AND organization_id IS NULL AND archived_at IS NULL
        UNION SELECT service_id FROM service_staff WHERE user_id = ${providerId}::bigint
        UNION SELECT service_id FROM service_rooms WHERE room_id = ${roomId}::uuid)
      AND EXISTS (SELECT FROM waiting_list w WHERE w.service_id = s.id AND w.ended_at IS NULL AND w.to_at > ${ctx.now}::timestamptz
        AND (${before}::timestamptz IS NULL OR w.created_at < ${before}::timestamptz)
        AND w.from_at < freed.to_at + make_interval(mins => s.buffer_before_minutes)
        AND w.to_at > freed.from_at - make_interval(mins => s.duration_minutes + s.buffer_after_minutes))
    ORDER BY s.id, freed.from_at LIMIT ${mostFreed}
    RETURNING id`.execute(ctx.db)
  return rows.map(({ id }) => id).toSorted((a, b) => a - b)
}

/** Notes that this service can begin where it could not before, by each of these people, or by whoever gives it: over all of the time that somebody has waited for since before. */
export async function insertOpened(
  ctx: Context,
  serviceId: number,
  providerIds: readonly (number | null)[],
  before: Temporal.Instant,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO freed_times (service_id, provider_id, starts_at, ends_at, freed_at, next_at)
    SELECT ${serviceId}::bigint, who.id, waited.from_at, waited.to_at, ${ctx.now}::timestamptz, ${ctx.now}::timestamptz
    FROM unnest(${providerIds}::bigint[]) AS who (id), (
      SELECT greatest(min(w.from_at), ${ctx.now}::timestamptz) AS from_at, max(w.to_at) AS to_at FROM waiting_list w
      WHERE w.service_id = ${serviceId} AND w.ended_at IS NULL AND w.to_at > ${ctx.now}::timestamptz AND w.created_at < ${before}::timestamptz) waited
    WHERE waited.to_at IS NOT NULL
    RETURNING id`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

export type Freed = {
  id: number
  service_id: number
  /** Who is free then; null where anybody who gives the service may be. */
  provider_id: number | null
  /** What has become free, breaks included. */
  starts_at: Temporal.Instant
  ends_at: Temporal.Instant
}

/** Locks one freed time of which somebody is to be told now; the one that is named, or any that nobody else has in hand. */
export async function lockDueFreed(ctx: Context, id?: number): Promise<Freed | undefined> {
  let query = ctx.db
    .selectFrom('freed_times')
    .select(['id', 'service_id', 'provider_id', 'starts_at', 'ends_at'])
    .where('next_at', '<=', ctx.now)
    .orderBy('next_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
  if (id !== undefined) query = query.where('id', '=', id)
  return query.executeTakeFirst()
}

export async function setNext(ctx: Context, freedId: number, nextAt: Temporal.Instant | null): Promise<void> {
  await ctx.db.updateTable('freed_times').set({ next_at: nextAt }).where('id', '=', freedId).execute()
}

export type Candidate = {
  id: number
  customer_id: number
  provider_id: number | null
  from_at: Temporal.Instant
  to_at: Temporal.Instant
  seats: number
}

/** Of an offer `o` of a person's entry `w`, or of another of their entries for the same service: whether `w` waits for its start too. */
const toldOf = sql`o.waiting_id IN (SELECT e.id FROM waiting_list e WHERE e.customer_id = w.customer_id AND e.service_id = w.service_id)
  AND o.starts_at >= w.from_at AND o.starts_at < w.to_at`

/**
 * Who may be told of a freed time, in the order of their coming, locked: who waits for the service in a span that meets `starts`, the starts that need what has become
 * free (both ends excluded), has not been told of it, and is not just being told (since `fresh`) of the same time, of which another place has become free. Whoever
 * waits more than once for it is told as one person. `besides` are told of another time already.
 */
export async function lockCandidates(
  ctx: Context,
  freed: Freed,
  {
    starts,
    fresh,
    besides,
    limit,
  }: { starts: Stretch; fresh: Temporal.Instant; besides: readonly number[]; limit: number },
): Promise<Candidate[]> {
  const waiting = sql`w.service_id = ${freed.service_id} AND w.ended_at IS NULL AND w.from_at < ${starts.to} AND w.to_at > ${starts.from}`
  // Before, and not in one statement with the choice: who waited for the lock has to see the offers of whoever held it, also those of another place of the same time.
  await sql`SELECT FROM waiting_list w WHERE ${waiting} ORDER BY w.id FOR NO KEY UPDATE`.execute(ctx.db)
  const { rows } = await sql<Candidate>`
    SELECT w.id, w.customer_id, w.provider_id, w.from_at, w.to_at, w.seats
    FROM waiting_list w JOIN users u ON u.id = w.customer_id AND u.is_active AND u.deleted_at IS NULL
    WHERE ${waiting}
      AND (w.provider_id IS NULL OR ${freed.provider_id}::bigint IS NULL OR w.provider_id = ${freed.provider_id}::bigint)
      AND w.customer_id IS DISTINCT FROM ${freed.provider_id}::bigint AND w.customer_id <> ALL(${besides}::bigint[])
      AND NOT EXISTS (SELECT FROM waiting_offers o WHERE o.freed_id = ${freed.id} AND ${toldOf})
      AND NOT EXISTS (SELECT FROM waiting_offers o WHERE o.offered_at > ${fresh} AND ${toldOf}
        AND o.starts_at > ${starts.from} AND o.starts_at < ${starts.to})
    ORDER BY w.id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

/** Notes that somebody was told of a start. */
export async function insertOffer(
  ctx: Context,
  freedId: number,
  waitingId: number,
  startsAt: Temporal.Instant,
): Promise<void> {
  await ctx.db
    .insertInto('waiting_offers')
    .values({ freed_id: freedId, waiting_id: waitingId, starts_at: startsAt, offered_at: ctx.now })
    .execute()
  await ctx.db.updateTable('waiting_list').set({ offered_at: ctx.now }).where('id', '=', waitingId).execute()
}
