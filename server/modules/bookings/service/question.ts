import type { CompiledQuery } from 'kysely'
import type { BookableService } from '../../catalog/index.ts'
import {
  factsStatement,
  findResources,
  readFacts,
  type Facts,
  type FactsRow,
  type Source,
} from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import type { Booking, Provider, Question, Room } from '../../../time/question.ts'
import { busyWindow } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import { sessionsStatement, type SessionRow } from '../queries/sessions.ts'

/** Epoch minutes, as `server/time` counts; an instant with seconds has a fraction. */
export const minutesOf = (instant: Temporal.Instant): number => instant.epochMilliseconds / 60_000
export const instantOf = (minute: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(minute * 60_000)

/** A session as scheduling knows it: the source of its claims. */
export const sourceOf = (sessionId: number): Source => ({ kind: 'booking_session', id: String(sessionId) })

export type Ask = {
  services: readonly BookableService[]
  /** Starts of this span are asked about, as instants. */
  from: Temporal.Instant
  to: Temporal.Instant
  seats: number
  /** Only this provider, or this room. */
  providerId?: number | null | undefined
  roomId?: string | null | undefined
  /** Only free starts are wanted, not why others are refused: then a session that nobody can join is taken time like any other. */
  listing?: boolean
  /** A booking that is being moved does not stand in its own way; where its session is its own alone, neither do that one's claims. */
  moving?: { bookingId: number; source: Source | null }
}

/** What was read: enough to build the question of each service, whatever their number. */
export type Knowledge = {
  facts: Map<string | number, Facts>
  sessions: SessionRow[]
  versions: number
  /** Those whose time was read. Who has none yet is not among them. */
  resourceIds: number[]
}

/** What is to be asked, and what the rows that come back tell. */
export type Reading = {
  statements: readonly CompiledQuery[]
  read: (rows: readonly (readonly unknown[])[]) => Knowledge
}

/** Reads schedules, claims and sessions of everybody and every room of these services in the span: in one message, whatever their number. */
export async function readKnowledge(ctx: Context, ask: Ask): Promise<Knowledge> {
  const { statements, read } = await prepareReading(ctx, ask)
  return read(statements.length === 0 ? [] : await together(ctx, ...statements))
}

/** The statements of `readKnowledge`, to be sent together with others. */
export async function prepareReading(ctx: Context, { services, from, to, listing, moving }: Ask): Promise<Reading> {
  const providerIds = [...new Set(services.flatMap((service) => service.providerIds))]
  const rooms = new Map(
    services.flatMap((service) => service.roomIds.map((id) => [id, service.seller.organizationId ?? ''] as const)),
  )
  const refs = [
    ...providerIds.map((userId) => ({ userId })),
    ...[...rooms].map(([roomId, organizationId]) => ({ roomId, organizationId })),
  ]
  const ids = await findResources(ctx, refs)
  const windows = services.map((service) => busyWindow(engineService(ctx, service), minutesOf(from), minutesOf(to)))
  const [first, last] = [
    Math.min(...windows.map((window) => window.from)),
    Math.max(...windows.map((window) => window.to)),
  ]
  const known = ids.filter((id) => id !== null)
  // Where one comes at a time nobody is joined, and a session is told apart from other time that is booked by nothing.
  const joinable = services.filter((service) => service.capacity > 1)
  const statements: CompiledQuery[] = []
  if (known.length > 0) {
    const options = {
      ...(moving?.source ? { except: moving.source } : {}),
      bare: listing === true && joinable.length === 0,
    }
    statements.push(factsStatement(ctx, known, instantOf(Math.floor(first)), instantOf(Math.ceil(last)), options))
  }
  if (joinable.length > 0) {
    const serviceIds = joinable.map((service) => service.id)
    statements.push(sessionsStatement(ctx, serviceIds, providerIds, from, to, moving?.bookingId ?? null))
  }
  const read: Reading['read'] = (rows) => {
    const byResource = readFacts(known.length > 0 ? (rows[0] as FactsRow[]) : [])
    const sessions = joinable.length > 0 ? (rows.at(-1) as SessionRow[]) : []
    const facts = new Map<string | number, Facts>()
    for (const [i, ref] of refs.entries()) {
      const found = ids[i] === null ? undefined : byResource.get(ids[i]!)
      if (found) facts.set('userId' in ref ? ref.userId : ref.roomId, found)
    }
    const versions = [...facts.values()].reduce((sum, one) => sum + one.version, 0)
    return { facts, sessions, versions, resourceIds: known }
  }
  return { statements, read }
}

/** Beyond this horizon nobody can claim anything (SPEC section 5): so no service opens further ahead. */
const horizonMonths = 18

const msOfDay = 86_400_000
let horizon = { day: -1, days: 0 }

/** The days from today to the horizon: counted once a day. */
function horizonDays({ now }: Context): number {
  const day = Math.floor(now.epochMilliseconds / msOfDay)
  if (horizon.day !== day) {
    const today = now.toZonedDateTimeISO('UTC').toPlainDate()
    horizon = { day, days: today.until(today.add({ months: horizonMonths })).days }
  }
  return horizon.days
}

const engineService = (ctx: Context, service: BookableService): Question['service'] => ({
  durationMinutes: service.durationMinutes,
  bufferBefore: service.bufferBefore,
  bufferAfter: service.bufferAfter,
  stepMinutes: service.stepMinutes,
  minNoticeMinutes: service.minNoticeMinutes,
  maxAdvanceDays: Math.min(service.maxAdvanceDays ?? Infinity, horizonDays(ctx)),
  capacity: service.capacity,
  roomIds: service.needsRoom ? service.roomIds : null,
})

/** The question to `server/time` about one service, from what was read. */
export function questionOf(
  ctx: Context,
  service: BookableService,
  ask: Omit<Ask, 'services' | 'from' | 'to'>,
  { facts, sessions }: Knowledge,
  zone = 'UTC',
): Question {
  const { roomId: wished = null } = ask
  // Whoever wishes a room does not join people who sit in another one.
  const joinable = new Map(
    sessions
      .filter((session) => session.service_id === service.id && (wished === null || session.room_id === wished))
      .map((session) => [String(session.id), session]),
  )
  const roomIds = service.roomIds.filter((id) => wished === null || id === wished)
  // A service that needs a room and has none left cannot be given by anybody.
  const providerIds =
    service.needsRoom && roomIds.length === 0
      ? []
      : service.providerIds.filter(
          (id) => ask.providerId === undefined || ask.providerId === null || id === ask.providerId,
        )
  const providers = providerIds.flatMap((id): Provider[] => {
    const known = facts.get(id)
    if (!known?.schedule) return []
    // A list does not tell why a start is missing: with nothing to join, what is booked is busy like all the rest.
    const alike = ask.listing === true && joinable.size === 0
    return [
      alike
        ? { id, schedule: known.schedule, busy: known.busy, bookings: [] }
        : { id, schedule: known.schedule, busy: known.busyBesideSessions, bookings: bookingsOf(known, joinable) },
    ]
  })
  const rooms = roomIds.map((id): Room => {
    const known = facts.get(id)
    return { id, schedule: known?.schedule ?? null, busy: known?.busy ?? [] }
  })
  return {
    now: minutesOf(ctx.now),
    zone: zoneOf(zone),
    seats: ask.seats,
    days: null,
    service: { ...engineService(ctx, service), roomIds: service.needsRoom ? roomIds : null },
    providers,
    rooms,
  }
}

/** What a provider has booked: sessions of this service with their seats, which may be joined (D10), and all others as the stretch that they block. */
function bookingsOf({ claims }: Facts, joinable: ReadonlyMap<string, SessionRow>): Booking[] {
  return claims
    .filter((claim) => claim.source_kind === 'booking_session')
    .map((claim) => {
      const session = joinable.get(claim.source_id)
      if (!session)
        return {
          start: claim.from,
          durationMinutes: claim.to - claim.from,
          bufferBefore: 0,
          bufferAfter: 0,
          sameService: false,
          seats: 1,
          roomId: null,
        }
      return {
        start: minutesOf(session.starts_at),
        durationMinutes: minutesOf(session.ends_at) - minutesOf(session.starts_at),
        bufferBefore: session.buffer_before,
        bufferAfter: session.buffer_after,
        sameService: true,
        seats: session.seats,
        roomId: session.room_id,
      }
    })
}
