import { Type, type TSchema } from 'typebox'
import type { EventTypeInfo } from '../schema.ts'
import { eventTypeNames, typeOf, type EventTypeName } from '../types.ts'

/** What integrators can read of every type, made from the one list. */

const exampleId = '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c91'

/** The shape of what is posted for a type. */
export const bodyOf = (name: EventTypeName): TSchema =>
  Type.Object({
    id: Type.String({ format: 'uuid', description: 'Names the event; the same as `webhook-id`.' }),
    type: Type.Literal(name),
    created_at: Type.String({ format: 'date-time', description: 'When it was recorded.' }),
    api_version: Type.Literal('v1'),
    test: Type.Optional(
      Type.Literal(true, { description: 'Only where somebody sent it by hand, to see whether it arrives.' }),
    ),
    data: typeOf(name).data,
  })

export const exampleOf = (name: EventTypeName): Record<string, unknown> => ({
  id: exampleId,
  type: name,
  created_at: '2026-01-12T08:00:00Z',
  api_version: 'v1',
  ...(name === 'webhook.test' ? { test: true } : {}),
  data: typeOf(name).example,
})

export const listEventTypes = (): EventTypeInfo[] =>
  eventTypeNames.map((name) => {
    const { summary, owners, data } = typeOf(name)
    return {
      name,
      summary,
      owners: [...owners],
      // JSON Schema and nothing else.
      schema: JSON.parse(JSON.stringify(data)) as Record<string, unknown>,
      example: exampleOf(name),
    }
  })
