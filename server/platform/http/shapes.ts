import { Type, type TSchema } from 'typebox'
import type { ErrorCode } from '../errors.ts'

/** Shapes that many modules use. Every text has a length limit; a shape with a `title` becomes a component of the OpenAPI document. */

/** An id of the marketplace: a positive integer. */
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [1] })

/** An id of the planner: a UUID (version 7 where we made it). */
export const Uuid = Type.String({ format: 'uuid', maxLength: 36, examples: ['0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d'] })

/** An instant, answered in UTC. */
export const Instant = Type.String({ format: 'date-time', maxLength: 40, examples: ['2026-01-15T14:00:00Z'] })

/** A date of the calendar. */
export const CalendarDate = Type.String({ format: 'date', maxLength: 10, examples: ['2026-01-15'] })

export const Email = Type.String({ format: 'email', maxLength: 254, examples: ['jane@example.com'] })

/** One line of text: no control characters. */
export const Line = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })

/** Text of several lines. PostgreSQL cannot keep a NUL. */
export const Text = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000]*$' })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** One of some words. */
export const OneOf = <const T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options })

/** An IANA time zone; whether it exists is checked by a format. */
export const TimeZone = Type.String({ format: 'time-zone', maxLength: 64, examples: ['Europe/Kyiv'] })

export const IdParams = Type.Object({ id: Id })
export const UuidParams = Type.Object({ id: Uuid })

/** What every list takes. */
export const pageQuery = {
  // Any number is a page; one past the end is not found (SPEC section 2), however far past.
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 1, description: 'From 1.' }),
  ),
  page_size: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Rows on a page, at most 100.' }),
  ),
}
export const PageQuery = Type.Object(pageQuery)
export const Nothing = Type.Null()

export const success = <T extends TSchema>(data: T) =>
  Type.Object({ success: Type.Literal(true), message: Type.String(), data })

export const listOf = <T extends TSchema>(row: T) =>
  Type.Object({
    results: Type.Array(row),
    count: Type.Integer({ minimum: 0, description: 'Exact up to 1,000; above that it may be up to 60 s old.' }),
    count_as_of: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the count was made, where it is not of this moment.' }),
    ),
    next: Nullable(Type.String()),
    previous: Nullable(Type.String()),
  })

export const Failure = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.Object({
      error_number: Type.String({ examples: ['VALIDATION_ERROR'] satisfies ErrorCode[] }),
      error_message: Type.String(),
      timestamp: Type.String({ format: 'date-time' }),
      request_id: Type.String(),
      details: Type.Optional(
        Type.Array(
          Type.Object({
            field: Type.Optional(Type.String()),
            message: Type.String(),
            rule: Type.Optional(Type.String()),
            params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
            decline_code: Type.Optional(Type.String({ description: 'Why the bank declined a card.' })),
          }),
        ),
      ),
    }),
  },
  { title: 'Error' },
)

/** An instant as the API answers it: UTC, seconds where they suffice. */
export const iso = (instant: Temporal.Instant): string => instant.toString()
/**
 * The same from PostgreSQL's text of a timestamptz (`2026-01-12 08:00:00+00`, our connections are in UTC): for rows that are only shown, which need no Temporal
 * object made and written again. In one piece: where one text was glued together, V8 writes the JSON of the whole list four times slower.
 */
export const isoText = (text: string): string =>
  [text.slice(0, 10), 'T', text.slice(11, text.indexOf('+', 19)), 'Z'].join('')
export const isoOrNull = (instant: Temporal.Instant | null | undefined): string | null => instant?.toString() ?? null
