import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Context } from '../context.ts'
import { AppError, invalid, unavailable } from '../errors.ts'
import { spool, type Spool } from '../files/spool.ts'
import { FileError } from '../files/store.ts'
import { errorFields } from '../log.ts'
import { contextOf } from './request.ts'
import { checkBody } from './validation.ts'

/** What is uploaded at once: by everybody on this node, and by one person. Each holds memory, disk and a connection for as long as it comes. */
const atOnce = { node: 24, person: 4 }
let running = 0
const runningOf = new Map<string, number>()

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
 * RATE_LIMITED and SERVICE_UNAVAILABLE where too many are under way
 */
export async function receiveFile(request: FastifyRequest, field: string, maxBytes: number): Promise<void> {
  await inTurn(request, async () => {
    const file = await request.file({ limits: { fileSize: maxBytes, files: 1 } })
    if (file?.fieldname !== field) throw invalid(field, 'No file was given', 'required')
    const bytes = await file.toBuffer()
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
  await inTurn(request, async () => {
    const { upload, fields } = await readParts(request, wanted)
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
    throw error instanceof FileError ? new AppError('PAYLOAD_TOO_LARGE', error.message) : error
  }
}

/** @throws RATE_LIMITED where this person, SERVICE_UNAVAILABLE where everybody uploads too much at once */
async function inTurn(request: FastifyRequest, work: () => Promise<void>): Promise<void> {
  const { actor, origin } = contextOf(request)
  const who = actor ? `user:${actor.userId}` : `address:${origin?.address ?? ''}`
  const own = runningOf.get(who) ?? 0
  if (own >= atOnce.person)
    throw new AppError('RATE_LIMITED', 'Too many uploads at once; try again later', { headers: { 'retry-after': '2' } })
  if (running >= atOnce.node) throw unavailable('Too many uploads at once; try again later', 2)
  running++
  runningOf.set(who, own + 1)
  try {
    await work()
  } finally {
    running--
    const left = (runningOf.get(who) ?? 1) - 1
    if (left > 0) runningOf.set(who, left)
    else runningOf.delete(who)
  }
}
