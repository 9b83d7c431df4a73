import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { Nothing, PageQuery, Uuid, UuidParams } from '../../../platform/http/shapes.ts'
import { topic } from '../../../platform/socket/topic.ts'
import { Type } from 'typebox'
import {
  Calendar,
  CalendarChange,
  CalendarInput,
  CalendarQuery,
  exampleCalendar,
  exampleShare,
  Share,
  ShareInput,
  ShareParams,
} from '../schema/calendars.ts'
import { createCalendar, deleteCalendar, getCalendar, listCalendars, updateCalendar } from '../service/calendars.ts'
import { endShare, listShares, shareCalendar } from '../service/shares.ts'
import { watchCalendar } from '../service/watch.ts'

const tag = 'Calendars'

/** Calendars and with whom they are shared. */
export function calendarRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/calendars/',
    who: 'any',
    tag,
    summary: 'Calendars in view',
    description:
      'Your own (everybody has a first one), those shared with you, and the public ones of your organizations; your own first, then by name.',
    query: CalendarQuery,
    data: Calendar,
    message: 'Calendars retrieved successfully',
    example: { data: exampleCalendar },
    run: (ctx, { query }) => listCalendars(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/calendars/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Make a calendar',
    description:
      'Yours alone, or in one of your organizations (`organization_id`). `is_public` lets every member of the organization read it; without an organization, whoever is signed in and knows its id, but not who takes part, comments and files.',
    body: CalendarInput,
    data: Calendar,
    message: 'Calendar created successfully',
    errors: ['NOT_FOUND'],
    example: { body: { name: 'Work', color: '#336699' }, data: exampleCalendar },
    run: (ctx, { body }) => createCalendar(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/calendars/{id}/',
    who: 'any',
    tag,
    summary: 'One calendar',
    description: 'For whoever has it in view; for a stranger it does not exist.',
    params: UuidParams,
    data: Calendar,
    message: 'Calendar retrieved successfully',
    example: { data: exampleCalendar },
    run: (ctx, { params }) => getCalendar(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/calendars/{id}/',
    who: 'any',
    tag,
    summary: 'Change a calendar',
    description: 'For its owner. What is left out stays as it is.',
    params: UuidParams,
    body: CalendarChange,
    data: Calendar,
    message: 'Calendar updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { color: '#336699' }, data: exampleCalendar },
    run: (ctx, { params, body }) => updateCalendar(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/calendars/{id}/',
    who: 'any',
    tag,
    summary: 'Delete a calendar',
    description:
      'For its owner, with all events in it: their rooms and people are free again, and participants are told. The first calendar cannot be deleted.',
    params: UuidParams,
    data: Nothing,
    message: 'Calendar deleted successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteCalendar(ctx, params.id)
      return null
    },
  })
  list(app, {
    path: '/calendars/{id}/shares/',
    who: 'any',
    tag,
    summary: 'With whom a calendar is shared',
    description: 'For its owner; the oldest first.',
    params: UuidParams,
    query: PageQuery,
    data: Share,
    message: 'Shares retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleShare },
    run: (ctx, { params, query }) => listShares(ctx, params.id, query),
  })
  operation(app, {
    method: 'POST',
    path: '/calendars/{id}/shares/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Share a calendar',
    description:
      'For its owner: with a colleague (`user_id`), a department and those below it (`department_id`), or all members of an organization (`organization_id`). `free_busy` shows when, `read` also what, `write` lets change. With whom it is shared already gets the new access. It ends when either side leaves the organization.',
    params: UuidParams,
    body: ShareInput,
    data: Share,
    message: 'Calendar shared successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { user_id: 2, access: 'read' }, data: exampleShare },
    run: (ctx, { params, body }) => shareCalendar(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/calendars/{id}/shares/{share_id}/',
    who: 'any',
    tag,
    summary: 'Stop sharing',
    description: 'For the owner of the calendar.',
    params: ShareParams,
    data: Nothing,
    message: 'Share ended successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await endShare(ctx, params.id, params.share_id)
      return null
    },
  })
  topic(app, {
    topic: 'calendar',
    noun: 'calendar',
    summary: 'What stands in a calendar',
    description:
      'For whoever has it in view, `free_busy` included. Each change of an event, of one occurrence and of an answer counts; comments and the name of the calendar do not. It ends when the calendar is deleted or taken from your view.',
    fields: Type.Object({ calendar_id: Uuid }),
    example: { calendar_id: exampleCalendar.id },
    look: (ctx, { calendar_id }, userIds) => watchCalendar(ctx, calendar_id, userIds),
  })
}
