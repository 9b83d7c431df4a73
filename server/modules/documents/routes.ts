import type { FastifyInstance } from 'fastify'
import type { Context } from '../../platform/context.ts'
import { list, operation } from '../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../platform/http/shapes.ts'
import { receivedUpload, receiveUpload, type Upload } from '../../platform/http/upload.ts'
import { prepareAttachment, type PreparedFile } from '../files/index.ts'
import { acceptedTypes, maxDocumentBytes } from './rules.ts'
import { Document, DocumentChange, DocumentFields, DocumentQuery, exampleDocument, exampleWithLink } from './schema.ts'
import { changeDocument, deleteDocument, getDocument, listDocuments, uploadDocument } from './service.ts'

const tag = 'Documents'

const prepare = (ctx: Context, upload: Upload): Promise<PreparedFile> =>
  prepareAttachment(ctx, upload, { field: 'file', contentTypes: acceptedTypes })

/** Papers of providers and their review. */
export function routes(app: FastifyInstance): void {
  list(app, {
    path: '/documents/',
    who: 'any',
    tag,
    summary: 'Your documents; for reviewers everybody’s',
    description:
      'Newest first. With `document_management` those of all people; `?status=pending` is the queue, oldest first.',
    query: DocumentQuery,
    data: Document,
    message: 'Documents retrieved successfully',
    example: { data: exampleDocument },
    run: (ctx, { query }) => listDocuments(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/documents/',
    who: ['provider'],
    tag,
    status: 201,
    summary: 'Upload a document',
    description:
      'The field `file`: PDF, JPEG, PNG, WebP or HEIC, at most 10 MB, told by its content; with `title`, `type` and optionally `valid_until`. It waits for a review; a provider whose documents are approved is shown as verified.',
    files: ['file'],
    body: DocumentFields,
    data: Document,
    message: 'Document uploaded successfully',
    errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'CONFLICT'],
    example: { data: exampleWithLink },
    guard: (_ctx, { request, reply }) =>
      receiveUpload(request, reply, { field: 'file', maxBytes: maxDocumentBytes, fields: DocumentFields }, prepare),
    run: (ctx, { body, request }) => uploadDocument(ctx, body, receivedUpload(request, prepare)),
  })
  operation(app, {
    method: 'GET',
    path: '/documents/{id}/',
    who: 'any',
    tag,
    summary: 'One document, with a download link',
    description: 'For its owner and for `document_management`, whose look is logged. The link lives five minutes.',
    params: IdParams,
    data: Document,
    message: 'Document retrieved successfully',
    example: { data: exampleWithLink },
    run: (ctx, { params }) => getDocument(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/documents/{id}/',
    who: 'any',
    tag,
    summary: 'Change or review a document',
    description:
      'The owner changes `title`, `type` and `valid_until`; it is then reviewed anew. A reviewer (`document_management`) sets `status` to `approved` or `rejected`, the latter with a `reason`, and may set `valid_until`; nobody reviews their own.',
    params: IdParams,
    body: DocumentChange,
    data: Document,
    message: 'Document updated successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: {
      body: { title: 'Passport' },
      data: exampleWithLink,
    },
    run: (ctx, { params, body }) => changeDocument(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/documents/{id}/',
    who: 'any',
    tag,
    summary: 'Delete your document',
    description: 'With its file, for good. Who was verified by it is verified no longer.',
    params: IdParams,
    data: Nothing,
    message: 'Document deleted successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteDocument(ctx, params.id)
      return null
    },
  })
}
