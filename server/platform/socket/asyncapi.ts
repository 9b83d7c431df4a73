import type { FastifyInstance } from 'fastify'
import { Type, type TSchema } from 'typebox'
import { hoist, plain } from '../http/openapi.ts'
import { closeCodes } from './connection.ts'
import { protocolOf, type AnyEntry, type AnyFrame } from './frame.ts'
import { Auth, AuthAnswer, Ping, Pong, replies, Resume, Seq } from './protocol.ts'
import type { AnyTopic } from './topic.ts'
import { Nothing } from '../http/shapes.ts'

type Json = Record<string, unknown>

const about = `Everything live goes over one WebSocket: \`/ws/chat/\`. Frames are texts with one JSON object each, at most 64 KB.

**Signing in**: \`?ticket=\` (recommended; \`POST /api/v1/ws/ticket/\`), \`?token=\`, the \`Authorization\` header, or a first frame \`auth\` within 10 seconds. The server answers \`hello\`.

**Client to server**: \`{"type", "id"?, ...}\`; \`id\` is a text of the client's own, at most 64 characters. The answer is \`{"type": "ack", "id", "data"}\` or \`{"type": "error", "id", "error"}\`, where
\`error\` is that of HTTP. Frames of one socket are done one after another.

**Server to client**: entries \`{"type", "seq", "data"}\`. The numbers of a person are gapless and the same on all their sockets; what is not kept (\`typing\`) has none.

**Resuming**: after a lost connection send \`{"type": "resume", "seq": N}\` with the last number you have, or connect with \`?seq=N\`: everything after it comes in order and once, then \`resumed\`. Where it is no longer
kept (30 days) comes \`reset\`: load again over REST.

**Topics**: \`subscribe\` watches something that changes (the slots of a service, a calendar, a room), \`unsubscribe\` ends it. The ack tells its \`version\` and whether that is another than the one you name, so that after a lost
connection you know at once whether to ask again. Every change is told by \`topic.changed\` with the new version, several within a moment as one; \`topic.ended\` says that it is gone, or not yours to watch any more.

**Closing**: 1001 the server stops (connect again at once), 1009 a frame was too large, 1011 our fault (connect again), ${closeCodes.notSignedIn} not signed in, token expired or signed out, ${closeCodes.notAllowed} not allowed,
${closeCodes.tooSlow} you read too slowly, ${closeCodes.tooMany} too many sockets, ${closeCodes.tooOften} too many frames.`

/** The socket's own frames, as the modules' are declared. */
const own: Omit<AnyFrame, 'run'>[] = [
  {
    type: 'auth',
    summary:
      'Say who you are; answered by `hello`. On an open socket a fresh token, or a ticket, keeps it open beyond the end of the first; that is answered by an ack.',
    body: Auth,
    answer: AuthAnswer,
    example: { body: { ticket: 'kX2vT0m7c1XWqk3Zb0lJ8mG5oN4sYt9R' }, answer: { expires_at: '2026-01-15T14:30:00Z' } },
  },
  {
    type: 'ping',
    summary: 'Ask whether the server is there. The heartbeats of RFC 6455 go on beside it by themselves.',
    body: Ping,
    answer: Pong,
    example: { body: {}, answer: { server_time: '2026-01-15T14:00:00Z' } },
  },
]

/** The AsyncAPI 3.0 document of every frame and entry that was declared, made from the very shapes that validate them. */
export function asyncApiDocument(app: FastifyInstance, version: string, publicUrl: string): Json {
  const { frames, entries, topics } = protocolOf(app)
  const schemas = new Map<string, Json>()
  const messages: Record<string, Json> = {}
  const operations: Record<string, Json> = {}
  const message = (name: string, summary: string, payload: TSchema, example: object, description?: string): void => {
    messages[name] = {
      name,
      title: summary,
      ...(description ? { description } : {}),
      contentType: 'application/json',
      payload: hoist(plain(payload), schemas),
      examples: [{ name: 'example', payload: example }],
    }
  }

  for (const [type, { summary, payload, example }] of Object.entries(replies)) {
    message(`server.${type}`, summary, payload, example)
  }
  for (const frame of [...own, ...frames.values()]) {
    const { type, summary, example } = frame
    message(
      `client.${type}`,
      summary,
      frameShape(frame),
      { type, id: 'c1', ...(example.body as object) },
      detailsOf(frame),
    )
    message(`ack.${type}`, `Done: ${type}`, ackShape(frame), { type: 'ack', id: 'c1', data: example.answer })
    const answers = [ref(`ack.${type}`), ref('server.error'), ...(type === 'auth' ? [ref('server.hello')] : [])]
    operations[`on.${type}`] = {
      action: 'receive',
      channel,
      summary,
      messages: [ref(`client.${type}`)],
      reply: { channel, messages: answers },
    }
  }
  const resumeExample = { type: 'resume', id: 'r1', seq: 7 }
  message(
    'client.resume',
    'Send what came after this number',
    frameShape({ type: 'resume', body: Resume }),
    resumeExample,
  )
  operations['on.resume'] = {
    action: 'receive',
    channel,
    summary: 'Send what came after this number',
    messages: [ref('client.resume')],
    reply: { channel, messages: [ref('server.resumed'), ref('server.reset'), ref('server.error')] },
  }
  for (const entry of entries.values()) {
    const { type, summary, description, example } = entry
    const told = entry.kept === false ? { type, data: example } : { type, seq: 12, data: example }
    message(`told.${type}`, summary, entryShape(entry), told, description)
    operations[`tell.${type}`] = { action: 'send', channel, summary, messages: [ref(`told.${type}`)] }
  }
  for (const topic of topics.values()) {
    const told = aboutTopic(topic)
    for (const [name, { summary, payload, example, description }] of Object.entries(told.messages))
      message(name, summary, payload, example, description)
    Object.assign(operations, told.operations)
  }
  operations['tell.expiring'] = {
    action: 'send',
    channel,
    summary: 'The access token ends soon',
    messages: [ref('server.expiring')],
  }

  const { host, protocol } = new URL(publicUrl)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Banister socket v1',
      version,
      description: about,
      license: { name: 'AGPL-3.0-or-later', url: 'https://www.gnu.org/licenses/agpl-3.0.html' },
      externalDocs: { url: `${publicUrl}/docs/`, description: 'The HTTP API' },
    },
    defaultContentType: 'application/json',
    servers: {
      here: {
        host,
        protocol: protocol === 'https:' ? 'wss' : 'ws',
        description: 'this server',
        security: [{ $ref: '#/components/securitySchemes/token' }, { $ref: '#/components/securitySchemes/ticket' }],
      },
    },
    channels: {
      socket: {
        address: '/ws/chat/',
        title: 'The socket',
        description: 'One for everything live; as many at once as you have windows.',
        servers: [{ $ref: '#/servers/here' }],
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: 'GET', query: plain(query), bindingVersion: '0.1.0' } },
      },
    },
    operations,
    components: {
      messages,
      schemas: Object.fromEntries([...schemas].toSorted(([a], [b]) => a.localeCompare(b))),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a sign-in.' },
        ticket: {
          type: 'httpApiKey',
          name: 'ticket',
          in: 'query',
          description: 'A one-use ticket of `POST /api/v1/ws/ticket/`.',
        },
      },
    },
  }
}

