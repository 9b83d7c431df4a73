/** Slots as they are often written: a date object per slot, and every busy interval asked for each. */
import type { Slot, SlotQuery } from '../../server/time/question.ts'
import { dateText } from '../../server/time/dates.ts'

/** Hours, buffers and busy time only: no overrides, rooms or sessions; enough for the bench's questions. */
export function naiveSlots({ zone, days, service, providers }: SlotQuery): Slot[] {
  const from = Temporal.PlainDate.from(dateText(days.from)).toZonedDateTime(zone.id)
  const to = Temporal.PlainDate.from(dateText(days.to)).add({ days: 1 }).toZonedDateTime(zone.id)
  const byStart = new Map<number, Slot & { providers: Slot['providers'][number][] }>()
  for (const { id, schedule, busy } of providers) {
    const spans: { from: Temporal.Instant; to: Temporal.Instant }[] = []
    for (let i = 0; i < busy.length; i += 2) spans.push({ from: instantOf(busy[i]!), to: instantOf(busy[i + 1]!) })
    let date = from.withTimeZone(schedule.zone.id).toPlainDate().subtract({ days: 1 })
    for (; Temporal.PlainDate.compare(date, to.toPlainDate().add({ days: 1 })) <= 0; date = date.add({ days: 1 })) {
      for (const hours of schedule.weekly) {
        if (hours.weekday !== date.dayOfWeek) continue
        const midnight = date.toPlainDateTime()
        const closes = midnight.add({ minutes: hours.to }).toZonedDateTime(schedule.zone.id)
        for (let minute = hours.from; minute < hours.to; minute += service.stepMinutes) {
          const start = midnight.add({ minutes: minute }).toZonedDateTime(schedule.zone.id)
          const end = start.add({ minutes: service.durationMinutes })
          if (Temporal.ZonedDateTime.compare(start, from) < 0 || Temporal.ZonedDateTime.compare(start, to) >= 0)
            continue
          if (Temporal.ZonedDateTime.compare(end, closes) > 0) continue
          const blockedFrom = start.subtract({ minutes: service.bufferBefore }).toInstant()
          const blockedTo = end.add({ minutes: service.bufferAfter }).toInstant()
          const taken = spans.some(
            (span) =>
              Temporal.Instant.compare(span.from, blockedTo) < 0 && Temporal.Instant.compare(span.to, blockedFrom) > 0,
          )
          if (taken) continue
          const at = start.epochMilliseconds / 60_000
          const offset = start.withTimeZone(zone.id).offsetNanoseconds / 6e10
          const slot = byStart.get(at) ?? { start: at, offset, providers: [], rooms: [] }
          slot.providers.push({ id, seatsLeft: service.capacity, joins: false, roomId: null })
          byStart.set(at, slot)
        }
      }
    }
  }
  return [...byStart.values()].toSorted((a, b) => a.start - b.start)
}

function instantOf(minute: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(minute * 60_000)
}
