import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import {
  exampleFreeBusy,
  exampleMeetingTime,
  FreeBusy,
  FreeBusyQuery,
  MeetingTime,
  MeetingTimesQuery,
} from '../schema/finder.ts'
import { findMeetingTimes, getFreeBusy, type BookingsToShow } from '../service/finder.ts'

const tag = 'Events'

/** When people are busy, and when they can meet. */
export function finderRoutes(app: FastifyInstance, bookingsToShow: BookingsToShow): void {
  operation(app, {
    method: 'GET',
    path: '/events/free-busy/',
    who: 'any',
    tag,
    summary: 'When colleagues are busy',
    description:
      'Without titles: meetings, bookings and imported time alike; `bookings` names those of which you may know: your own, and of an organization whose admin you are. Of colleagues and of yourself, over at most 62 days. Without hours of their own people work Monday to Friday, 9 to 17, in their time zone.',
    query: FreeBusyQuery,
    data: FreeBusy,
    message: 'Free and busy times retrieved successfully',
    example: { data: exampleFreeBusy },
    run: (ctx, { query }) => getFreeBusy(ctx, query, bookingsToShow),
  })
  list(app, {
    path: '/events/meeting-times/',
    who: 'any',
    tag,
    summary: 'Find times for a meeting',
    description:
      'Times at which all of these people are free, and a room of your organization where one is asked for, best first: with the fewest people missing, within the most people’s working hours, the earliest. What has been found may be taken by somebody else a moment later: making the event decides.',
    query: MeetingTimesQuery,
    data: MeetingTime,
    message: 'Meeting times retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleMeetingTime },
    run: (ctx, { query }) => findMeetingTimes(ctx, query),
  })
}
