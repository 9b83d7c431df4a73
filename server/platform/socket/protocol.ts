import { Type, type TSchema } from 'typebox'
import { Failure, Instant, Line } from '../http/shapes.ts'

/** The frames that are the socket's own: who it is, where it goes on, is it still there. */

export const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, examples: [12] })

export const Auth = Type.Object({
  token: Type.Optional(Line(4000)),
  ticket: Type.Optional(Line(200)),
  seq: Type.Optional(Seq),
})
export const AuthAnswer = Type.Object({ expires_at: Instant })
export const Resume = Type.Object({ seq: Seq })
export const Ping = Type.Object({})
export const Pong = Type.Object({ server_time: Instant })

const id = Type.Optional(
  Type.String({ maxLength: 64, description: 'What the client called the frame that this answers.' }),
)

/** What the server says beside acks and entries. */
export const replies: Record<string, { summary: string; payload: TSchema; example: object }> = {
  hello: {
    summary:
      'Who the socket is open for, and the number of their last entry. Entries after it are sent from the first frame of the client on, or after one second.',
    payload: Type.Object({
      type: Type.Literal('hello'),
      id,
      user_id: Type.Integer(),
      seq: Seq,
      server_time: Instant,
      heartbeat_seconds: Type.Integer(),
      expires_at: Instant,
    }),
    example: {
      type: 'hello',
      user_id: 7,
      seq: 12,
      server_time: '2026-01-15T14:00:00Z',
      heartbeat_seconds: 30,
      expires_at: '2026-01-15T14:30:00Z',
    },
  },
  resumed: {
    summary: 'Everything that was missed up to this number has been sent.',
    payload: Type.Object({ type: Type.Literal('resumed'), id, seq: Seq }),
    example: { type: 'resumed', id: 'r1', seq: 12 },
  },
  reset: {
    summary: 'What was missed is no longer kept (30 days): load again over REST, and go on from this number.',
    payload: Type.Object({ type: Type.Literal('reset'), id, seq: Seq }),
    example: { type: 'reset', id: 'r1', seq: 120 },
  },
  expiring: {
    summary: 'The access token ends in a minute: an `auth` frame with a fresh one keeps the socket open.',
    payload: Type.Object({ type: Type.Literal('expiring'), expires_at: Instant }),
    example: { type: 'expiring', expires_at: '2026-01-15T14:30:00Z' },
  },
  error: {
    summary: 'A frame was refused; the same as in the envelope of HTTP.',
    payload: Type.Object({
      type: Type.Literal('error'),
      id,
      error: Type.Intersect([
        Failure.properties.error,
        Type.Object({
          retry_after: Type.Optional(Type.Integer({ description: 'Seconds to wait, when RATE_LIMITED.' })),
        }),
      ]),
    }),
    example: {
      type: 'error',
      id: 'c1',
      error: {
        error_number: 'VALIDATION_ERROR',
        error_message: 'The input is not valid',
        timestamp: '2026-01-15T14:00:00.000000+00:00',
        request_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
        details: [{ field: 'text', message: 'This field is required', rule: 'required' }],
      },
    },
  },
}
