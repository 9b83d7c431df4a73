import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { Nothing, UuidParams } from '../../../platform/http/shapes.ts'
import { exampleEvent, exampleOccurrence } from '../schema/event-examples.ts'
import {
  Event,
  EventChange,
  EventInput,
  EventQuery,
  EventsQuery,
  Occurrence,
  ScopeQuery,
  UpcomingQuery,
} from '../schema/events.ts'
import { changeEvent } from '../service/change.ts'
import { createEvent } from '../service/create.ts'
import { listEvents, listUpcoming } from '../service/list.ts'
import { deleteEvent } from '../service/remove.ts'
import { getEvent } from '../service/whole.ts'

const tag = 'Events'

/** The life of an event. */
export function eventRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/events/',
    who: 'any',
    tag,
    summary: 'Occurrences of events in a span',
    description:
      'Expanded, in the order of their starts: all that overlaps `[from, to)`, each row one occurrence with its own times. A date in `from` or `to` means all of that day. Floating times are read in `time_zone` (by default yours), all-day events are dates.',
    query: EventsQuery,
    data: Occurrence,
    message: 'Events retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleOccurrence },
    run: (ctx, { query }) => listEvents(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/events/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Make an event',
    description:
      'In one of your calendars, by default the first. A `time_zone` makes it zoned, an instant without one UTC, a local time without one floating, a date all-day. Its room is claimed for every occurrence of the next 18 months: where it cannot be had, 409 with a detail for each such occurrence, unless `on_room_clash` says otherwise. Laid over a booking of somebody it stands, with `warnings`.',
    body: EventInput,
    data: Event,
    message: 'Event created successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED', 'NOT_FOUND'],
    example: {
      body: {
        title: 'Weekly',
        calendar_id: exampleEvent.calendar_id,
        start_time: '2026-01-15T16:00:00',
        end_time: '2026-01-15T17:00:00',
        time_zone: 'Europe/Kyiv',
        recurrence_rule: 'FREQ=WEEKLY;COUNT=4',
        reminders: [10],
        participants: [{ user_id: 2 }],
      },
      data: exampleEvent,
    },
    run: (ctx, { body }) => createEvent(ctx, body),
  })
  list(app, {
    path: '/events/upcoming/',
    who: 'any',
    tag,
    summary: 'The next occurrences',
    description:
      'What has not ended yet and is not cancelled, of the next three months, or of a year where those are empty.',
    query: UpcomingQuery,
    data: Occurrence,
    message: 'Upcoming events retrieved successfully',
    example: { data: exampleOccurrence },
    run: (ctx, { query }) => listUpcoming(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/events/{id}/',
    who: 'any',
    tag,
    summary: 'One event',
    description:
      'The whole series, as it begins. For its organizer, its participants and whoever may read its calendar; with `free_busy` access only when it is. To whom only a public calendar of a person opens it, its participants are not shown.',
    params: UuidParams,
    query: EventQuery,
    data: Event,
    message: 'Event retrieved successfully',
    example: { data: exampleEvent },
    run: (ctx, { params, query }) => getEvent(ctx, params.id, query),
  })
  operation(app, {
    method: 'PUT',
    path: '/events/{id}/',
    who: 'any',
    tag,
    summary: 'Change an event',
    description:
      'For its organizer and whoever may write in its calendar. What is left out stays as it is. `scope=this` changes one occurrence, `this_and_following` splits the series and answers the new event; with an `occurrence`, `start_time` is the new start of that occurrence.',
    params: UuidParams,
    query: ScopeQuery,
    body: EventChange,
    data: Event,
    message: 'Event updated successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { title: 'Weekly', location: 'Upstairs' }, data: { ...exampleEvent, location: 'Upstairs' } },
    run: (ctx, { params, query, body }) => changeEvent(ctx, params.id, query, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/events/{id}/',
    who: 'any',
    tag,
    summary: 'Delete an event',
    description:
      'For its organizer and whoever may write in its calendar: all of it, one occurrence (`scope=this`), or an occurrence and all after it (`this_and_following`). Its room and people are free again, participants are told.',
    params: UuidParams,
    query: ScopeQuery,
    data: Nothing,
    message: 'Event deleted successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params, query }) => {
      await deleteEvent(ctx, params.id, query)
      return null
    },
  })
}
