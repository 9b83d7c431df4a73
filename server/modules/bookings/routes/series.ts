import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import { countOfDay } from '../../../platform/limits.ts'
import {
  exampleSeries,
  exampleSeriesCancelled,
  exampleSeriesMoved,
  exampleSeriesPreview,
  exampleSeriesRow,
  Series,
  SeriesCancel,
  SeriesInput,
  SeriesMove,
  SeriesPreview,
  SeriesPreviewInput,
  SeriesQuery,
  SeriesRow,
} from '../schema-series.ts'
import { getSeriesFile } from '../service/calendar.ts'
import { withMethod } from '../service/no-show.ts'
import { createSeries, previewSeries } from '../service/series.ts'
import { cancelSeries, confirmSeries } from '../service/series-change.ts'
import { moveSeries } from '../service/series-move.ts'
import { getSeries, listSeries } from '../service/series-read.ts'

const tag = 'Bookings'

/** Series: the same service at the same time of day, again and again. */
export function seriesRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/bookings/series/',
    who: 'any',
    tag,
    summary: 'Series of bookings',
    description:
      'Those one has bought and those one gives something of, the newest first; of an organization for its admins (`organization_id`); all with `booking_management`. The bookings of one: `GET /bookings/?series=`.',
    query: SeriesQuery,
    data: SeriesRow,
    message: 'Series retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleSeriesRow },
    run: (ctx, { query }) => listSeries(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/series/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Book a service again and again',
    description:
      'Daily, weekly or monthly at the same time of day by the clock of `time_zone`, at most 52 times. All or nothing, or with `clashes: skip` what can be had; `details` names every time that cannot be had with its rule, `params.date` and `params.code`. Each is an ordinary booking, which can be moved and cancelled alone; both sides are told once. Of an online service the first payment keeps all of them: the others are then to be paid until two days before each.',
    body: SeriesInput,
    data: Series,
    message: 'Series booked successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED', 'NOT_FOUND'],
    guard: async (ctx, { body }) => {
      if (body.guest?.email !== undefined) await countOfDay(ctx, 'guest-mails', ctx.house.config.GUEST_MAILS_PER_DAY)
    },
    example: {
      body: { service: 1, date: '2026-01-15T14:00:00Z', recurrence_rule: 'FREQ=WEEKLY;COUNT=2' },
      data: exampleSeries,
    },
    run: (ctx, { body }) => withMethod(ctx, () => createSeries(ctx, body)),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/series/preview/',
    who: 'any',
    tag,
    summary: 'What a series would be',
    description:
      'Which of its bookings can be made, with whom and where, why not the others, and what they cost. Nothing is booked; what is free here can be booked as long as nobody else takes it.',
    body: SeriesPreviewInput,
    data: SeriesPreview,
    message: 'Series previewed successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED', 'NOT_FOUND'],
    example: {
      body: { service: 1, date: '2026-01-15T14:00:00Z', recurrence_rule: 'FREQ=WEEKLY;COUNT=2' },
      data: exampleSeriesPreview,
    },
    run: (ctx, { body }) => previewSeries(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/bookings/series/{id}/',
    who: 'any',
    tag,
    summary: 'One series with its bookings',
    description: 'For its two sides; a master of a salon sees what they give of it.',
    params: IdParams,
    data: Series,
    message: 'Series retrieved successfully',
    example: { data: exampleSeries },
    run: (ctx, { params }) => getSeries(ctx, params.id),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/series/{id}/cancel/',
    who: 'any',
    tag,
    summary: 'Cancel the rest of a series',
    description:
      'For its two sides: all that is to come, or from one of its bookings on. Each by its own policy, with its own refund. What is cancelled already stays as it is and is answered again; where all has taken place the answer is 409. A master who has left the organization changes nothing of it any more.',
    params: IdParams,
    body: SeriesCancel,
    data: Series,
    message: 'Series cancelled successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { from_booking_id: 2, reason: 'We move away' }, data: exampleSeriesCancelled },
    run: (ctx, { params, body }) => cancelSeries(ctx, params.id, body),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/series/{id}/move/',
    who: 'any',
    tag,
    summary: 'Move the rest of a series',
    description:
      'For its customer (for who runs the service, when it is a guest’s): all or nothing, as many days on and to the same time of day. What was moved singly before stays. A service that needs approval needs it again.',
    params: IdParams,
    body: SeriesMove,
    data: Series,
    message: 'Series moved successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED'],
    example: { body: { date: '2026-01-16T10:00:00Z' }, data: exampleSeriesMoved },
    run: (ctx, { params, body }) => moveSeries(ctx, params.id, body),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/series/{id}/confirm/',
    who: 'any',
    tag,
    summary: 'Confirm all that waits of a series',
    description: 'For its provider, in one step. It ends the holds; what is to be paid stays due.',
    params: IdParams,
    data: Series,
    message: 'Series confirmed successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED'],
    example: { data: exampleSeries },
    run: (ctx, { params }) => confirmSeries(ctx, params.id),
  })
  operation(app, {
    method: 'GET',
    path: '/bookings/series/{id}/calendar.ics',
    who: 'any',
    tag,
    summary: 'A series as an iCalendar file',
    description:
      'For its two sides: each booking is an entry of its own, with the UID that it has alone, since each can be moved and cancelled alone.',
    params: IdParams,
    data: Type.String(),
    contentType: 'text/calendar; charset=utf-8',
    message: 'Series retrieved successfully',
    example: { data: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n...\r\nEND:VCALENDAR\r\n' },
    run: async (ctx, { params, reply }) => {
      const file = await getSeriesFile(ctx, params.id)
      reply.header('content-disposition', `attachment; filename="series-${params.id}.ics"`)
      return file
    },
  })
}
