import { findServicesOffered, type BookableService } from '../../catalog/index.ts'
import type { Context } from '../../../platform/context.ts'
import { invalid, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page } from '../../../platform/http/page.ts'
import { fromMinor } from '../../../platform/money.ts'
import { instantText, localText } from '../../../time/dates.ts'
import { listSlots } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import type { FreeProviderView, SearchQuery } from '../schema.ts'
import { momentOf } from './create.ts'
import { minutesOf, questionOf, readKnowledge } from './question.ts'
import { spanOf } from './slots.ts'

/** Of each provider and service so many free starts are told. */
const nextSlots = 5
const mostServices = 200
const isDate = /^\d{4}-\d{2}-\d{2}$/

type Span = { from: Temporal.Instant; to: Temporal.Instant; days: { from: number; to: number } | null }

function spanAsked(ctx: Context, query: SearchQuery, timeZone: string): Span {
  const wholeDate = query.date !== undefined && isDate.test(query.date) ? query.date : undefined
  const moment = query.at ?? (wholeDate === undefined ? query.date : undefined)
  if (moment !== undefined) {
    const at = momentOf(moment)
    return { from: at, to: at.add({ minutes: 1 }), days: null }
  }
  if (wholeDate !== undefined) return spanOf(wholeDate, wholeDate, timeZone)
  const today = ctx.now.toZonedDateTimeISO(timeZone).toPlainDate()
  return spanOf(
    query.from ?? today.toString(),
    query.to ?? (query.from ? Temporal.PlainDate.from(query.from) : today).add({ days: 6 }).toString(),
    timeZone,
  )
}

/**
 * Who is free for a service, or for any service of a category, at a time or in a span, with the next free starts of each; the soonest first. Schedules, claims and
 * sessions of all of them are read in at most three statements.
 */
export async function searchProviders(ctx: Context, query: SearchQuery): Promise<Page<FreeProviderView>> {
  if ((query.service === undefined) === (query.category === undefined))
    throw invalid('service', 'Give either service or category', 'required')
  const timeZone = query.time_zone ?? ctx.actor?.timeZone ?? 'UTC'
  const span = spanAsked(ctx, query, timeZone)
  const services = await findServicesOffered(ctx, { serviceId: query.service, category: query.category }, mostServices)
  if (query.service !== undefined && services.length === 0) throw notFound('service')
  const found = services.length === 0 ? [] : await freeProviders(ctx, services, span, query.seats ?? 1, timeZone)
  const results = found.slice(offsetOf(query), offsetOf(query) + limitOf(query))
  if (results.length === 0 && (query.page ?? 1) > 1) throw notFound('page')
  return { results, count: found.length }
}

async function freeProviders(
  ctx: Context,
  services: readonly BookableService[],
  span: Span,
  seats: number,
  timeZone: string,
): Promise<FreeProviderView[]> {
  const knowledge = await readKnowledge(ctx, { services, from: span.from, to: span.to, seats, listing: true })
  const zone = zoneOf(timeZone)
  const people = new Map<number, FreeProviderView & { first: number }>()
  for (const service of services) {
    for (const { start, offset, providers } of listSlots({
      ...questionOf(ctx, service, { seats, listing: true }, knowledge, timeZone),
      zone,
      days: span.days ?? daysOf(span, timeZone),
    })) {
      if (span.days === null && start !== minutesOf(span.from)) continue
      for (const { id, seatsLeft } of providers) {
        const person = personOf(people, Number(id), service, start)
        const entry = serviceOf(person, service)
        if (entry.next_slots.length >= nextSlots) continue
        entry.next_slots.push({
          start: instantText(start),
          end: instantText(start + service.durationMinutes),
          local: localText(start, offset),
          seats_left: seatsLeft,
        })
      }
    }
  }
  return [...people.values()].toSorted((a, b) => a.first - b.first || a.id - b.id)
}

/** The local date of a single moment, as the span of days that holds it. */
function daysOf(span: Span, timeZone: string): { from: number; to: number } {
  const date = span.from.toZonedDateTimeISO(timeZone).toPlainDate().toString()
  return spanOf(date, date, timeZone).days
}

function personOf(
  people: Map<number, FreeProviderView & { first: number }>,
  id: number,
  service: BookableService,
  start: number,
): FreeProviderView & { first: number } {
  let person = people.get(id)
  if (!person) {
    person = { id, name: service.names.get(id) ?? '', services: [], first: start }
    people.set(id, person)
  }
  if (start < person.first) person.first = start
  return person
}

function serviceOf(person: FreeProviderView, service: BookableService): FreeProviderView['services'][number] {
  let entry = person.services.find((one) => one.id === service.id)
  if (!entry) {
    const { id, title, priceMinor, currency, durationMinutes } = service
    entry = {
      id,
      title,
      price: fromMinor(priceMinor, currency),
      currency,
      duration_minutes: durationMinutes,
      next_slots: [],
    }
    person.services.push(entry)
  }
  return entry
}
