import { setImmediate as turn } from 'node:timers/promises'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { invalidAll, notFound, type Detail } from '../errors.ts'

// Every format looks at the length first: a hostile text of a megabyte must not reach a regular expression.
const email =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
const instant = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)$/
/** Without a zone, to the minute: what the clock on the wall shows. */
const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/
const date = /^\d{4}-\d\d-\d\d$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const parses = (parse: () => unknown): boolean => {
  try {
    parse()
    return true
  } catch {
    return false
  }
}

const zones = new Map<string, boolean>()
/** Is this an IANA time zone that the runtime knows? Offsets such as `+02:00` are none: they have no rules. */
export function isTimeZone(id: string): boolean {
  if (id.length > 64 || !/^[A-Za-z]/.test(id)) return false
  let known = zones.get(id)
  if (known === undefined) {
    known = parses(() => new Intl.DateTimeFormat('en', { timeZone: id }))
    if (zones.size < 5000) zones.set(id, known)
  }
  return known
}

/** The moments that one may name, with room for reckoning around them: PostgreSQL reads no year 0 and nothing after 9999. */
const [firstMoment, lastMoment] = [
  Temporal.Instant.from('0002-01-01T00:00Z'),
  Temporal.Instant.from('9999-01-01T00:00Z'),
]
function isMoment(value: string): boolean {
  try {
    const moment = Temporal.Instant.from(value)
    return Temporal.Instant.compare(firstMoment, moment) <= 0 && Temporal.Instant.compare(moment, lastMoment) < 0
  } catch {
    return false
  }
}

export const formats: Record<string, (value: string) => boolean> = {
  email: (value) => value.length <= 254 && value.indexOf('@') <= 64 && email.test(value),
  'date-time': (value) => value.length <= 40 && instant.test(value) && isMoment(value),
  date: (value) =>
    value.length === 10 &&
    date.test(value) &&
    !value.startsWith('0000') &&
    parses(() => Temporal.PlainDate.from(value)),
  'local-date-time': (value) =>
    value.length === 16 && localTime.test(value) && parses(() => Temporal.PlainDateTime.from(value)),
  uuid: (value) => value.length === 36 && uuid.test(value),
  'time-zone': isTimeZone,
  uri: (value) => value.length <= 2000 && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
}

const build = (coerceTypes: boolean, allErrors = true): Ajv2020 => {
  const ajv = new Ajv2020({
    allErrors,
    coerceTypes,
    useDefaults: true,
    removeAdditional: 'all',
    strict: false,
    verbose: false,
  })
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, { type: 'string', validate })
  return ajv
}

// Bodies are never coerced ("5", null, true and [5] are no numbers); queries and paths are text, so they must be.
const bodies = build(false)
const texts = build(true)
/** For bodies of very many values: the first mistake ends it. All of half a million would keep everybody waiting for seconds, and fill an answer of 50 MB. */
const hastily = build(false, false)
const manyValues = 2000

/** Does a body hold more values than any honest one? Looks no further than that. */
function isVast(body: unknown): boolean {
  const waiting: unknown[] = [body]
  let seen = 0
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (value === null || typeof value !== 'object') continue
    const inner = Object.values(value)
    seen += inner.length
    if (seen > manyValues) return true
    waiting.push(...inner)
  }
  return false
}

const waiting = new Set<() => unknown>()

/** Compiles at the first use: all shapes together take half a second, which a start must not wait for. */
function compiledLater(ajv: Ajv2020, schema: TSchema): () => ValidateFunction {
  let made: ValidateFunction | undefined
  const get = (): ValidateFunction => {
    if (made) return made
    waiting.delete(get)
    return (made = ajv.compile(schema))
  }
  waiting.add(get)
  return get
}

/** Compiles what nobody has used yet, a shape a turn, so that requests are answered in between. @throws of a shape that is none */
export async function compileValidators(): Promise<void> {
  for (const compile of waiting) {
    compile()
    await turn()
  }
}

/** All that is wrong with a body is told at once, unless it is vast. */
export function bodyValidator(schema: TSchema): (body: unknown) => true | { error: unknown } {
  const all = compiledLater(bodies, schema)
  let first: ValidateFunction | undefined
  return (body) => {
    const validate = isVast(body) ? (first ??= hastily.compile(schema)) : all()
    return validate(body) ? true : { error: validate.errors }
  }
}

/** Checks what was read by other ways than Fastify's as a body; fields that the shape does not name are dropped. @throws VALIDATION_ERROR */
export function checkBody(shape: TSchema, body: unknown): void {
  const validate = checked.get(shape) ?? bodyValidator(shape)
  checked.set(shape, validate)
  const result = validate(body)
  if (result !== true) throw invalidAll(detailsOf(result.error as ErrorObject[], 'body'))
}
const checked = new WeakMap<TSchema, ReturnType<typeof bodyValidator>>()

