import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Context } from '../context.ts'
import { AppError, invalid } from '../errors.ts'
import { spool, type Spool } from '../files/spool.ts'
import { FileError } from '../files/store.ts'
import { networkOf } from '../limits.ts'
import { errorFields } from '../log.ts'
import { contextOf } from './request.ts'
import { takePlace, type Meter } from './turns.ts'
import { checkBody } from './validation.ts'

const uploads = new WeakMap<FastifyRequest, Buffer>()
const prepared = new WeakMap<FastifyRequest, { prepare: unknown; made: unknown }>()

/** An upload as it came: its bytes on the disk, and the name that its sender gave. */
export type Upload = { file: Spool; name: string }

/** What was made of an upload before the transaction, and how to undo it where nobody kept it. */
export type Prepared = { kept: boolean; discard: () => Promise<void> }

type Wanted = { field: string; maxBytes: number; fields?: TSchema }

/**
 * Reads the one file of an upload, whole; to be called by the `guard` of its operation. Its hash becomes the body of the request, so that an Idempotency-Key
 * with another file is another request, and so that no transaction waits for the bytes to arrive.
 * @throws VALIDATION_ERROR on `field` without a file, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE where the body is no multipart/form-data,
 * RATE_LIMITED and SERVICE_UNAVAILABLE where too many are under way, VALIDATION_ERROR `too_slow` where hardly anything comes
 */
export async function receiveFile(request: FastifyRequest, field: string, maxBytes: number): Promise<void> {
  await inTurn(request, async (receive) => {
    const bytes = await receive(async () => {
      const file = await request.file({ limits: { fileSize: maxBytes, files: 1 } })
      if (file?.fieldname !== field) throw invalid(field, 'No file was given', 'required')
      return file.toBuffer()
    })
    uploads.set(request, bytes)
    request.body = { [field]: createHash('sha256').update(bytes).digest('hex') }
  })
}

/** The file that `receiveFile` has read. */
export function receivedFile(request: FastifyRequest): Buffer {
  const bytes = uploads.get(request)
  if (!bytes) throw new Error('the file has not been received')
  return bytes
}

/**
 * Takes one file and the text fields beside it, in any order; to be called by the `guard` of its operation. The bytes go to the disk as they come, and `prepare`
 * (checks, scans, writes to the store) runs before any transaction. What it made and no `run` kept is discarded when the answer has been sent. The body of the
 * request becomes the fields and the hash of the file.
 * @throws as `receiveFile`, and VALIDATION_ERROR for fields that do not fit their shape
 */
export async function receiveUpload<P extends Prepared>(
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Wanted,
  prepare: (ctx: Context, upload: Upload) => Promise<P>,
): Promise<void> {
  await inTurn(request, async (receive) => {
    const { upload, fields } = await receive(() => readParts(request, wanted))
    try {
      if (!upload) throw invalid(wanted.field, 'No file was given', 'required')
      if (wanted.fields) checkBody(wanted.fields, fields)
      const made = await prepare(contextOf(request), upload)
      prepared.set(request, { prepare, made })
      reply.raw.once('close', () => {
        if (!made.kept) void made.discard().catch((error: unknown) => warnOf(request, error))
      })
      request.body = { ...fields, [wanted.field]: upload.file.sha256, [`${wanted.field}_name`]: upload.name }
    } finally {
      await upload?.file.close()
    }
  })
}

/** What the same `prepare` has made of the upload of this request. */
export function receivedUpload<P extends Prepared>(
  request: FastifyRequest,
  prepare: (ctx: Context, upload: Upload) => Promise<P>,
): P {
  const received = prepared.get(request)
  if (received?.prepare !== prepare) throw new Error('the upload has not been received')
  return received.made as P
}

const warnOf = (request: FastifyRequest, error: unknown): void =>
  contextOf(request).log.warn(
    errorFields(error),
    'an upload that nobody kept could not be removed; the nightly job will',
  )

async function readParts(
  request: FastifyRequest,
  { field, maxBytes }: Wanted,
): Promise<{ upload: Upload | null; fields: Record<string, string> }> {
  const fields: Record<string, string> = {}
  let upload: Upload | null = null
  try {
    for await (const part of request.parts({ limits: { fileSize: maxBytes, files: 1 } })) {
      if (part.type === 'file') {
        if (part.fieldname !== field) throw invalid(field, 'No file was given', 'required')
        upload = { file: await spool(part.file, maxBytes), name: part.filename ?? '' }
        // The reader ends a file that is too long without an error of its own.
        if (part.file.truncated) throw new FileError('too_large', 'The file is too large')
      } else if (typeof part.value === 'string') {
        // One that is cut off is still longer than any text may be, which its shape then says.
        fields[part.fieldname] = part.value
      }
    }
    return { upload, fields }
  } catch (error) {
    await upload?.file.close()
    if (error instanceof Error && 'code' in error && error.code === 'FST_FILES_LIMIT')
      throw invalid(field, 'Only one file is taken at a time', 'one_file')
    if (error instanceof FileError && error.code === 'too_large')
      throw new AppError('PAYLOAD_TOO_LARGE', 'The file is too large')
    throw error
  }
}

/** Does the work in a place of this sender's own. `receive` reads the body, as long as it comes fast enough. */
async function inTurn(
  request: FastifyRequest,
  work: (receive: <T>(reading: () => Promise<T>) => Promise<T>) => Promise<void>,
): Promise<void> {
  const { actor, origin } = contextOf(request)
  const network = networkOf(origin?.address ?? '')
  const who = actor ? `user:${actor.userId}` : `address:${network}`
  const place = await takePlace({ who, network }, leftOf(request))
  try {
    await work((reading) => place.receive(meterOf(request), reading))
  } finally {
    place.free()
  }
}

/** Rejects when the sender hangs up. */
function leftOf({ raw }: FastifyRequest): Promise<never> {
  const left = new Promise<never>((_resolve, reject) => {
    raw.once('close', () => reject(new AppError('VALIDATION_ERROR', 'The body cannot be read')))
  })
  // Only who stands in line listens.
  left.catch(() => undefined)
  return left
}

/** What the connection tells of the body; an injected request has none, and comes whole. */
function meterOf({ raw }: FastifyRequest): Meter | null {
  const { socket } = raw
  if (typeof socket.bytesRead !== 'number') return null
  return {
    bytes: () => socket.bytesRead,
    isOurs: () => raw.complete || raw.isPaused(),
    // The reader of the parts hears it as an error of the body; the connection stays for the answer.
    stop: (error) => raw.emit('error', error),
  }
}
