import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { invalid } from '../errors.ts'

const uploads = new WeakMap<FastifyRequest, Buffer>()

/**
 * Reads the one file of an upload, whole; to be called by the `guard` of its operation. Its hash becomes the body of the request, so that an Idempotency-Key
 * with another file is another request, and so that no transaction waits for the bytes to arrive.
 * @throws VALIDATION_ERROR on `field` without a file, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE where the body is no multipart/form-data
 */
export async function receiveFile(request: FastifyRequest, field: string, maxBytes: number): Promise<void> {
  const file = await request.file({ limits: { fileSize: maxBytes, files: 1 } })
  if (file?.fieldname !== field) throw invalid(field, 'No file was given', 'required')
  const bytes = await file.toBuffer()
  uploads.set(request, bytes)
  request.body = { [field]: createHash('sha256').update(bytes).digest('hex') }
}

/** The file that `receiveFile` has read. */
export function receivedFile(request: FastifyRequest): Buffer {
  const bytes = uploads.get(request)
  if (!bytes) throw new Error('the file has not been received')
  return bytes
}
