import type { BookableService } from '../../catalog/index.ts'
import { lockStatement } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import {
  bookingStatement,
  isAlone,
  lockBookingStatement,
  othersStatement,
  overdueStatement,
  type BookingRow,
} from '../queries/bookings.ts'
import { givingStatement } from '../queries/standing.ts'
import { prepareReading, readKnowledge, sourceOf, type Knowledge } from './question.ts'
import { askAt, expire, resourcesOf, spanAround } from './seats.ts'

export type LockedMove = {
  booking: BookingRow
  /** It sits alone in its session, which can move with it; and then its own time is not in its way. */
  alone: boolean
  knowledge: Knowledge
  /** Who of the people is still there to give the service, as long as it is on offer. */
  giving: ReadonlySet<number>
}

/**
 * Locks whoever and whatever a booking may move onto and off, then the booking; ends the holds in the span that have run out, and reads under the locks what is known
 * of the new start: all in one message, unless a hold has run out, or the booking shares its session with others, or was moved meanwhile. `check` throws where
 * the booking is not to be moved: before anything of others is ended.
 */
export async function lockMove(
  ctx: Context,
  service: BookableService,
  seen: BookingRow,
  startsAt: Temporal.Instant,
  wish: { providerId: number; roomId?: string | undefined },
  check: (booking: BookingRow) => void,
): Promise<LockedMove> {
  const rooms = [...new Set([...service.roomIds, ...(seen.room_id ? [seen.room_id] : [])])]
  const ids = await resourcesOf(ctx, { ...service, roomIds: rooms })
  const askFor = (row: BookingRow, alone: boolean) =>
    askAt(service, startsAt, {
      seats: row.seats,
      ...wish,
      moving: { bookingId: row.id, source: alone ? sourceOf(row.session_id) : null },
    })
  // Where one alone comes at a time, nobody else sits there; else that is seen under the lock.
  const presumed = service.capacity === 1
  const reading = await prepareReading(ctx, askFor(seen, presumed))
  const span = spanAround(service, startsAt, startsAt.add({ minutes: service.durationMinutes }))
  const [, , [booking], others, giving, overdue, ...rows] = await together(
    ctx,
    lockStatement(ctx, ids),
    lockBookingStatement(ctx, seen.id),
    bookingStatement(ctx, seen.id),
    othersStatement(ctx, seen),
    givingStatement(ctx, service.id, [wish.providerId]),
    overdueStatement(ctx, { providerIds: service.providerIds, roomIds: service.roomIds, ...span }),
    ...reading.statements,
  )
  check(booking!)
  for (const one of overdue) await expire(ctx, one)
  const isWhere = booking!.session_id === seen.session_id
  const alone = isWhere && overdue.length === 0 ? others.length === 0 : await isAlone(ctx, booking!)
  const holds = isWhere && overdue.length === 0 && alone === presumed
  const knowledge = holds ? reading.read(rows) : await readKnowledge(ctx, askFor(booking!, alone))
  return { booking: booking!, alone, knowledge, giving: new Set(giving.map(({ id }) => id)) }
}
