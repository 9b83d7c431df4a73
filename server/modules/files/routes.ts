import type { FastifyInstance } from 'fastify'
import { attachmentHeader } from '../../platform/files/names.ts'
import { list, operation } from '../../platform/http/operation.ts'
import { contextOf } from '../../platform/http/request.ts'
import { IdParams, Nothing, PageQuery } from '../../platform/http/shapes.ts'
import { receivedUpload, receiveUpload } from '../../platform/http/upload.ts'
import {
  deleteUpload,
  getUpload,
  listUnused,
  maxAttachmentBytes,
  openPrivate,
  prepareAttachment,
  storeUpload,
} from './attachments.ts'
import { exampleUpload, Upload } from './schema.ts'
import { openPhoto } from './service.ts'

const tag = 'Files'

/** Uploads that messages, events and tickets take; and the files themselves, photos for everybody and private ones by signed links. */
export function routes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/files/attachments/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Upload a file to attach',
    description:
      'The field `file`, at most 25 MB: pictures (JPEG, PNG, GIF, WebP, HEIC, AVIF), PDF, office documents without macros, plain text, MP4, MOV, M4A and WAV, told by the content. Its `id` goes into `attachment_ids` of what it is attached to; an upload that nothing takes is deleted after 24 hours.',
    files: ['file'],
    data: Upload,
    message: 'File uploaded successfully',
    errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'CONFLICT'],
    example: { data: exampleUpload },
    guard: (_ctx, { request, reply }) =>
      receiveUpload(request, reply, { field: 'file', maxBytes: maxAttachmentBytes }, prepareAttachment),
    run: (ctx, { request }) => storeUpload(ctx, receivedUpload(request, prepareAttachment)),
  })
  list(app, {
    path: '/files/attachments/',
    who: 'any',
    tag,
    summary: 'Your uploads that nothing has taken, newest first',
    query: PageQuery,
    data: Upload,
    message: 'Files retrieved successfully',
    example: { data: exampleUpload },
    run: (ctx, { query }) => listUnused(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/files/attachments/{id}/',
    who: 'any',
    tag,
    summary: 'One of your uploads, with a fresh link',
    params: IdParams,
    data: Upload,
    message: 'File retrieved successfully',
    example: { data: exampleUpload },
    run: (ctx, { params }) => getUpload(ctx, params.id),
  })
  operation(app, {
    method: 'DELETE',
    path: '/files/attachments/{id}/',
    who: 'any',
    tag,
    summary: 'Delete an upload that nothing has taken',
    description: 'What belongs to something goes with it: until then it is 409.',
    params: IdParams,
    data: Nothing,
    message: 'File deleted successfully',
    errors: ['CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteUpload(ctx, params.id)
      return null
    },
  })

  // A photo never changes under its key, so whoever has it need not ask again.
  app.get<{ Params: { size: string; key: string } }>('/files/photos/:size/:key', async (request, reply) => {
    const { size, key } = request.params
    const { stream, size: length, contentType } = await openPhoto(contextOf(request), size, key)
    return reply
      .type(contentType)
      .header('content-length', length)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('content-security-policy', "sandbox; default-src 'none'")
      .send(stream)
  })

  // A private file is saved and never drawn (SPEC section 10), and no cache keeps it.
  app.get<{ Params: { id: string; token: string } }>('/files/private/:id/:token', async (request, reply) => {
    const { id, token } = request.params
    const { stream, size, contentType, name } = await openPrivate(contextOf(request), id, token)
    return reply
      .type(contentType)
      .header('content-length', size)
      .header('content-disposition', attachmentHeader(name))
      .header('cache-control', 'private, no-store')
      .header('content-security-policy', "sandbox; default-src 'none'")
      .send(stream)
  })
}
