import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { actorOf } from '../../../platform/context.ts'
import { operation } from '../../../platform/http/operation.ts'
import { Nothing } from '../../../platform/http/shapes.ts'
import {
  CallbackInput,
  Connection,
  Consent,
  exampleConnection,
  exampleInvitation,
  Invitation,
  InvitationInput,
} from '../schema.ts'
import { hearNotice } from '../service/channels.ts'
import { beginConsent, endConsent, getConnection } from '../service/connect.ts'
import { disconnect } from '../service/end.ts'
import { inviteToMeeting } from '../service/meet.ts'

const tag = 'Google'

/** The conference of a booking. */
export function meetRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/bookings/google-meet-invitation/',
    who: 'any',
    tag: 'Bookings',
    keyed: 'business',
    summary: 'Meet on Google Meet',
    description:
      'For the two sides of a booking, an admin of its organization, and `booking_management`. Makes the one Google Meet conference of the booking and its event in Google Calendar, keeps the link as its `meeting_url`, and invites those whose e-mail is confirmed, by our own mails. Again it answers the same and invites nobody twice, but who has confirmed their e-mail meanwhile. Moving or cancelling the booking moves or cancels the event. 503 where Google is not set up or does not answer; then the invitations go out as soon as it does.',
    body: InvitationInput,
    data: Invitation,
    message: 'Google Meet invitations sent successfully',
    errors: ['NOT_FOUND', 'CONFLICT', 'PERMISSION_DENIED', 'SERVICE_UNAVAILABLE'],
    example: { body: { booking_id: 1 }, data: exampleInvitation },
    run: (ctx, { body }) => inviteToMeeting(ctx, body.booking_id),
  })
}

/** One's own Google calendar. */
export function connectionRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/google/connect/',
    who: 'any',
    tag,
    secret: true,
    summary: 'Begin to connect one’s Google calendar',
    description:
      'Answers the page of Google’s to open in a browser. Google sends the person back to `/google/callback/` of this house with `code` and `state`, which end it below. It serves who began it, once, for 10 minutes.',
    data: Consent,
    message: 'Continue on Google’s page',
    errors: ['CONFLICT'],
    example: {
      data: {
        authorization_url: 'https://accounts.google.com/o/oauth2/v2/auth?client_id=...',
        expires_at: '2026-01-12T08:10:00Z',
      },
    },
    run: (ctx) => beginConsent(ctx),
  })
  operation(app, {
    method: 'POST',
    path: '/google/callback/',
    who: 'any',
    tag,
    secret: true,
    summary: 'Connect one’s Google calendar',
    description:
      'With what Google has sent the person back with; the person must be who began it. From then on confirmed bookings that they give stand in that calendar, and whatever else makes them busy there keeps bookings away. 409 where the events of the calendar were not allowed to be seen, or where no calendars can be connected here; 503 where Google does not answer.',
    body: CallbackInput,
    data: Connection,
    message: 'Google calendar connected successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: {
      body: { code: '4/0Ab...', state: 'x1y2z3' },
      data: { ...exampleConnection, synced_at: null, is_live: false },
    },
    run: (ctx, { body }) => endConsent(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/google/connection/',
    who: 'any',
    tag,
    summary: 'How one’s Google calendar is connected',
    data: Connection,
    message: 'Google connection retrieved successfully',
    example: { data: exampleConnection },
    run: (ctx) => getConnection(ctx),
  })
  operation(app, {
    method: 'DELETE',
    path: '/google/connection/',
    who: 'any',
    tag,
    summary: 'Disconnect one’s Google calendar',
    description:
      'The consent is given back to Google and the tokens are deleted. Busy time of that calendar blocks nothing any more; events of bookings that stand there stay and are not changed any more; the bookings come to stand in the platform’s calendar, where there is one.',
    data: Nothing,
    message: 'Google calendar disconnected successfully',
    example: { data: null },
    run: async (ctx) => {
      await disconnect(ctx, actorOf(ctx).userId)
      return null
    },
  })
  operation(app, {
    method: 'POST',
    path: '/google/notifications/',
    who: 'public',
    tag,
    limit: 'none',
    secret: true,
    summary: 'Google tells that a calendar has changed',
    description:
      'For Google only: `X-Goog-Channel-ID`, `X-Goog-Channel-Token` and `X-Goog-Resource-ID` name a channel that this house has opened; anything else is 404.',
    data: Type.Object({ received: Type.Literal(true) }),
    message: 'Notification received',
    errors: ['NOT_FOUND'],
    example: { data: { received: true } },
    run: async (ctx, { request }) => {
      const of = (name: string): string => {
        const value = request.headers[name]
        return typeof value === 'string' ? value : ''
      }
      const [channel, token] = [of('x-goog-channel-id'), of('x-goog-channel-token')]
      await hearNotice(ctx, { channel, token, resource: of('x-goog-resource-id') })
      return { received: true as const }
    },
  })
}
