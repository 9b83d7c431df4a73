import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing, PageQuery } from '../../../platform/http/shapes.ts'
import {
  Block,
  BlockInput,
  BlockParams,
  exampleReport,
  Report,
  ReportDecision,
  ReportInput,
  ReportQuery,
} from '../schema.ts'
import {
  blockPerson,
  decideReport,
  listBlocks,
  listReports,
  reportMessage,
  unblockPerson,
} from '../service/moderation.ts'

const tag = 'Messages'
const exampleBlock = { user: { id: 2, name: 'Olena Koval' }, created_at: '2026-01-12T08:00:00Z' }

/** Blocking people and reporting messages. */
export function moderationRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/message/blocks/',
    who: 'any',
    tag,
    summary: 'Whom you have blocked',
    query: PageQuery,
    data: Block,
    message: 'Blocked people retrieved successfully',
    example: { data: exampleBlock },
    run: (ctx, { query }) => listBlocks(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/message/blocks/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Block a person',
    description:
      'Somebody you share a chat with: they can write to you no more, nor see whether you are online. Your chat and your bookings stay. Can be repeated.',
    body: BlockInput,
    data: Block,
    message: 'Person blocked successfully',
    errors: ['NOT_FOUND'],
    example: { body: { user_id: 2 }, data: exampleBlock },
    run: (ctx, { body }) => blockPerson(ctx, body.user_id),
  })
  operation(app, {
    method: 'DELETE',
    path: '/message/blocks/{user_id}/',
    who: 'any',
    tag,
    summary: 'Unblock a person',
    params: BlockParams,
    data: Nothing,
    message: 'Person unblocked successfully',
    errors: ['NOT_FOUND'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await unblockPerson(ctx, params.user_id)
      return null
    },
  })
  operation(app, {
    method: 'POST',
    path: '/message/messages/{id}/report/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Report a message to the administrators',
    description: 'Once for each message that the other person has written; its words are kept as they are now.',
    params: IdParams,
    body: ReportInput,
    data: Report,
    message: 'Message reported successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { body: { reason: exampleReport.reason }, data: exampleReport },
    run: (ctx, { params, body }) => reportMessage(ctx, params.id, body.reason),
  })
  list(app, {
    path: '/message/reports/',
    who: 'admin:user_management',
    tag,
    summary: 'Reported messages, newest first',
    query: ReportQuery,
    data: Report,
    message: 'Reports retrieved successfully',
    example: { data: exampleReport },
    run: (ctx, { query }) => listReports(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/message/reports/{id}/decide/',
    who: 'admin:user_management',
    tag,
    summary: 'Decide a report',
    description: 'Once. With `delete_message` the message is deleted for everybody.',
    params: IdParams,
    body: ReportDecision,
    data: Report,
    message: 'Report decided successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: {
      body: { status: 'resolved', note: 'Warned', delete_message: true },
      data: { ...exampleReport, status: 'resolved', note: 'Warned', resolved_at: '2026-01-12T09:00:00Z' },
    },
    run: (ctx, { params, body }) => decideReport(ctx, params.id, body),
  })
}
