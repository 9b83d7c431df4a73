import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import {
  Chat,
  ChatQuery,
  exampleChat,
  exampleMessage,
  LineQuery,
  Message,
  Muted,
  ReadInput,
  Reading,
} from '../schema.ts'
import { getChat, listChatMessages, listOwnChats, listSupportChats, muteChat, readChat } from '../service/read.ts'

const tag = 'Messages'

/** Chats, their lines, what is read in them. */
export function chatRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/message/chats/',
    who: 'any',
    tag,
    summary: 'Your chats, the newest activity first',
    description:
      '`last_message` is the last that a person wrote, where nobody has yet the last line of the product. Lines of the product and deleted messages never count as unread.',
    query: ChatQuery,
    data: Chat,
    message: 'Chats retrieved successfully',
    example: { data: exampleChat },
    run: (ctx, { query }) => listOwnChats(ctx, query),
  })
  list(app, {
    path: '/message/support/',
    who: 'admin',
    tag,
    summary: 'The chats with the support, the newest activity first',
    description:
      'For administrators who hold `user_management` or `booking_management`. They read and answer by the same paths as in chats of their own; what is read, muted and unread is one for all of them.',
    query: ChatQuery,
    data: Chat,
    message: 'Chats retrieved successfully',
    example: {
      data: {
        ...exampleChat,
        kind: 'support',
        participants: [
          { id: 1, name: 'Jane Smith' },
          { id: null, name: 'Support' },
        ],
        opened_by: 'support',
        booking_id: null,
        service_id: null,
      },
    },
    run: (ctx, { query }) => listSupportChats(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/message/chats/{id}/',
    who: 'any',
    tag,
    summary: 'One of your chats',
    params: IdParams,
    data: Chat,
    message: 'Chat retrieved successfully',
    example: { data: exampleChat },
    run: (ctx, { params }) => getChat(ctx, params.id),
  })
  list(app, {
    path: '/message/chats/{id}/messages/',
    who: 'any',
    tag,
    summary: 'The messages of a chat, newest first',
    description:
      'Lines are numbered by `seq` without gaps. To scroll back ask for `before` the lowest one you have, to catch up for `after` the highest: new lines shift neither. Pages count on from there.',
    params: IdParams,
    query: LineQuery,
    data: Message,
    message: 'Messages retrieved successfully',
    example: { data: exampleMessage },
    run: (ctx, { params, query }) => listChatMessages(ctx, params.id, query),
  })
  operation(app, {
    method: 'POST',
    path: '/message/chats/{id}/read/',
    who: 'any',
    tag,
    summary: 'Mark as read',
    description:
      'Up to `seq`, without it all; what was read stays read. The other side sees it as `other_last_read_seq`.',
    params: IdParams,
    body: ReadInput,
    data: Reading,
    message: 'Chat marked as read',
    errors: ['NOT_FOUND'],
    example: { body: { seq: 2 }, data: { chat_id: 5, last_read_seq: 2, unread_count: 0 } },
    run: (ctx, { params, body }) => readChat(ctx, params.id, body.seq),
  })
  for (const [method, muted] of [
    ['POST', true],
    ['DELETE', false],
  ] as const)
    operation(app, {
      method,
      path: '/message/chats/{id}/mute/',
      who: 'any',
      tag,
      summary: muted ? 'Mute a chat' : 'Unmute a chat',
      description: muted
        ? 'New messages make no notifications; they still count as unread.'
        : 'New messages make notifications again.',
      params: IdParams,
      data: Muted,
      message: muted ? 'Chat muted' : 'Chat unmuted',
      errors: ['NOT_FOUND'],
      example: { data: { muted } },
      run: (ctx, { params }) => muteChat(ctx, params.id, muted),
    })
}
