import { getServiceForBooking, type BookableService } from '../../catalog/index.ts'
import { ownBytes } from '../../../platform/bytes.ts'
import { requireActor, type Context } from '../../../platform/context.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import type { Page } from '../../../platform/http/page.ts'
import { instantText, localText } from '../../../time/dates.ts'
import type { Offer, Slot, SlotQuery } from '../../../time/question.ts'
import { explainSlots, listSlots } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import { runsService } from '../policy.ts'
import { refusalDetail } from '../rules.ts'
import type { SlotsQuery, SlotView } from '../schema.ts'
import { answerOf, keepAnswer, knownTimes } from './kept.ts'
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
    throw invalid('to', 'At most {days} days can be asked for at once', 'span', { days: mostDays })
  const epoch = Temporal.PlainDate.from('1970-01-01')
  return {
    from: first.toZonedDateTime(timeZone).toInstant(),
    to: last.add({ days: 1 }).toZonedDateTime(timeZone).toInstant(),
    days: { from: epoch.until(first).days, to: epoch.until(last).days },
  }
}

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

const joined = <T>(all: readonly T[], write: (one: T) => string): string =>
  all.length === 1 ? write(all[0]!) : all.map(write).join(',')

/**
 * Writes slots of a service as the JSON of the shape `Slot`: an answer has hundreds, of few people and rooms, which are written once. `more` is what follows within
 * the same braces.
 */
function writerOf(service: BookableService, knowledge: Knowledge) {
  const { names, roomNames, durationMinutes } = service
  const ends = otherEnds(knowledge, service)
  const offers = new Map<string, string>()
  const rooms = new Map<string | number, string>()
  const offerText = ({ id, seatsLeft }: Offer): string => {
    const key = `${id} ${seatsLeft}`
    let text = offers.get(key)
    if (text === undefined) {
      text = JSON.stringify({ id: Number(id), name: names.get(Number(id)) ?? '', seats_left: seatsLeft })
      offers.set(key, text)
    }
    return text
  }
  const roomText = (id: string | number): string => {
    let text = rooms.get(id)
    if (text === undefined) {
      text = JSON.stringify({ id: String(id), name: roomNames.get(String(id)) ?? '' })
      rooms.set(id, text)
    }
    return text
  }
  const endOf = ({ start, providers }: Slot): number => {
    const other = ends.size === 0 ? undefined : providers.find(({ id }) => ends.has(`${id} ${start}`))
    return (other && ends.get(`${other.id} ${start}`)) ?? start + durationMinutes
  }
  return (slot: Slot, more = ''): string => {
    const { start, offset, providers, rooms: free } = slot
    return `{"start":"${instantText(start)}","end":"${instantText(endOf(slot))}","local":"${localText(start, offset)}","providers":[${joined(providers, offerText)}],"rooms":[${joined(free, roomText)}]${more}}`
  }
}

/**
 * The free starts of a service in a span of dates (TIME.md D1 to D12), with `explain` for those who run it also every grid start that is refused, with its rule.
 * @throws NOT_FOUND for a service that is not offered (but to those who run it), PERMISSION_DENIED for `explain` by others,
 * TOKEN_MISSING or AUTHENTICATION_FAILED without a token that holds.
 */
export async function findSlots(
  ctx: Context,
  serviceId: number,
  query: SlotsQuery,
): Promise<Page<SlotView> & { version: number }> {
  const timeZone = query.time_zone ?? ctx.actor?.timeZone ?? 'UTC'
  const ask: Asked = { ...query, ...spanOf(query.from, query.to, timeZone), timeZone, seats: query.seats ?? 1 }
  return query.explain === true ? explained(ctx, serviceId, ask) : listed(ctx, serviceId, ask)
}

type Asked = Omit<SlotsQuery, 'from' | 'to'> & ReturnType<typeof spanOf> & { timeZone: string; seats: number }

const msOfDay = 86_400_000
const dayOf = (day: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(day * msOfDay)

async function listed(ctx: Context, serviceId: number, ask: Asked): Promise<Page<SlotView> & { version: number }> {
  // A day more at either end holds these dates in every zone: all who ask for them share what is read.
  const span = { from: dayOf(ask.days.from - 1), to: dayOf(ask.days.to + 2) }
  const known = await knownTimes(ctx, serviceId, span)
  if (!known || (!known.service.isActive && !(await runsService(ctx, known.service)))) throw notFound('service')
  const { service, knowledge } = known
  const { days, timeZone, seats, provider_id: providerId, room_id: roomId, page, page_size } = ask
  const asked = JSON.stringify([timeZone, seats, providerId, roomId, page, page_size])
  let answer = answerOf(ctx, known, asked)
  if (!answer) {
    const question = questionOf(ctx, service, { seats, providerId, roomId, listing: true }, knowledge, timeZone)
    const slots = listSlots({ ...question, zone: zoneOf(timeZone), days })
    const write = writerOf(service, knowledge)
    answer = written(ask, slots, (slot) => write(slot))
    keepAnswer(ctx, known, asked, answer)
  }
  return { ...answer, results: [], version: knowledge.versions }
}

/** One page of these, as JSON. @throws NOT_FOUND for a page past the end. */
function written<T>(
  { page = 1, page_size = 10_000 }: Asked,
  all: readonly T[],
  write: (one: T) => string,
): { written: readonly [Buffer]; count: number } {
  const shown = all.slice((page - 1) * page_size, page * page_size)
  if (shown.length === 0 && page > 1) throw notFound('page')
  return { written: [ownBytes(`[${shown.map(write).join(',')}]`)], count: all.length }
}

async function explained(ctx: Context, serviceId: number, ask: Asked): Promise<Page<SlotView> & { version: number }> {
  requireActor(ctx)
  const service = await getServiceForBooking(ctx, serviceId)
  const runs = await runsService(ctx, service)
  if (!service.isActive && !runs) throw notFound('service')
  if (!runs) throw denied('Only those who run the service see why times are refused')
  const { from, to, days, timeZone, seats, provider_id: providerId, room_id: roomId } = ask
  const why = { seats, providerId, roomId }
  const knowledge = await readKnowledge(ctx, { ...why, services: [service], from, to })
  const question: SlotQuery = { ...questionOf(ctx, service, why, knowledge, timeZone), zone: zoneOf(timeZone), days }
  const write = writerOf(service, knowledge)
  const answer = written(ask, explainSlots(question), ({ start, offset, decision }) => {
    if (decision.accepted) return write(decision.slot)
    const { message, rule = '', params } = refusalDetail(decision.refusal)
    const refusal = {
      rule,
      code: decision.refusal.code,
      message,
      from: (params?.['from'] as string | undefined) ?? null,
      to: (params?.['to'] as string | undefined) ?? null,
    }
    return write({ start, offset, providers: [], rooms: [] }, `,"refusal":${JSON.stringify(refusal)}`)
  })
  return { ...answer, results: [], version: knowledge.versions }
}
