import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../../platform/http/shapes.ts'
import { exampleMessage, Message, MessageChange, MessageInput, MessageQuery, SupportInput } from '../schema.ts'
import { problemsOfMessage, problemsOfText } from '../rules.ts'
import { deleteMessage, editMessage } from '../service/change.ts'
import { writeToSupport } from '../service/open.ts'
import { getMessage, listOwnMessages } from '../service/read.ts'
import { sendMessage } from '../service/send.ts'

const tag = 'Messages'
const exampleInput = { recipient_id: 2, text: exampleMessage.text, client_id: exampleMessage.client_id }

/** Messages: `message/` and `message/messages/` are two names of one thing. */
export function messageRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/message/',
    who: 'any',
    tag,
    summary: 'The messages of your chats, newest first',
    description: '`search` finds words and parts of words, ignoring case and accents; every word must be found.',
    query: MessageQuery,
    data: Message,
    message: 'Messages retrieved successfully',
    example: { data: exampleMessage },
    run: (ctx, { query }) => listOwnMessages(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/message/{id}/',
    who: 'any',
    tag,
    summary: 'One message of your chats',
    description: 'The links of its attachments live five minutes: ask again for new ones.',
    params: IdParams,
    data: Message,
    message: 'Message retrieved successfully',
    example: { data: exampleMessage },
    run: (ctx, { params }) => getMessage(ctx, params.id),
  })
  for (const path of ['/message/', '/message/messages/'] as const)
    operation(app, {
      method: 'POST',
      path,
      who: 'any',
      tag,
      status: 201,
      summary: 'Send a message',
      description:
        'To `recipient_id` or into `chat_id`, exactly one of them. You may write to people with whom you have a booking, to the support, and first to who offers an active service (an inquiry, about `service_id` if you like); anybody else is PERMISSION_DENIED, whether they are still here or not. A message has words or attachments. `client_id` is your own name for it: the same one of yours answers the same message, however often it is sent, and CONFLICT when it was used for another one. It is stored when it is answered.',
      body: MessageInput,
      data: Message,
      message: 'Message sent successfully',
      errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
      example: { body: exampleInput, data: exampleMessage },
      check: problemsOfMessage,
      run: (ctx, { body }) => sendMessage(ctx, body),
    })
  for (const path of ['/message/{id}/', '/message/messages/{id}/'] as const) {
    operation(app, {
      method: 'PUT',
      path,
      who: 'any',
      tag,
      summary: 'Change the words of your message',
      description: 'For 24 hours after it was sent; `edited_at` says so to everybody.',
      params: IdParams,
      body: MessageChange,
      data: Message,
      message: 'Message updated successfully',
      errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
      example: {
        body: { text: 'Hello!' },
        data: { ...exampleMessage, text: 'Hello!', edited_at: '2026-01-12T08:05:00Z' },
      },
      check: (body) => problemsOfText((body as { text?: unknown } | undefined)?.text),
      run: (ctx, { params, body }) => editMessage(ctx, params.id, body.text),
    })
    operation(app, {
      method: 'DELETE',
      path,
      who: 'any',
      tag,
      summary: 'Delete your message',
      description: 'For everybody: its place stays, with `deleted` and without words and files.',
      params: IdParams,
      data: Nothing,
      message: 'Message deleted successfully',
      errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
      example: { data: null },
      run: async (ctx, { params }) => {
        await deleteMessage(ctx, params.id)
        return null
      },
    })
  }
  operation(app, {
    method: 'POST',
    path: '/message/support/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Write to the support',
    description:
      'In the one chat that you have with it; any of those who answer reads and answers there, as the support. CONFLICT for them themselves.',
    body: SupportInput,
    data: Message,
    message: 'Message sent successfully',
    errors: ['CONFLICT'],
    example: { body: { text: exampleMessage.text, client_id: exampleMessage.client_id }, data: exampleMessage },
    check: (body) => problemsOfMessage({ ...(body as object | undefined), chat_id: 0, recipient_id: undefined }),
    run: (ctx, { body }) => writeToSupport(ctx, body),
  })
}
