import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../platform/http/shapes.ts'
import { problemsOf } from './rules/entries.ts'
import {
  exampleEntry,
  exampleInput,
  ForceQuery,
  ScheduleChange,
  ScheduleEntry,
  ScheduleInput,
  ScheduleQuery,
  ScheduleZone,
  ScheduleZoneChange,
} from './schema.ts'
import {
  createEntry,
  deleteEntry,
  getEntry,
  listEntries,
  moveSchedule,
  replaceEntry,
  type BookingsOf,
} from './service/entries.ts'

const tag = 'Schedules'
const kinds = `
- \`weekly\`: hours of a weekday. \`end_time\` may be \`24:00\`, or before \`start_time\`: then it is on the next day.
- \`override\`: a date with hours of its own; none = closed.
- \`time_off\`: a span that closes everything.
- \`slot\`: a published slot, open although no hours say so.

All times are read on the clocks of the schedule's one time zone, which the first entry sets (default: that of the person or room).`
const whose = `Who asks must be a provider or belong to an organization. \`user_id\` means a master of an organization (for its admins), \`room_id\` a room (for admins and it).`
const strands = `Where bookings would stand in hours that this closes, the answer is 409 with each of them in \`details\`; \`force=true\` does it nevertheless.`

/** Working hours, dates of their own, time off and published slots, of people and rooms. `bookingsOf` names whom a change would strand. */
export function routes(app: FastifyInstance, bookingsOf: BookingsOf): void {
  list(app, {
    path: '/schedules/',
    who: 'any',
    tag,
    summary: 'Entries of a schedule',
    description: `One's own unless \`user_id\` or \`room_id\` says whose. \`from\` and \`to\` choose dated entries; weekly hours are always there. ${whose}`,
    query: ScheduleQuery,
    data: ScheduleEntry,
    errors: ['NOT_FOUND', 'PERMISSION_DENIED'],
    message: 'Schedules retrieved successfully',
    example: { data: exampleEntry },
    run: (ctx, { query }) => listEntries(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/schedules/',
    who: 'any',
    tag,
    summary: 'Add an entry to a schedule',
    description: `${kinds}\n\n${whose} ${strands}`,
    query: ForceQuery,
    body: ScheduleInput,
    check: problemsOf,
    data: ScheduleEntry,
    status: 201,
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    message: 'Schedule created successfully',
    example: { body: exampleInput, data: exampleEntry },
    run: (ctx, { body, query }) => createEntry(ctx, body, query.force === true ? null : bookingsOf),
  })
  operation(app, {
    method: 'PUT',
    path: '/schedules/time-zone/',
    who: 'any',
    tag,
    summary: 'Move a whole schedule to another time zone',
    description: `Every entry keeps what the clock on the wall shows. ${whose} ${strands}`,
    query: ForceQuery,
    body: ScheduleZoneChange,
    data: ScheduleZone,
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    message: 'Schedule moved successfully',
    example: {
      body: { time_zone: 'Europe/Lisbon' },
      data: { time_zone: 'Europe/Lisbon', user_id: 1, room_id: null, entries: 5 },
    },
    run: (ctx, { body, query }) => moveSchedule(ctx, body, query.force === true ? null : bookingsOf),
  })
  operation(app, {
    method: 'GET',
    path: '/schedules/{id}/',
    who: 'any',
    tag,
    summary: 'An entry of a schedule',
    params: IdParams,
    data: ScheduleEntry,
    errors: ['PERMISSION_DENIED'],
    message: 'Schedule retrieved successfully',
    example: { data: exampleEntry },
    run: (ctx, { params }) => getEntry(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/schedules/{id}/',
    who: 'any',
    tag,
    summary: 'Replace an entry of a schedule',
    description: `${kinds}\n\n${strands}`,
    params: IdParams,
    query: ForceQuery,
    body: ScheduleChange,
    check: problemsOf,
    data: ScheduleEntry,
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    message: 'Schedule updated successfully',
    example: { body: exampleInput, data: exampleEntry },
    run: (ctx, { params, body, query }) => replaceEntry(ctx, params.id, body, query.force === true ? null : bookingsOf),
  })
  operation(app, {
    method: 'DELETE',
    path: '/schedules/{id}/',
    who: 'any',
    tag,
    summary: 'Delete an entry of a schedule',
    description: strands,
    params: IdParams,
    query: ForceQuery,
    data: Nothing,
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    message: 'Schedule deleted successfully',
    example: { data: null },
    run: async (ctx, { params, query }) => {
      await deleteEntry(ctx, params.id, query.force === true ? null : bookingsOf)
      return null
    },
  })
}
