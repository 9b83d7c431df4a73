import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { auditRefusal } from '../audit.ts'
import { isAdministrative, type Context } from '../context.ts'
import { isDatabaseGone, lostRace } from '../db/transaction.ts'
import { AppError, unavailable, type ErrorCode } from '../errors.ts'
import type { House } from '../house.ts'
import { errorFields } from '../log.ts'
import { failureBody } from './envelope.ts'
import { detailsOf } from './validation.ts'

/** Any error as the refusal that the asker is told. What is ours is logged with its request id and told without anything internal. */
export function asAppError(error: unknown, log: House['log'], request: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  const { validation, validationContext, code, statusCode } = error as {
    validation?: unknown[]
    validationContext?: string
    code?: string
    statusCode?: number
  }
  if (validation) {
    const details = detailsOf(validation as never, validationContext ?? 'body')
    const { check } = request.routeOptions.config
    if (validationContext === 'body' && check && request.context) {
      const told = new Set(details.map(({ field }) => field))
      details.push(...check(request.body, request.context).filter(({ field }) => !told.has(field)))
    }
    return new AppError('VALIDATION_ERROR', 'The input is not valid', { details })
  }
  if (code?.startsWith('FST_')) {
    const told: Record<number, [ErrorCode, string]> = {
      400: ['VALIDATION_ERROR', 'The body cannot be read'],
      404: ['NOT_FOUND', 'There is no such page'],
      406: ['UNSUPPORTED_MEDIA_TYPE', 'This takes multipart/form-data'],
      413: ['PAYLOAD_TOO_LARGE', 'The body is too large'],
      415: ['UNSUPPORTED_MEDIA_TYPE', 'This content type is not supported'],
    }
    const known = told[statusCode ?? 500]
    if (known) return new AppError(known[0], known[1])
  }
  if (error instanceof SyntaxError && statusCode === 400)
    return new AppError('VALIDATION_ERROR', 'The body is not valid JSON')
  // The parser of uploads throws plain errors for what is cut off or has no boundary.
  if (
    error instanceof Error &&
    /^Multipart: Boundary not found$|unexpected end of multipart data$/i.test(error.message)
  )
    return new AppError('VALIDATION_ERROR', 'The body cannot be read')
  return asRefusal(error, log, request.id)
}

/** The same for what did not come as an HTTP request. */
export function asRefusal(error: unknown, log: House['log'], requestId: string): AppError {
  if (error instanceof AppError) return error
  const { code } = error as { code?: string }
  // PostgreSQL can keep neither a NUL nor half a surrogate pair.
  if (code === '22021' || code === '22P05')
    return new AppError('VALIDATION_ERROR', 'The input has characters that cannot be kept')
  if (isDatabaseGone(error)) {
    log.error({ request_id: requestId, ...errorFields(error) }, 'the database is not reachable')
    return unavailable()
  }
  if (lostRace(error)) {
    log.warn({ request_id: requestId, ...errorFields(error) }, 'a transaction lost to others each time')
    return unavailable('The server is overloaded', 2)
  }
  log.error({ request_id: requestId, ...errorFields(error) }, 'a request failed')
  return new AppError('UNKNOWN_ERROR', 'Something went wrong on our side')
}

/** The refusals that say what somebody tried: not those that only ask to sign in, to wait or to come back. */
const tried: readonly ErrorCode[] = [
  'CONFLICT',
  'NOT_FOUND',
  'PAYMENT_FAILED',
  'PRECONDITION_FAILED',
  'VALIDATION_ERROR',
]

/** What an administrator tries in vain is written to the audit log (SPEC section 3): whatever is forbidden to them, and every write that fails. */
export async function recordRefusal(request: FastifyRequest, refused: AppError): Promise<void> {
  if (!request.context) return
  const action = `${request.method} ${request.routeOptions.url ?? ''}`
  await recordAttempt(request.context, refused, { action, path: request.url, isRead: request.method === 'GET' })
}

/** The same for what did not come as an HTTP request. */
export async function recordAttempt(
  ctx: Context,
  { code }: AppError,
  { action, path, isRead }: { action: string; path: string; isRead: boolean },
): Promise<void> {
  if (!ctx.actor || !isAdministrative(ctx.actor.role)) return
  if (code !== 'PERMISSION_DENIED' && (isRead || !tried.includes(code))) return
  const target = { kind: 'path', id: path.replace(/\?.*$/s, '').slice(0, 500) }
  try {
    await auditRefusal(ctx, { action, target, after: { error_number: code } })
  } catch (error) {
    ctx.log.error(errorFields(error), 'a refusal could not be written to the audit log')
  }
}

/** Bytes that are no HTTP get an answer in the envelope too. */
export const refuseBrokenRequest =
  (house: House) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const body = failureBody(
      new AppError('VALIDATION_ERROR', 'The request cannot be read'),
      'en',
      randomUUID(),
      house.clock(),
    )
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }

/** A body that does not come is told so; whoever does not hang up then is hung up on. */
export const refuseLateBody =
  (house: House) =>
  ({ socket }: IncomingMessage): void => {
    // A request that was injected has no connection.
    if (!(socket instanceof Socket)) return
    refuseBrokenRequest(house)(new Error('the body does not come'), socket)
    socket.destroySoon()
  }
