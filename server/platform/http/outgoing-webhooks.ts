import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'

/** What we post to others, as the document shows it under `webhooks`. */
export type OutgoingWebhook = {
  /** `booking.created` */
  name: string
  tag: string
  summary: string
  description: string
  /** The shape of the whole body. */
  body: TSchema
  example: unknown
}

declare module 'fastify' {
  interface FastifyInstance {
    outgoingWebhooks: OutgoingWebhook[]
  }
}

/** Declares something that is posted to whoever has asked for it. */
export function outgoingWebhook(app: FastifyInstance, declared: OutgoingWebhook): void {
  app.outgoingWebhooks.push(declared)
}

const header = (name: string, description: string): object => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
})

/** The path item of one of them. */
export const describeWebhook = (
  { name, tag, summary, description, body, example }: OutgoingWebhook,
  schema: (shape: TSchema) => object,
): object => ({
  post: {
    operationId: `on${name
      .split(/[._]/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('')}`,
    tags: [tag],
    summary,
    description,
    security: [],
    parameters: [
      header('webhook-id', 'Names the event: the same at each try, so that what has come already can be told.'),
      header('webhook-timestamp', 'When it is sent, in seconds since 1970.'),
      header(
        'webhook-signature',
        '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several with spaces between.',
      ),
    ],
    requestBody: { required: true, content: { 'application/json': { schema: schema(body), example } } },
    responses: {
      '2XX': { description: 'It has arrived.' },
      '410': { description: 'Nothing more is wanted: the webhook is switched off.' },
      default: { description: 'It has not arrived and is sent again later.' },
    },
  },
})