const query = Type.Object({
  ticket: Type.Optional(Type.String({ description: 'A one-use ticket.' })),
  token: Type.Optional(Type.String({ description: 'An access token, where no ticket can be had.' })),
  seq: Type.Optional(Seq),
})

const channel = { $ref: '#/channels/socket' }
const ref = (name: string): Json => ({ $ref: `#/channels/socket/messages/${name}` })

const frameId = Type.Optional(Type.String({ maxLength: 64, description: 'Comes back in the answer.' }))

const frameShape = ({ type, body }: Pick<AnyFrame, 'type' | 'body'>): TSchema =>
  Type.Object({ type: Type.Literal(type), id: frameId, ...body.properties })

const ackShape = ({ answer }: Pick<AnyFrame, 'answer'>): TSchema =>
  Type.Object({ type: Type.Literal('ack'), id: frameId, data: answer })

const entryShape = ({ type, data, kept }: AnyEntry): TSchema =>
  Type.Object({ type: Type.Literal(type), ...(kept === false ? {} : { seq: Seq }), data })

/** What a frame says of itself beyond its summary: also what it may be refused with. */
function detailsOf({ description, errors }: Pick<AnyFrame, 'description' | 'errors'>): string | undefined {
  const refusals = errors && errors.length > 0 ? `May be refused with ${errors.join(', ')}.` : undefined
  return [description, refusals].filter(Boolean).join('\n\n') || undefined
}

type Described = { summary: string; payload: TSchema; example: object; description?: string }

/** The frames about one topic: those that begin and end watching it, and what is told of it. */
function aboutTopic({ topic, summary, description, example, shapes }: AnyTopic): {
  messages: Record<string, Described>
  operations: Json
} {
  const which = { topic, ...example }
  const messages: Record<string, Described> = {
    [`client.subscribe.${topic}`]: {
      summary: `Watch: ${summary}`,
      payload: frameShape({ type: 'subscribe', body: shapes.subscribe }),
      example: { type: 'subscribe', id: 'c1', ...which, version: 7 },
      description: [description, 'May be refused with NOT_FOUND, CONFLICT.'].filter(Boolean).join('\n\n'),
    },
    [`ack.subscribe.${topic}`]: {
      summary: 'It is watched; the version that it is at',
      payload: ackShape({ answer: shapes.subscribed }),
      example: { type: 'ack', id: 'c1', data: { ...which, version: 9, changed: true } },
    },
    [`client.unsubscribe.${topic}`]: {
      summary: `Do not watch any more: ${summary}`,
      payload: frameShape({ type: 'unsubscribe', body: shapes.unsubscribe }),
      example: { type: 'unsubscribe', id: 'c2', ...which },
    },
    [`ack.unsubscribe.${topic}`]: {
      summary: 'Done: unsubscribe',
      payload: ackShape({ answer: Nothing }),
      example: { type: 'ack', id: 'c2', data: null },
    },
    [`told.topic.changed.${topic}`]: {
      summary: 'It has changed: ask for it again',
      payload: Type.Object({ type: Type.Literal('topic.changed'), data: shapes.changed }),
      example: { type: 'topic.changed', data: { ...which, version: 10 } },
    },
    [`told.topic.ended.${topic}`]: {
      summary: 'It is gone, or not yours to watch any more; nothing more is told of it',
      payload: Type.Object({ type: Type.Literal('topic.ended'), data: shapes.ended }),
      example: { type: 'topic.ended', data: which },
    },
  }
  const operations: Json = {}
  for (const type of ['subscribe', 'unsubscribe'] as const)
    operations[`on.${type}.${topic}`] = {
      action: 'receive',
      channel,
      summary: messages[`client.${type}.${topic}`]?.summary,
      messages: [ref(`client.${type}.${topic}`)],
      reply: { channel, messages: [ref(`ack.${type}.${topic}`), ref('server.error')] },
    }
  for (const word of ['changed', 'ended'] as const)
    operations[`tell.topic.${word}.${topic}`] = {
      action: 'send',
      channel,
      summary: messages[`told.topic.${word}.${topic}`]?.summary,
      messages: [ref(`told.topic.${word}.${topic}`)],
    }
  return { messages, operations }
}
