import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import type { ErrorCode } from '../errors.ts'
import { statusOf } from '../errors.ts'
import { translate } from '../i18n/index.ts'
import { describeWho, type AnyOperation } from './operation.ts'
import { about, tagTexts } from './openapi-texts.ts'
import { describeWebhook } from './outgoing-webhooks.ts'
import { Failure, listOf, success } from './shapes.ts'
import { xlsxType } from './xlsx.ts'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 document of every operation that was added, made from the very shapes that validate and serialize. */
export function openApiDocument(app: FastifyInstance, version: string): Json {
  const components = new Map<string, Json>()
  const paths: Record<string, Json> = {}
  for (const operation of app.operations) {
    const path = `/api/v1${operation.path}`
    const item = (paths[path] ??= {})
    item[operation.method.toLowerCase()] = describeOperation(operation, components)
  }
  const schema = (shape: TSchema): Json => hoist(plain(shape), components)
  const webhooks = Object.fromEntries(app.outgoingWebhooks.map((one) => [one.name, describeWebhook(one, schema)]))
  const tags = [...new Set(app.operations.map((operation) => operation.tag))].toSorted()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Banister API v1',
      version,
      description: about,
      license: { name: 'AGPL-3.0-or-later', identifier: 'AGPL-3.0-or-later' },
    },
    servers: [{ url: '/', description: 'this server' }],
    tags: tags.map((name) => ({ name, ...(tagTexts[name] ? { description: tagTexts[name] } : {}) })),
    paths,
    webhooks,
    components: {
      schemas: Object.fromEntries([...components].toSorted(([a], [b]) => a.localeCompare(b))),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The access token of a sign-in; the bare token without `Bearer ` is accepted as well.',
        },
      },
    },
  }
}

function describeOperation(operation: AnyOperation, components: Map<string, Json>): Json {
  const { method, path, who, tag, summary, description, query, body, files, status = 200 } = operation
  const schema = (shape: TSchema): Json => hoist(plain(shape), components)
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    description: [description, describeWho(who)].filter(Boolean).join('\n\n'),
    security: who === 'public' ? [] : [{ token: [] }],
    // For whoever checks or shows who may call it; the description says it in words.
    'x-who': who,
    parameters: [
      ...pathParameters(operation, schema),
      ...queryParameters(query, schema),
      ...headerParameters(operation),
    ],
    ...(body || files ? { requestBody: requestBody(operation, schema) } : {}),
    responses: {
      [String(status)]: {
        description: status === 201 ? 'Created' : 'Done',
        content: answerContent(operation, schema),
      },
      ...errorAnswers(operation, schema),
    },
  }
}

function answerContent(operation: AnyOperation, schema: (shape: TSchema) => Json): Json {
  const { contentType, table, data, list, example } = operation
  if (contentType !== undefined)
    return { [contentType.split(';')[0]!]: { schema: schema(data), example: example?.data } }
  const shown = success(list ? listOf(data) : data)
  return {
    'application/json': {
      schema: schema(shown),
      ...(example?.data !== undefined ? { example: exampleOf(operation) } : {}),
    },
    ...(table
      ? {
          'text/csv': { schema: { type: 'string', description: 'The same as a table, UTF-8 with a BOM.' } },
          [xlsxType]: {
            schema: {
              type: 'string',
              format: 'binary',
              description:
                'The same table as a workbook: amounts in their currencies, dates, moments on the clocks of the zone.',
            },
          },
        }
      : {}),
  }
}

/** `POST /bookings/status/{id}/` becomes `postBookingsStatusById`: stable names for generated clients. */
function operationId(method: string, path: string): string {
  const words = path.split(/[/-]/).filter(Boolean)
  const named = words.map((word) => (word.startsWith('{') ? `By${capital(word.slice(1, -1))}` : capital(word))).join('')
  return method.toLowerCase() + named.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

function exampleOf(operation: AnyOperation): Json {
  const data = operation.example?.data
  const said = typeof operation.message === 'string' ? { message: operation.message } : operation.message(data as never)
  const message = translate('en', said.message, 'params' in said ? said.params : undefined)
  return {
    success: true,
    message,
    data: operation.list ? { results: [data], count: 1, next: null, previous: null } : data,
  }
}

function pathParameters({ path, params }: AnyOperation, schema: (shape: TSchema) => Json): Json[] {
  const shapes = propertiesOf(params)
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: shapes[name!] ? schema(shapes[name!]!) : { type: 'string' },
  }))
}

function queryParameters(query: TSchema | undefined, schema: (shape: TSchema) => Json): Json[] {
  const required = requiredOf(query)
  return Object.entries(propertiesOf(query)).map(([name, shape]) => {
    const { description, ...rest } = schema(shape)
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description ? { description } : {}),
      schema: rest,
    }
  })
}

const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
})

