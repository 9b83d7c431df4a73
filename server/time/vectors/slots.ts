/** Reads `slots.jsonl`: cases of TIME.md section 1 in text, turned into the numbers that the code takes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dayNumber, instantText, localText } from '../dates.ts'
import type { Hours, Schedule } from '../hours.ts'
import type { Slot, SlotQuery } from '../question.ts'
import { listSlots } from '../slots.ts'
import { zoneOf } from '../zones.ts'

interface TextHours {
  from: string
  to: string
}

interface TextSchedule {
  zone: string
  weekly: (TextHours & { weekday: number })[]
  overrides: { date: string; intervals: TextHours[] }[]
  timeOff: TextHours[]
  slots?: TextHours[]
}

interface TextBooking {
  start: string
  durationMinutes: number
  bufferBefore: number
  bufferAfter: number
  sameService: boolean
  seats: number
  roomId: string | null
}

export interface TextQuery {
  now: string
  fromDate: string
  toDate: string
  zone: string
  seats: number
  service: SlotQuery['service'] & { roomIds: string[] | null }
  providers: (TextSchedule & { id: string; busy: TextHours[]; bookings: TextBooking[] })[]
  rooms: { id: string; schedule: TextSchedule | null; busy: TextHours[] }[]
}

interface TextSlot {
  start: string
  local: string
  providers: { id: string; seatsLeft: number; joins: boolean; roomId: string | null }[]
  rooms: string[]
}

interface Case {
  id: string
  nearDst: boolean
  query: TextQuery
  expected: TextSlot[]
}

/** Every case of the file. */
export function slotCases(): Case[] {
  const lines = readFileSync(join(import.meta.dirname, 'slots.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line): Case => JSON.parse(line))
}

/** The free slots of a query, text in and text out: what `expected` says. */
export function answerOf(query: TextQuery): unknown[] {
  return listSlots(queryOf(query)).map(textOf)
}

/** The query in numbers. */
export function queryOf(text: TextQuery): SlotQuery {
  return {
    now: minuteOf(text.now),
    zone: zoneOf(text.zone),
    seats: text.seats,
    days: { from: dayOf(text.fromDate), to: dayOf(text.toDate) },
    service: text.service,
    providers: text.providers.map((provider) => ({
      id: provider.id,
      schedule: scheduleOf(provider),
      busy: provider.busy.flatMap(({ from, to }) => [minuteOf(from), minuteOf(to)]),
      bookings: provider.bookings.map((booking) => ({ ...booking, start: minuteOf(booking.start) })),
    })),
    rooms: text.rooms.map(({ id, schedule, busy }) => ({
      id,
      schedule: schedule && scheduleOf(schedule),
      busy: busy.flatMap(({ from, to }) => [minuteOf(from), minuteOf(to)]),
    })),
  }
}

/** The schedule in numbers. */
function scheduleOf(text: TextSchedule): Schedule {
  return {
    zone: zoneOf(text.zone),
    weekly: text.weekly.map(({ weekday, from, to }) => ({ weekday, ...hoursOf({ from, to }) })),
    overrides: text.overrides.map(({ date, intervals }) => ({ day: dayOf(date), intervals: intervals.map(hoursOf) })),
    timeOff: text.timeOff.map(spanOf),
    slots: (text.slots ?? []).map(spanOf),
  }
}

/** The slot in the file's words. */
function textOf({ start, offset, providers, rooms }: Slot): unknown {
  return { start: instantText(start), local: localText(start, offset), providers, rooms }
}

/** Epoch minutes, with a fraction for seconds. */
export function minuteOf(instant: string): number {
  return Temporal.Instant.from(instant).epochMilliseconds / 60_000
}

function dayOf(date: string): number {
  const [year, month, day] = date.split('-').map(Number)
  return dayNumber(year!, month!, day!)
}

function hoursOf({ from, to }: TextHours): Hours {
  return { from: timeOf(from), to: timeOf(to) }
}

function spanOf({ from, to }: TextHours): Hours {
  return { from: wallOfText(from), to: wallOfText(to) }
}

function wallOfText(text: string): number {
  const [date, time] = text.split('T')
  return dayOf(date!) * 1440 + timeOf(time!)
}

function timeOf(text: string): number {
  const [hour, minute] = text.split(':').map(Number)
  return hour! * 60 + minute!
}
