import type { BookableService } from '../../catalog/index.ts'
import { getRoomsForBooking } from '../../rooms/index.ts'
import type { Context } from '../../../platform/context.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import type { Page } from '../../../platform/http/page.ts'
import { instantText, localText } from '../../../time/dates.ts'
import type { Slot, SlotQuery } from '../../../time/question.ts'
import { explainSlots, listSlots } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import { runsService } from '../policy.ts'
import { refusalDetail } from '../rules.ts'
import type { SlotsQuery, SlotView } from '../schema.ts'
import { keep, recall } from './kept.ts'
import { minutesOf, questionOf, readKnowledge, type Knowledge } from './question.ts'

/** A question about slots spans at most so many days. */
const mostDays = 92

/** The dates asked for, as instants and as day numbers. @throws VALIDATION_ERROR for dates in the wrong order or too many of them. */
export function spanOf(
  from: string,
  to: string,
  timeZone: string,
): { from: Temporal.Instant; to: Temporal.Instant; days: { from: number; to: number } } {
  const [first, last] = [Temporal.PlainDate.from(from), Temporal.PlainDate.from(to)]
  if (Temporal.PlainDate.compare(first, last) > 0)
    throw invalid('to', 'The last date must not be before the first', 'order')
  if (first.year < 1900 || last.year > 2200) throw invalid('from', 'These dates are too far away', 'span')
  if (first.until(last).days >= mostDays)
    throw invalid('to', `At most ${mostDays} days can be asked for at once`, 'span', { days: mostDays })
  const epoch = Temporal.PlainDate.from('1970-01-01')
  return {
    from: first.toZonedDateTime(timeZone).toInstant(),
    to: last.add({ days: 1 }).toZonedDateTime(timeZone).toInstant(),
    days: { from: epoch.until(first).days, to: epoch.until(last).days },
  }
}

type Names = { rooms: ReadonlyMap<string, string>; service: BookableService; ends: ReadonlyMap<string, number> }

/** Sessions begun while the service had another length end when they ended then, also for who joins them now: by who gives them and their start, in minutes. */
function otherEnds({ sessions }: Knowledge, { durationMinutes }: BookableService): ReadonlyMap<string, number> {
  return new Map(
    sessions
      .map(({ provider_id, starts_at, ends_at }) => ({
        provider_id,
        start: minutesOf(starts_at),
        end: minutesOf(ends_at),
      }))
      .filter(({ start, end }) => end - start !== durationMinutes)
      .map(({ provider_id, start, end }) => [`${provider_id} ${start}`, end]),
  )
}

/** A slot as it is shown. */
function viewSlot({ start, offset, providers, rooms }: Slot, { rooms: roomNames, service, ends }: Names): SlotView {
  const joined = ends.size === 0 ? undefined : providers.find(({ id }) => ends.has(`${id} ${start}`))
  return {
    start: instantText(start),
    end: instantText((joined && ends.get(`${joined.id} ${start}`)) ?? start + service.durationMinutes),
    local: localText(start, offset),
    providers: providers.map(({ id, seatsLeft }) => ({
      id: Number(id),
      name: service.names.get(Number(id)) ?? '',
      seats_left: seatsLeft,
    })),
    rooms: rooms.map((id) => ({ id: String(id), name: roomNames.get(String(id)) ?? '' })),
  }
}

/**
 * The free starts of a service in a span of dates (TIME.md D1 to D12), with `explain` for those who run it also every grid start that is refused, with its rule.
 * @throws NOT_FOUND for a service that is not offered (but to those who run it), PERMISSION_DENIED for `explain` by others.
 */
export async function findSlots(
  ctx: Context,
  serviceId: number,
  query: SlotsQuery,
): Promise<Page<SlotView> & { version: number }> {
  const seats = query.seats ?? 1
  const timeZone = query.time_zone ?? ctx.actor?.timeZone ?? 'UTC'
  const { page = 1, page_size = 10_000, provider_id, room_id, explain } = query
  const key = JSON.stringify([
    serviceId,
    query.from,
    query.to,
    timeZone,
    seats,
    provider_id,
    room_id,
    explain,
    page,
    page_size,
  ])
  const found = await recall(ctx, serviceId, key)
  if (!found) throw notFound('service')
  if (found.kept) return { ...found.kept, results: [] }
  const { service } = found
  const runs = !service.isActive || query.explain === true ? await runsService(ctx, service) : false
  if (!service.isActive && !runs) throw notFound('service')
  if (query.explain === true && !runs) throw denied('Only those who run the service see why times are refused')
  const { from, to, days } = spanOf(query.from, query.to, timeZone)
  const listing = query.explain !== true
  const ask = { seats, providerId: query.provider_id, roomId: query.room_id, listing }
  const [knowledge, rooms] = await Promise.all([
    readKnowledge(ctx, { ...ask, services: [service], from, to }),
    roomNamesOf(ctx, service),
  ])
  const question: SlotQuery = { ...questionOf(ctx, service, ask, knowledge, timeZone), zone: zoneOf(timeZone), days }
  const names = { rooms, service, ends: otherEnds(knowledge, service) }
  const all =
    query.explain === true ? explained(question, names) : listSlots(question).map((slot) => viewSlot(slot, names))
  const shown = all.slice((page - 1) * page_size, page * page_size)
  if (shown.length === 0 && page > 1) throw notFound('page')
  const answer = { written: JSON.stringify(shown), count: all.length }
  if (listing) keep(ctx, key, found, knowledge, answer)
  return { ...answer, results: [], version: knowledge.versions }
}

async function roomNamesOf(ctx: Context, service: BookableService): Promise<Map<string, string>> {
  if (service.roomIds.length === 0) return new Map()
  return new Map((await getRoomsForBooking(ctx, service.roomIds)).map((room) => [room.id, room.name]))
}

function explained(question: SlotQuery, names: Names): SlotView[] {
  return explainSlots(question).map(({ start, offset, decision }) => {
    if (decision.accepted) return viewSlot(decision.slot, names)
    const { message, rule = '', params } = refusalDetail(decision.refusal)
    const refusal = {
      rule,
      code: decision.refusal.code,
      message,
      from: (params?.['from'] as string | undefined) ?? null,
      to: (params?.['to'] as string | undefined) ?? null,
    }
    return { ...viewSlot({ start, offset, providers: [], rooms: [] }, names), refusal }
  })
}
