import { existsSync, readFileSync } from 'node:fs'

/** Checks requests against Google's own description of the Calendar API (the discovery document of v3). */

type Schema = {
  $ref?: string
  type?: string
  format?: string
  enum?: string[]
  repeated?: boolean
  required?: boolean
  location?: string
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
}
type Method = { httpMethod: string; path: string; parameters: Record<string, Schema>; request?: { $ref: string } }
type Document = {
  parameters: Record<string, Schema>
  schemas: Record<string, Schema>
  resources: Record<string, { methods: Record<string, Method> }>
}

const file = new URL('../../../../../shared/specs/google/calendar-v3.json', import.meta.url)
const spec = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Document) : null

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with a value by the description, in words. */
function problemOf(value: unknown, given: Schema, at: string): string | null {
  const schema = given.$ref === undefined ? given : spec?.schemas[given.$ref]
  if (!schema) return `${at} has an unknown shape`
  if (schema.type === 'object' || schema.properties) {
    if (!isObject(value)) return `${at} is no object`
    for (const [name, inner] of Object.entries(value)) {
      const wanted = schema.properties?.[name] ?? schema.additionalProperties
      if (!wanted) return `${at}.${name} is no field`
      const problem = wanted.type === 'any' ? null : problemOf(inner, wanted, `${at}.${name}`)
      if (problem) return problem
    }
    return null
  }
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return `${at} is no list`
    return value.map((one) => problemOf(one, schema.items ?? {}, at)).find((one) => one !== null) ?? null
  }
  if (schema.enum && !schema.enum.includes(String(value))) return `${at} is none of ${schema.enum.join(', ')}`
  if (schema.type === 'string' && typeof value !== 'string') return `${at} is no text`
  if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(String(value)))
    return `${at} is no moment`
  if (schema.type === 'integer' && !Number.isInteger(value)) return `${at} is no whole number`
  if (schema.type === 'boolean' && typeof value !== 'boolean') return `${at} is no boolean`
  return null
}

function parameterProblem(name: string, text: string, schema: Schema | undefined): string | null {
  if (!schema) return `there is no parameter ${name}`
  const value = schema.type === 'integer' ? Number(text) : schema.type === 'boolean' ? text === 'true' : text
  if (schema.type === 'boolean' && text !== 'true' && text !== 'false') return `${name} is no boolean`
  return problemOf(value, schema, name)
}

/** Which method a path below `/calendar/v3/` is, with what its path names. */
export function methodOf(verb: string, path: string): { id: string; params: string[] } | null {
  const patterns: [id: string, verb: string, pattern: RegExp][] = [
    ['events.watch', 'POST', /^calendars\/([^/]+)\/events\/watch$/],
    ['events.insert', 'POST', /^calendars\/([^/]+)\/events$/],
    ['events.list', 'GET', /^calendars\/([^/]+)\/events$/],
    ['events.get', 'GET', /^calendars\/([^/]+)\/events\/([^/]+)$/],
    ['events.patch', 'PATCH', /^calendars\/([^/]+)\/events\/([^/]+)$/],
    ['events.delete', 'DELETE', /^calendars\/([^/]+)\/events\/([^/]+)$/],
    ['channels.stop', 'POST', /^channels\/stop$/],
  ]
  for (const [id, wanted, pattern] of patterns) {
    const found = wanted === verb ? pattern.exec(path) : null
    if (found) return { id, params: found.slice(1).map(decodeURIComponent) }
  }
  return null
}

/** Parameters that a sync token does not go with (events.list). */
const notWithToken = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
]

/** What is wrong with a request, in words: by the description, and by the rules that its texts tell. */
export function requestProblem(id: string, query: URLSearchParams, body: unknown): string | null {
  const [resource = '', name = ''] = id.split('.')
  const method = spec?.resources[resource]?.methods[name]
  if (spec && !method) return `there is no method ${id}`
  for (const [key, text] of query) {
    const schema = spec ? (method?.parameters[key] ?? spec.parameters[key]) : {}
    const problem = parameterProblem(key, text, schema)
    if (problem) return `${id}: ${problem}`
  }
  if (spec && method?.request) {
    const problem = problemOf(body, { $ref: method.request.$ref }, id)
    if (problem) return problem
  }
  if (query.has('syncToken') && notWithToken.some((key) => query.has(key))) return `${id}: not with a sync token`
  if (Number(query.get('maxResults') ?? 0) > 2500) return `${id}: at most 2500 results`
  const event = isObject(body) ? body : {}
  if (id === 'events.insert' && 'id' in event && !/^[a-v0-9]{5,1024}$/.test(String(event['id']))) return `${id}: the id`
  if (id === 'events.insert' && !(isObject(event['start']) && isObject(event['end']))) return `${id}: no start or end`
  if (id === 'events.watch' && (event['type'] !== 'web_hook' || !String(event['address']).startsWith('https://')))
    return `${id}: no web_hook of https`
  return null
}
