import { randomUUID } from 'node:crypto'
import stringifierOf from 'fast-json-stringify'
import { Type, type Static, type TSchema } from 'typebox'
import type { Actor, Context } from '../context.ts'
import { AppError, invalid, invalidAll, notAuthenticated, rateLimited, secondFactorRequired } from '../errors.ts'
import type { House } from '../house.ts'
import { failureOf } from '../http/envelope.ts'
import { asRefusal, recordAttempt } from '../http/refusals.ts'
import { bodyValidator, detailsOf } from '../http/validation.ts'
import type { ErrorObject } from 'ajv'
import { close, closeCodes, isOpen, send, type Connection } from './connection.ts'
import type { SocketAccounts } from './credentials.ts'
import type { AnyFrame } from './frame.ts'

/** A frame as it came: its type, what the client calls it, and the rest. */
export type Given = { type: string; id: string | undefined; fields: object }

/** Reads a frame. @throws VALIDATION_ERROR for whatever is no object with a type */
export function readFrame(data: Buffer, isBinary: boolean): Given {
  if (isBinary) throw new AppError('VALIDATION_ERROR', 'A frame is a text with a JSON object')
  let read: unknown
  try {
    read = JSON.parse(data.toString('utf8'))
  } catch {
    throw new AppError('VALIDATION_ERROR', 'The frame is not valid JSON')
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw new AppError('VALIDATION_ERROR', 'A frame is a text with a JSON object')
  const { type, id, ...fields } = read as { type?: unknown; id?: unknown }
  if (id !== undefined && id !== null && (typeof id !== 'string' || id.length > 64))
    throw invalid('id', 'This must be a text of at most 64 characters', 'type')
  if (typeof type !== 'string') throw invalid('type', 'This must be a text', 'type')
  return { type, id: id ?? undefined, fields }
}

const validators = new WeakMap<TSchema, ReturnType<typeof bodyValidator>>()

/** Checks the fields of a frame as the body of a request; those that its shape does not name are dropped. @throws VALIDATION_ERROR */
export function checkFields<S extends TSchema>(shape: S, fields: object): Static<S> {
  const result = validators.getOrInsertComputed(shape, () => bodyValidator(shape))(fields)
  if (result !== true) throw invalidAll(detailsOf(result.error as ErrorObject[], 'frame'))
  return fields as Static<S>
}

const writers = new WeakMap<TSchema, (ack: object) => string>()
const writerOf = (answer: TSchema): ((ack: object) => string) =>
  writers.getOrInsertComputed(
    answer,
    () =>
      stringifierOf(
        Type.Object({ type: Type.String(), id: Type.Optional(Type.String()), data: answer }) as never,
      ) as never,
  )

/** Says that a frame was done: only the fields of its answer's shape. */
export function acknowledge(connection: Connection, id: string | undefined, answer: TSchema, data: unknown): void {
  send(connection, writerOf(answer)({ type: 'ack', ...(id === undefined ? {} : { id }), data }))
}

/** Tells a refusal, as HTTP does, with the id of the frame that was refused. */
export function refuse(
  connection: Connection,
  house: House,
  error: unknown,
  id?: string,
  requestId?: string,
): AppError {
  const named = requestId ?? randomUUID()
  const refused = asRefusal(error, house.log, named)
  const failure = failureOf(refused, connection.locale, named, house.clock())
  const wait = refused.headers['retry-after']
  send(
    connection,
    JSON.stringify({ type: 'error', id, error: { ...failure, ...(wait ? { retry_after: Number(wait) } : {}) } }),
  )
  return refused
}

/** The context of one frame: who asks is read anew, so that what was taken from them since does not count. @throws AUTHENTICATION_FAILED */
export async function contextFor(
  connection: Connection,
  house: House,
  accounts: SocketAccounts,
  requestId: string,
): Promise<Context & { actor: Actor }> {
  const { who } = connection
  const now = house.clock()
  if (!who) throw new AppError('TOKEN_MISSING', 'No token was given')
  if (Temporal.Instant.compare(who.expiresAt, now) <= 0) throw notAuthenticated('The token has expired')
  const actor = await accounts.actorOf(house, who.userId, who.sessionId, now)
  if (actor.lacksSecondFactor) throw secondFactorRequired()
  return {
    db: house.db,
    actor,
    now,
    log: house.log,
    locale: connection.locale,
    origin: { ...connection.origin, requestId },
    house,
    transaction: null,
  }
}

/** What is done with a frame: its shapes, and who does it. */
export type RunnableFrame = Pick<AnyFrame, 'body' | 'answer' | 'perMinute'> & {
  run: (ctx: Context & { actor: Actor }, body: never) => Promise<unknown>
}

/** Does a frame that a module has declared, and answers it. */
export async function runFrame(
  connection: Connection,
  house: House,
  accounts: SocketAccounts,
  frame: RunnableFrame,
  given: Given,
): Promise<void> {
  const requestId = randomUUID()
  let ctx: (Context & { actor: Actor }) | null = null
  const began = performance.now()
  try {
    ctx = await contextFor(connection, house, accounts, requestId)
    await limitRate(ctx, { type: given.type, perMinute: frame.perMinute })
    const data = await frame.run(ctx, checkFields<TSchema>(frame.body, given.fields) as never)
    acknowledge(connection, given.id, frame.answer, data)
  } catch (error) {
    const refused = refuse(connection, house, error, given.id, requestId)
    if (ctx) await recordAttempt(ctx, refused, { action: `SOCKET ${given.type}`, path: '/ws/chat/', isRead: false })
    else if (refused.code === 'AUTHENTICATION_FAILED') close(connection, closeCodes.notSignedIn, 'signed out')
  }
  house.log.debug(
    {
      request_id: requestId,
      frame: given.type,
      actor: connection.who?.userId,
      ms: Math.round(performance.now() - began),
      open: isOpen(connection),
    },
    'frame',
  )
}

/** @throws RATE_LIMITED: for all frames of a person, on all processes together, and for this type */
async function limitRate(
  { house, actor, now }: Context & { actor: Actor },
  { type, perMinute }: { type: string; perMinute: number | undefined },
): Promise<void> {
  const key = `socket:user:${actor.userId}`
  const wait = await house.limits.take(key, house.config.SOCKET_FRAMES_PER_MINUTE, now)
  if (wait !== null) throw rateLimited(wait)
  if (perMinute === undefined) return
  const waitHere = await house.limits.take(`${key}:${type}`, perMinute, now)
  if (waitHere !== null) throw rateLimited(waitHere)
}
