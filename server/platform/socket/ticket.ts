import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { operation } from '../http/operation.ts'
import { Instant, iso } from '../http/shapes.ts'
import { makeTicket, type SocketAccounts } from './credentials.ts'

const Ticket = Type.Object(
  {
    ticket: Type.String({ description: 'Serves once, for 60 seconds, on any node: `/ws/chat/?ticket=...`' }),
    expires_at: Instant,
  },
  { title: 'SocketTicket' },
)

/** `POST ws/ticket/`. */
export function addTicketRoute(app: FastifyInstance, accounts: SocketAccounts): void {
  operation(app, {
    method: 'POST',
    path: '/ws/ticket/',
    who: 'any',
    tag: 'Socket',
    summary: 'A ticket for the socket',
    description:
      'A one-use ticket for 60 seconds, so that no access token stands in a URL. The socket stays open until the access token of this request ends, or longer with a fresh one. The protocol: `/asyncapi.json`.',
    data: Ticket,
    secret: true,
    status: 201,
    message: 'Socket ticket created successfully',
    example: { data: { ticket: 'kX2vT0m7c1XWqk3Zb0lJ8mG5oN4sYt9R', expires_at: '2026-01-15T14:01:00Z' } },
    run: async (ctx, { request }) => {
      const token = (request.headers.authorization ?? '').trim().replace(/^Bearer\s+/i, '')
      const { ticket, expiresAt } = await makeTicket(ctx, accounts.read(ctx.house, token, ctx.now))
      return { ticket, expires_at: iso(expiresAt) }
    },
  })
}
