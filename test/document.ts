import type { Answer, House } from './support.ts'

// eslint-disable-next-line typescript/no-explicit-any -- a JSON Schema, as a client reads it
export type Schema = Record<string, any>

/** An operation as the OpenAPI document tells it: what walks and fuzzes the API knows nothing else, so it grows with the document. */
export type Described = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  who: 'public' | 'any' | 'admin' | `admin:${string}` | `${string}|org` | `${string}|org:admin` | string[]
  isPublic: boolean
  /** The type of its answer; what streams never ends by itself. */
  type: string
  body: Schema | undefined
  example: unknown
  query: { name: string; required: boolean; schema: Schema }[]
  ids: { name: string; schema: Schema }[]
  isMultipart: boolean
  raw: Schema
}

/** The document that this house serves. */
export async function documentOf(house: House): Promise<{ document: Schema; operations: Described[] }> {
  const { body: document } = await house.call('GET', '/openapi.json')
  const operations: Described[] = []
  for (const [path, item] of Object.entries<Schema>(document['paths'])) {
    for (const [method, raw] of Object.entries<Schema>(item)) {
      const parameters: Schema[] = raw['parameters']
      const content: Schema = raw['requestBody']?.content ?? {}
      const answer: Schema = Object.entries<Schema>(raw['responses']).find(([status]) => status.startsWith('2'))![1]
      operations.push({
        method: method.toUpperCase() as Described['method'],
        path,
        who: raw['x-who'],
        isPublic: raw['security'].length === 0,
        type: Object.keys(answer['content'])[0]!,
        body: content['application/json']?.schema,
        example: content['application/json']?.example,
        query: parameters.filter((parameter) => parameter['in'] === 'query') as Described['query'],
        ids: parameters.filter((parameter) => parameter['in'] === 'path') as Described['ids'],
        isMultipart: 'multipart/form-data' in content,
        raw,
      })
    }
  }
  return { document, operations }
}

/** The path with something in the place of each id. */
export const pathWith = ({ path, ids }: Described, value: (schema: Schema) => string): string =>
  ids.reduce((filled, { name, schema }) => filled.replace(`{${name}}`, value(schema)), path)

/** The query parameters that it needs, with values of their shapes. */
export function neededQuery({ query }: Described): string {
  const values = query.filter(({ required }) => required).map(({ name, schema }) => [name, valueOf(schema)])
  return values.length > 0 ? `?${new URLSearchParams(values).toString()}` : ''
}

const valueOf = ({ type, format, enum: words, examples }: Schema): string =>
  format === 'date'
    ? '2026-01-15'
    : format === 'date-time'
      ? '2026-01-15T10:00:00Z'
      : String(words?.[0] ?? examples?.[0] ?? (type === 'integer' || type === 'number' ? 1 : 'some'))

/** An id of the right shape that nothing bears. */
export const unknownId = (schema: Schema): string =>
  schema['type'] === 'integer'
    ? '987654321'
    : schema['format'] === 'uuid'
      ? '0199c3a2-7c1e-7b6e-9d0a-000000000000'
      : schema['format'] === 'date'
        ? '2026-01-15'
        : 'nobody'

const nothingInternal =
  /\b(?:SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|syntax error|violates|relation "|column "|pg_|pgboss|node:internal|node_modules|TypeError|RangeError|ReferenceError|at (?:async )?[\w.<>]+ \(|\.ts:\d+|\/server\/|postgres:\/\/)/

/** What is wrong with an answer whatever was asked: a 5xx, no envelope, no request id, or something internal in a refusal. */
export function faultOf({ status, headers, body, text }: Answer, method = 'GET'): string | null {
  const id = headers['x-request-id']
  if (status >= 500) return `answered ${status}`
  if (!id) return 'has no X-Request-Id'
  if (status === 304 || status === 204 || method === 'HEAD') return text === '' ? null : 'has a body'
  if (!String(headers['content-type']).startsWith('application/json')) return status < 400 ? null : 'is no JSON'
  if (body['success'] === true)
    return typeof body['message'] === 'string' && 'data' in body && status < 300 ? null : 'is no success'
  const error = body['error'] as Schema | undefined
  if (body['success'] !== false || !error || status < 400) return 'is outside the envelope'
  // A kept answer bears the id of the request that it first answered.
  if (error['request_id'] !== id && headers['idempotency-replayed'] !== 'true') return 'bears another request id'
  if (!/^[A-Z_]+$/.test(error['error_number']) || typeof error['error_message'] !== 'string') return 'is no error'
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(error['timestamp'])) return 'has no timestamp'
  if (nothingInternal.test(text)) return 'tells something internal'
  return null
}
