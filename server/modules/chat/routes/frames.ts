import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Id, Instant, Nothing, Nullable, Text } from '../../../platform/http/shapes.ts'
import { entry, frame, onPresence } from '../../../platform/socket/frame.ts'
import { mostText } from '../rules.ts'
import { exampleMessage, Message, MessageInput, Reading } from '../schema.ts'
import { deleteMessage, editMessage } from '../service/change.ts'
import { askPresence, tellPresence, typeIn } from '../service/live.ts'
import { readChat } from '../service/read.ts'
import { sendMessage } from '../service/send.ts'

const Presence = Type.Object(
  { user_id: Id, online: Type.Boolean(), last_seen_at: Nullable(Instant) },
  { title: 'Presence' },
)
const examplePresence = { user_id: 2, online: true, last_seen_at: null }
const deleted = { ...exampleMessage, text: '', deleted: true }

/** What clients may say on the socket: the very services of the HTTP API. */
export function liveFrames(app: FastifyInstance): void {
  frame(app, {
    type: 'send',
    summary: 'Send a message',
    description:
      'As `POST message/messages/`: stored when it is acknowledged, and the same `client_id` is the same message. The entry `message.created` comes to your own devices as well.',
    body: MessageInput,
    answer: Message,
    example: {
      body: { chat_id: 5, text: exampleMessage.text, client_id: exampleMessage.client_id },
      answer: exampleMessage,
    },
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    run: (ctx, body) => sendMessage(ctx, body),
  })
  frame(app, {
    type: 'edit',
    summary: 'Change the words of your message',
    description: 'For 24 hours after it was sent.',
    body: Type.Object({ message_id: Id, text: Text(mostText, 1) }),
    answer: Message,
    example: {
      body: { message_id: 7, text: 'Hello!' },
      answer: { ...exampleMessage, text: 'Hello!', edited_at: '2026-01-12T08:05:00Z' },
    },
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    run: (ctx, body) => editMessage(ctx, body.message_id, body.text),
  })
  frame(app, {
    type: 'delete',
    summary: 'Delete your message for everybody',
    body: Type.Object({ message_id: Id }),
    answer: Nothing,
    example: { body: { message_id: 7 }, answer: null },
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    run: async (ctx, body) => {
      await deleteMessage(ctx, body.message_id)
      return null
    },
  })
  frame(app, {
    type: 'read',
    summary: 'Mark a chat as read',
    description: 'Up to `seq`, without it all.',
    body: Type.Object({
      chat_id: Id,
      seq: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    }),
    answer: Reading,
    example: { body: { chat_id: 5, seq: 2 }, answer: { chat_id: 5, last_read_seq: 2, unread_count: 0 } },
    errors: ['NOT_FOUND'],
    run: (ctx, body) => readChat(ctx, body.chat_id, body.seq),
  })
  frame(app, {
    type: 'typing',
    summary: 'Say that you are typing',
    description: 'The other side is told `typing`; say it again every few seconds while it is so.',
    body: Type.Object({ chat_id: Id }),
    answer: Nothing,
    example: { body: { chat_id: 5 }, answer: null },
    errors: ['NOT_FOUND'],
    perMinute: 60,
    run: async (ctx, body) => {
      await typeIn(ctx, body.chat_id)
      return null
    },
  })
  frame(app, {
    type: 'presence',
    summary: 'Ask who is online',
    description:
      'Who shares no chat with you is not in the answer. Whoever comes and goes later is told by `presence`.',
    body: Type.Object({ user_ids: Type.Array(Id, { minItems: 1, maxItems: 100, uniqueItems: true }) }),
    answer: Type.Array(Presence),
    example: { body: { user_ids: [2] }, answer: [examplePresence] },
    perMinute: 60,
    run: (ctx, body) => askPresence(ctx, body.user_ids),
  })
  entries(app)
  onPresence(app, tellPresence)
}

function entries(app: FastifyInstance): void {
  entry(app, {
    type: 'message.created',
    summary: 'A new line of one of your chats, also what you have sent yourself',
    description: 'Its attachments bear no links: ask for the message by HTTP when one is wanted.',
    data: Message,
    example: exampleMessage,
  })
  entry(app, {
    type: 'message.updated',
    summary: 'The words of a message were changed',
    data: Message,
    example: { ...exampleMessage, text: 'Hello!', edited_at: '2026-01-12T08:05:00Z' },
  })
  entry(app, { type: 'message.deleted', summary: 'A message was deleted', data: Message, example: deleted })
  entry(app, {
    type: 'chat.read',
    summary: 'Somebody, you on another device perhaps, has read a chat up to a line',
    data: Type.Object({
      chat_id: Id,
      user_id: Nullable(Type.Integer({ description: 'null: the support.' })),
      last_read_seq: Type.Integer(),
    }),
    example: { chat_id: 5, user_id: 2, last_read_seq: 2 },
  })
  entry(app, {
    type: 'chat.closed',
    summary: 'Somebody has left this chat, and nobody can write in it any more',
    description:
      'They have erased their account, and what they wrote is deleted: load the chat again. Or they gave the services of an organization that they belong to no more: what they wrote stays, and where `user_id` is you, the chat is yours no more.',
    data: Type.Object({ chat_id: Id, user_id: Id }),
    example: { chat_id: 5, user_id: 2 },
  })
  entry(app, {
    type: 'typing',
    summary: 'Somebody is typing in one of your chats',
    data: Type.Object({ chat_id: Id, user_id: Nullable(Type.Integer({ description: 'null: the support.' })) }),
    example: { chat_id: 5, user_id: 2 },
    kept: false,
  })
  entry(app, {
    type: 'presence',
    summary: 'Somebody of your latest chats has come or gone',
    data: Presence,
    example: examplePresence,
    kept: false,
  })
}
