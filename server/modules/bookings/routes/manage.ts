import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import { CancelManaged, exampleManaged, ManagedBooking, RescheduleManaged, TokenParams } from '../schema-extras.ts'
import { exampleManagedSeries, ManagedSeries, ManagedSeriesCancel } from '../schema-managed.ts'
import { getCalendarFile } from '../service/calendar.ts'
import { cancelManaged, getManaged, rescheduleManaged } from '../service/manage.ts'
import { cancelManagedSeries, getManagedSeries } from '../service/manage-series.ts'

const tag = 'Bookings'

/** A booking without an account: the link in a guest's mails. And a booking in one's own calendar. */
export function manageRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/public/bookings/{token}/',
    who: 'public',
    tag,
    limit: 'auth',
    summary: 'The booking of a manage-link',
    description:
      'For guests without an account: the token of the link in their mails, until 30 days after the end of the booking. Looking changes nothing. A token that is forged or of something else answers 404.',
    params: TokenParams,
    data: ManagedBooking,
    message: 'Booking retrieved successfully',
    example: { data: exampleManaged },
    run: (ctx, { params }) => getManaged(ctx, params.token),
  })
  operation(app, {
    method: 'POST',
    path: '/public/bookings/{token}/cancel/',
    who: 'public',
    tag,
    limit: 'auth',
    summary: 'Cancel the booking of a manage-link',
    description: 'Until its start; one that is cancelled already stays as it is.',
    params: TokenParams,
    body: CancelManaged,
    data: ManagedBooking,
    message: 'Booking cancelled successfully',
    example: {
      body: { reason: 'Ill' },
      data: { ...exampleManaged, status: 'cancelled', can_change: false, refund_percent: null },
    },
    run: (ctx, { params, body }) => cancelManaged(ctx, params.token, body.reason),
  })
  operation(app, {
    method: 'POST',
    path: '/public/bookings/{token}/reschedule/',
    who: 'public',
    tag,
    limit: 'auth',
    summary: 'Move the booking of a manage-link',
    description: 'To a free start of its service, with the same person. A service that needs approval needs it again.',
    params: TokenParams,
    body: RescheduleManaged,
    data: ManagedBooking,
    message: 'Booking updated successfully',
    example: {
      body: { date: '2026-01-16T10:00:00Z' },
      data: {
        ...exampleManaged,
        date: '2026-01-16T10:00:00Z',
        end: '2026-01-16T11:00:00Z',
        local: '2026-01-16T12:00:00+02:00',
      },
    },
    run: (ctx, { params, body }) => rescheduleManaged(ctx, params.token, body.date),
  })
  operation(app, {
    method: 'GET',
    path: '/public/bookings/series/{token}/',
    who: 'public',
    tag,
    limit: 'auth',
    secret: true,
    summary: 'The series of a manage-link',
    description:
      'For guests without an account: the token of the link in the mails about a series, until 30 days after its last booking. With each booking comes the token of its own link, by which it alone is moved. Looking changes nothing.',
    params: TokenParams,
    data: ManagedSeries,
    message: 'Series retrieved successfully',
    example: { data: exampleManagedSeries },
    run: (ctx, { params }) => getManagedSeries(ctx, params.token),
  })
  operation(app, {
    method: 'POST',
    path: '/public/bookings/series/{token}/cancel/',
    who: 'public',
    tag,
    limit: 'auth',
    secret: true,
    summary: 'Cancel bookings of the series of a manage-link',
    description:
      'One, one and those after it, or all that are to come; each by its own policy. What is cancelled already stays as it is.',
    params: TokenParams,
    body: ManagedSeriesCancel,
    data: ManagedSeries,
    message: 'Series cancelled successfully',
    errors: ['CONFLICT'],
    example: { body: { booking_id: 1, scope: 'this_and_following', reason: 'Ill' }, data: exampleManagedSeries },
    run: (ctx, { params, body }) => cancelManagedSeries(ctx, params.token, body),
  })
  operation(app, {
    method: 'GET',
    path: '/bookings/{id}/calendar.ics',
    who: 'any',
    tag,
    summary: 'A booking as an iCalendar file',
    description: 'For its two sides. Read again after a move, a calendar replaces the entry (UID and SEQUENCE).',
    params: IdParams,
    data: Type.String(),
    contentType: 'text/calendar; charset=utf-8',
    message: 'Booking retrieved successfully',
    example: { data: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n...\r\nEND:VCALENDAR\r\n' },
    run: async (ctx, { params, reply }) => {
      const file = await getCalendarFile(ctx, params.id)
      reply.header('content-disposition', `attachment; filename="booking-${params.id}.ics"`)
      return file
    },
  })
}
