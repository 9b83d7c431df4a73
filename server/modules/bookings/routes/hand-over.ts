import type { FastifyInstance } from 'fastify'
import { operation } from '../../../platform/http/operation.ts'
import { exampleHandOver, HandOver, HandOverInput } from '../schema-hand-over.ts'
import { handOver } from '../service/hand-over.ts'

/** What becomes of the bookings of who leaves, is ill or goes on holiday. */
export function handOverRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/bookings/hand-over/',
    who: 'any',
    tag: 'Bookings',
    summary: 'Hand future bookings of an organization over to others',
    description:
      'For the organization’s admins, for members of what they give themselves, and for `booking_management` (audited). Each start passes to the person named, else to whoever of the staff of its service is free, at its time and with all who have booked it; its claims move in the same transaction. What nobody can take is named with the rule of the slots that refuses it, or cancelled with everything paid going back. `service` and `booking_ids` hand over only those (a class passes on whole, but only what is named is cancelled); at most 200 starts at once, the soonest first. Who is booked again and again meanwhile closes their schedule first (`POST schedules/?force=true` with a `time_off`), hands over, and then leaves.',
    body: HandOverInput,
    data: HandOver,
    message: 'Bookings handed over successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    example: {
      body: {
        organization_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
        provider_id: 2,
        action: 'reassign',
      },
      data: exampleHandOver,
    },
    run: (ctx, { body }) => handOver(ctx, body),
  })
}
