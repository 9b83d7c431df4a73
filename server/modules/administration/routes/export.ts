import type { FastifyInstance } from 'fastify'
import { attachmentHeader } from '../../../platform/files/names.ts'
import { operation } from '../../../platform/http/operation.ts'
import { contextOf } from '../../../platform/http/request.ts'
import { Nothing } from '../../../platform/http/shapes.ts'
import { examplePending, exampleReady, Export } from '../export/schema.ts'
import { deleteExport, getExport, openExport, requestExport } from '../export/service.ts'

const tag = 'Profile'
const path = '/auth/profile/export/'

/** All one's data as a ZIP (SPEC section 3). */
export function exportRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path,
    who: 'any',
    tag,
    status: 201,
    summary: 'Ask for all your data',
    description:
      'A job collects it into a ZIP of JSON and files, and you are told by a notification and by a mail, with a link where your e-mail is confirmed. One at a time, one a day; it can be downloaded for seven days.',
    data: Export,
    message: 'Export requested successfully',
    errors: ['CONFLICT', 'RATE_LIMITED'],
    example: { data: examplePending },
    run: requestExport,
  })
  operation(app, {
    method: 'GET',
    path,
    who: 'any',
    tag,
    summary: 'What became of the export of your data',
    description: 'The last one that you asked for, with a link of five minutes once it is ready.',
    data: Export,
    message: 'Export retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleReady },
    run: getExport,
  })
  operation(app, {
    method: 'DELETE',
    path,
    who: 'any',
    tag,
    summary: 'Remove the export of your data',
    description: 'At once, with every link to it; one that is being made is stopped.',
    data: Nothing,
    message: 'Export deleted successfully',
    errors: ['NOT_FOUND'],
    example: { data: null },
    run: async (ctx) => {
      await deleteExport(ctx)
      return null
    },
  })

  app.get<{ Params: { id: string; token: string } }>('/files/exports/:id/:token', async (request, reply) => {
    const ctx = contextOf(request)
    const { stream, size } = await openExport(ctx, request.params.id, request.params.token)
    return reply
      .type('application/zip')
      .header('content-length', size)
      .header('content-disposition', attachmentHeader(`banister-export-${request.params.id}.zip`))
      .header('cache-control', 'private, no-store')
      .header('content-security-policy', "sandbox; default-src 'none'")
      .send(stream)
  })
}
