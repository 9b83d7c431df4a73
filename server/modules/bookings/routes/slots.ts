import type { FastifyInstance } from 'fastify'
import { list } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import { exampleSlot, FreeProvider, SearchQuery, Slot, SlotsQuery } from '../schema.ts'
import { searchProviders } from '../service/search.ts'
import { findSlots } from '../service/slots.ts'

/** Free times: of one service, and of everybody who offers a service or category. */
export function slotRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/services/{id}/slots/',
    who: 'public',
    tag: 'Services',
    summary: 'Free slots',
    description:
      '`from` and `to` are dates, both included, in `time_zone` (by default that of the signed-in person, else UTC); at most 92 days. Every start that is listed can be booked, and no other. With `explain=true`, for those who run the service, also every grid start that is refused, with its rule. The header `X-Slots-Version` bears the version of the slots, as the topic `slots` of the socket and the live stream tell it.',
    params: IdParams,
    query: SlotsQuery,
    data: Slot,
    exact: true,
    message: 'Slots retrieved successfully',
    errors: ['TOKEN_MISSING', 'AUTHENTICATION_FAILED', 'PERMISSION_DENIED'],
    example: { data: exampleSlot },
    run: async (ctx, { params, query, reply }) => {
      const page = await findSlots(ctx, params.id, query)
      reply.header('x-slots-version', page.version)
      return page
    },
  })
  list(app, {
    path: '/bookings/providers/search/',
    who: 'any',
    tag: 'Bookings',
    summary: 'Providers who are free',
    description:
      'For a `service`, or for any service of a `category`; at one very start (`at`) or in a span of dates (`from`, `to`; a week from today by default). The soonest first, each with the next free starts.',
    query: SearchQuery,
    data: FreeProvider,
    message: 'Providers retrieved successfully',
    example: {
      data: {
        id: 2,
        name: 'Jane Smith',
        services: [
          {
            id: 1,
            title: 'Web Development',
            price: 100,
            currency: 'USD',
            duration_minutes: 60,
            next_slots: [
              {
                start: '2026-01-15T14:00:00Z',
                end: '2026-01-15T15:00:00Z',
                local: '2026-01-15T16:00:00+02:00',
                seats_left: 1,
              },
            ],
          },
        ],
      },
    },
    run: (ctx, { query }) => searchProviders(ctx, query),
  })
}