function headerParameters({ method, secret }: AnyOperation): Json[] {
  if (method === 'GET')
    return [header('If-None-Match', 'An ETag that is known: the answer is 304 when nothing has changed.')]
  const headers = secret
    ? []
    : [header('Idempotency-Key', 'The same key with the same body gives the same answer for 24 hours.')]
  return method === 'PUT'
    ? [...headers, header('If-Match', 'The ETag that was seen: 412 when it has changed meanwhile.')]
    : headers
}

function requestBody({ body, files, orBody, example }: AnyOperation, schema: (shape: TSchema) => Json): Json {
  if (files) {
    const fields = Object.fromEntries(
      files.map((name) => [name, { type: 'string', contentMediaType: 'application/octet-stream' }]),
    )
    const shape = body ? schema(body) : { type: 'object' }
    const properties = { ...(shape['properties'] as Json | undefined), ...fields }
    const json = orBody
      ? {
          'application/json': {
            schema: schema(orBody),
            ...(example?.body === undefined ? {} : { example: example.body }),
          },
        }
      : {}
    return {
      required: true,
      content: { 'multipart/form-data': { schema: { ...shape, properties, required: files } }, ...json },
    }
  }
  const required = requiredOf(body).length > 0
  return {
    required,
    content: {
      'application/json': { schema: schema(body!), ...(example?.body !== undefined ? { example: example.body } : {}) },
    },
  }
}

const errorTexts: Record<number, string> = {
  400: 'The input is malformed or impossible; `details` names each field.',
  401: 'No token, or one that does not hold.',
  402: 'The card was declined.',
  403: 'Signed in, but not allowed.',
  404: 'There is no such thing, or it is not yours to know of.',
  409: 'The state forbids it: taken, already done, or the Idempotency-Key was used for something else.',
  412: 'It has changed meanwhile.',
  413: 'Too large.',
  415: 'The content type or file type is not supported.',
  429: 'Too many requests; see Retry-After.',
  503: 'Overloaded or shutting down; see Retry-After.',
}

function errorAnswers(operation: AnyOperation, schema: (shape: TSchema) => Json): Json {
  const { method, who, params, body, files, errors = [], limit, secret } = operation
  const codes = new Set<ErrorCode>(errors)
  if (who !== 'public') codes.add('TOKEN_MISSING').add('AUTHENTICATION_FAILED')
  if (who !== 'public' && who !== 'any') codes.add('PERMISSION_DENIED')
  // Also where there is nothing to validate: bytes that are no HTTP answer it.
  codes.add('VALIDATION_ERROR')
  if (params || operation.list) codes.add('NOT_FOUND')
  if (body || files) codes.add('PAYLOAD_TOO_LARGE').add('UNSUPPORTED_MEDIA_TYPE')
  if (method !== 'GET' && !secret) codes.add('CONFLICT')
  if (method === 'PUT') codes.add('PRECONDITION_FAILED')
  if (limit !== 'none') codes.add('RATE_LIMITED')
  codes.add('SERVICE_UNAVAILABLE')
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) byStatus.set(statusOf[code], [...(byStatus.get(statusOf[code]) ?? []), code])
  const answer = (description: string): Json => ({
    description,
    content: { 'application/json': { schema: schema(Failure) } },
  })
  const known = [...byStatus].map(([status, list]) => [
    String(status),
    answer(`${errorTexts[status] ?? ''} (${list.join(', ')})`),
  ])
  return { ...Object.fromEntries(known), default: answer('Any other refusal, in the same envelope.') }
}

type ObjectShape = { properties?: Record<string, TSchema>; required?: string[] } | undefined
const propertiesOf = (shape: ObjectShape): Record<string, TSchema> => shape?.properties ?? {}
const requiredOf = (shape: ObjectShape): string[] => shape?.required ?? []

/** A TypeBox shape without its symbols: JSON Schema and nothing else. */
export const plain = (shape: TSchema): Json => JSON.parse(JSON.stringify(shape)) as Json

/** Puts every shape that has a title among the components, so that clients are generated with names and the document stays small. */
export function hoist(node: Json, components: Map<string, Json>): Json {
  const walked = walk(node, components)
  const title = walked['title']
  if (
    typeof title !== 'string' ||
    (walked['type'] !== 'object' && walked['anyOf'] === undefined && walked['enum'] === undefined)
  )
    return walked
  const known = components.get(title)
  if (known && JSON.stringify(known) !== JSON.stringify(walked))
    throw new Error(`two different shapes are called ${title}`)
  components.set(title, walked)
  return { $ref: `#/components/schemas/${title}` }
}

function walk(node: Json, components: Map<string, Json>): Json {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    return value !== null && typeof value === 'object' ? hoist(value as Json, components) : value
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === 'examples' || key === 'example' || key === 'default' || key === 'const' || key === 'enum')
        return [key, value]
      if (key === 'properties')
        return [key, Object.fromEntries(Object.entries(value as Json).map(([name, shape]) => [name, visit(shape)]))]
      return [key, visit(value)]
    }),
  )
}