/** How Fastify validates: by where the input stands. Fields that a shape does not name are dropped, so that nobody assigns what the API does not offer. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  if (httpPart === 'body') return bodyValidator(schema) as never
  const compiled = compiledLater(texts, schema)
  if (httpPart !== 'params') {
    const check = (input: unknown): true | { error: unknown } => {
      const validate = compiled()
      return validate(input) ? true : { error: validate.errors }
    }
    return check as never
  }
  // Coercion would take 1e3, 0x10 and 007 for ids.
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  const ids = Object.keys(properties).filter((name) => properties[name]?.type === 'integer')
  const isPlain = (params: Record<string, string>): boolean =>
    ids.every((name) => /^[1-9]\d{0,15}$/.test(params[name] ?? ''))
  return ((params: Record<string, string>) =>
    isPlain(params) && compiled()(params) ? true : { error: notFound('thing') }) as never
}

type Sentence = { message: string; params?: Record<string, string | number> }

/** What each keyword of a shape says when it does not hold: a sentence that is a key of the translations, and what fills it. */
const sentences: Partial<Record<string, (params: Record<string, unknown>) => Sentence>> = {
  required: () => ({ message: 'This field is required' }),
  type: ({ type }) => ({ message: ofTypes[String(type)] ?? 'This is not valid' }),
  minLength: ({ limit }) =>
    limit === 1
      ? { message: 'This must not be empty' }
      : { message: 'This must have at least {limit} characters', params: { limit: Number(limit) } },
  maxLength: ({ limit }) => ({
    message: 'This must have at most {limit} characters',
    params: { limit: Number(limit) },
  }),
  minimum: ({ limit }) => ({ message: 'This must be at least {limit}', params: { limit: Number(limit) } }),
  maximum: ({ limit }) => ({ message: 'This must be at most {limit}', params: { limit: Number(limit) } }),
  exclusiveMinimum: ({ limit }) => ({ message: 'This must be more than {limit}', params: { limit: Number(limit) } }),
  minItems: ({ limit }) => ({ message: 'This must have at least {limit} entries', params: { limit: Number(limit) } }),
  maxItems: ({ limit }) => ({ message: 'This must have at most {limit} entries', params: { limit: Number(limit) } }),
  uniqueItems: () => ({ message: 'This must not have the same entry twice' }),
  enum: ({ allowedValues }) => oneOf(allowedValues as unknown[]),
  const: ({ allowedValue }) => ({ message: 'This must be {value}', params: { value: String(allowedValue) } }),
  pattern: () => ({ message: 'This has characters or a form that are not allowed' }),
  format: ({ format }) => ({ message: 'This is not a valid {format}', params: { format: String(format) } }),
}

const oneOf = (values: readonly unknown[]): Sentence => ({
  message: 'This must be one of {values}',
  params: { values: values.map(String).join(', ') },
})

const ofTypes: Partial<Record<string, string>> = {
  string: 'This must be a text',
  number: 'This must be a number',
  integer: 'This must be a whole number',
  boolean: 'This must be true or false',
  array: 'This must be a list',
  object: 'This must be an object',
}

/** The errors of a validation as details: every field by its path (`provider_profile.hourly_rate`), each path once. */
export function detailsOf(errors: readonly ErrorObject[], part: string): Detail[] {
  const details = new Map<string, Detail>()
  const literals = new Map<string, unknown[]>()
  for (const { instancePath, keyword, params } of errors) {
    const path = instancePath.split('/').slice(1).map(decodePointer)
    if (keyword === 'required' && typeof params['missingProperty'] === 'string') path.push(params['missingProperty'])
    const field = path.join('.') || part
    // What `then` misses is told by itself.
    if (
      keyword === 'if' ||
      keyword === 'anyOf' ||
      keyword === 'oneOf' ||
      (keyword === 'type' && params['type'] === 'null')
    )
      continue
    if (keyword === 'const') {
      const values = [...(literals.get(field) ?? []), params['allowedValue']]
      literals.set(field, values)
      details.set(field, { field, ...oneOf(values), rule: 'enum' })
    } else if (!details.has(field)) {
      details.set(field, {
        field,
        ...(sentences[keyword]?.(params) ?? { message: 'This is not valid' }),
        rule: keyword,
      })
    }
  }
  if (details.size === 0) return [{ field: part, message: 'This is not valid' }]
  return [...details.values()]
}

const decodePointer = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~')
