import type { Cell } from '../../../platform/http/table.ts'
import type { StatisticsView } from './schema.ts'

const flat = (prefix: string, figures: object): Cell[][] =>
  Object.entries(figures)
    .filter(([, value]) => value === null || typeof value !== 'object')
    .map(([name, value]) => [`${prefix}_${name}`, null, name === 'share' ? { share: value } : (value as Cell)])

/** A row for each figure: its name; the room, hour, department, status or age that it is of; its value. */
export function* statisticsTable({ events, rooms, tickets, people, ...span }: StatisticsView): Generator<Cell[]> {
  yield ['figure', 'of', 'value']
  const { time_zone: zone } = span
  for (const [name, value] of Object.entries(span))
    yield [name, null, name === 'from' || name === 'to' ? { instant: value, zone } : value]
  yield* flat('events', events)
  yield* flat('rooms', rooms)
  for (const { name, hours, events: count, bookings } of rooms.by_room) {
    yield ['room_hours', name, hours]
    yield ['room_events', name, count]
    yield ['room_bookings', name, bookings]
  }
  for (const { hour, hours } of rooms.by_hour) yield ['rooms_hours_by_hour', hour, hours]
  if (tickets) {
    yield* flat('tickets', tickets)
    for (const [status, count] of Object.entries(tickets.by_status)) yield ['tickets_by_status', status, count]
    for (const [priority, count] of Object.entries(tickets.by_priority)) yield ['tickets_by_priority', priority, count]
    for (const { from_days, to_days, tickets: count } of tickets.by_age)
      yield ['tickets_by_age_in_days', to_days === null ? `from ${from_days}` : `${from_days} to ${to_days}`, count]
  }
  yield* flat('people', people)
  for (const [role, count] of Object.entries(people.by_role)) yield ['people_by_role', role, count]
  for (const { name, members } of people.by_department ?? []) yield ['people_by_department', name, members]
}
