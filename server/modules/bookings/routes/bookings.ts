import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import { countOfDay } from '../../../platform/limits.ts'
import {
  Booking,
  BookingChange,
  BookingInput,
  BookingQuery,
  CancelBody,
  exampleBooking,
  StatusChange,
} from '../schema.ts'
import { CancellationPreview, exampleCancellationPreview } from '../schema-extras.ts'
import { changeBooking } from '../service/change.ts'
import { createBooking } from '../service/create.ts'
import { previewCancellation } from '../service/paid.ts'
import { waiveFee, withMethod } from '../service/no-show.ts'
import { getBooking, listBookings } from '../service/read.ts'
import { cancelBooking, setBookingStatus } from '../service/status.ts'

const tag = 'Bookings'

/** The life of a booking. */
export function bookingRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/bookings/',
    who: 'any',
    tag,
    summary: 'Own bookings, by role',
    description:
      'Those one has bought and those one serves; of an organization for its admins (`organization_id`); all of them with `booking_management`.',
    query: BookingQuery,
    data: Booking,
    message: 'Bookings retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleBooking },
    run: (ctx, { query }) => listBookings(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Book a service',
    description:
      'For customers and providers, never one’s own service; whoever runs the service may book for a `guest` without an account. `pending` while it awaits approval or payment, else `confirmed` at once. A time that others have answers 409, a wrong time 400; `details[0].rule` names the rule and `params.code` the reason. A service that `requires_payment_method` answers 409 (`payment_method_required`) to who has saved none.',
    body: BookingInput,
    data: Booking,
    message: 'Booking created successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED', 'NOT_FOUND'],
    guard: async (ctx, { body }) => {
      if (body.guest?.email !== undefined) await countOfDay(ctx, 'guest-mails', ctx.house.config.GUEST_MAILS_PER_DAY)
    },
    example: { body: { service: 1, date: '2026-01-15T14:00:00Z', status: 'pending' }, data: exampleBooking },
    recalls: true,
    run: (ctx, { body }) => withMethod(ctx, () => createBooking(ctx, body)),
  })
  operation(app, {
    method: 'GET',
    path: '/bookings/{id}/',
    who: 'any',
    tag,
    summary: 'One booking',
    description: 'For its two sides.',
    params: IdParams,
    data: Booking,
    message: 'Booking retrieved successfully',
    example: { data: exampleBooking },
    run: (ctx, { params }) => getBooking(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/bookings/{id}/',
    who: 'any',
    tag,
    summary: 'Move a booking or change its note',
    description:
      'The customer moves it (it keeps its id and payment) and changes the note; the provider proposes another time, which the customer accepts by moving the booking there. A service that needs approval needs it again, but not for the time that its provider proposed. Who runs the service gives a `provider_id` without a `date` where another person is to give the booking, at its time and with all who sit in it; a guest’s booking they move as the customer would.',
    params: IdParams,
    body: BookingChange,
    data: Booking,
    message: 'Booking updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: {
      body: { date: '2026-01-16T10:00:00Z', note: 'I will be five minutes late' },
      data: {
        ...exampleBooking,
        date: '2026-01-16T10:00:00Z',
        end: '2026-01-16T11:00:00Z',
        note: 'I will be five minutes late',
      },
    },
    run: (ctx, { params, body }) => changeBooking(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/bookings/{id}/',
    who: 'any',
    tag,
    summary: 'Cancel a booking',
    description:
      'For its two sides, until its start; no more for a master who has left the organization. It is kept as `cancelled`; one that is cancelled already stays as it is.',
    params: IdParams,
    body: CancelBody,
    data: Booking,
    message: 'Booking cancelled successfully',
    errors: ['PERMISSION_DENIED'],
    example: {
      body: { reason: 'Ill' },
      data: { ...exampleBooking, status: 'cancelled', cancelled_by: 'customer', cancel_reason: 'Ill' },
    },
    run: (ctx, { params, body }) => cancelBooking(ctx, params.id, body.reason),
  })
  operation(app, {
    method: 'GET',
    path: '/bookings/{id}/cancellation-preview/',
    who: 'any',
    tag,
    summary: 'What would come back if it were cancelled now',
    description:
      'For its two sides: by the policy frozen on the booking for the customer, everything for the provider. `free_until` is until when the customer gets everything back.',
    params: IdParams,
    data: CancellationPreview,
    message: 'Cancellation preview retrieved successfully',
    errors: ['CONFLICT'],
    example: { data: exampleCancellationPreview },
    run: (ctx, { params }) => previewCancellation(ctx, params.id),
  })
  operation(app, {
    method: 'POST',
    path: '/bookings/status/{id}/',
    who: 'any',
    tag,
    summary: 'Set the status of a booking',
    description:
      'For its provider. `pending` to `confirmed` or `cancelled`; `confirmed` to `completed` (after its end), `no_show` (after its start) or `cancelled`. The status it has already changes nothing. With `no_show` the no-show fee of the booking is asked for, within 7 days of the start: what has been paid counts towards it, the rest is charged to the saved payment method of the customer.',
    params: IdParams,
    body: StatusChange,
    data: Booking,
    message: 'Booking status updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { status: 'confirmed' }, data: exampleBooking },
    run: (ctx, { params, body }) =>
      setBookingStatus(ctx, params.id, body.status, { reason: body.reason, waiveFee: body.waive_fee === true }),
  })
  operation(app, {
    method: 'DELETE',
    path: '/bookings/{id}/no-show-fee/',
    who: 'any',
    tag,
    summary: 'Waive the fee of a booking to which nobody came',
    description:
      'For its provider, an admin of its organization, or `booking_management`. It is asked for no more, and what was paid of it goes back. Where what was paid for the booking covers it, refund that payment instead.',
    params: IdParams,
    data: Booking,
    message: 'No-show fee waived successfully',
    errors: ['CONFLICT', 'PERMISSION_DENIED'],
    example: { data: { ...exampleBooking, status: 'no_show', no_show_fee: 20, no_show_fee_status: 'waived' } },
    run: (ctx, { params }) => waiveFee(ctx, params.id),
  })
}
