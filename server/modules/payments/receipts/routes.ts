import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { operation } from '../../../platform/http/operation.ts'
import { Id, IdParams, Uuid } from '../../../platform/http/shapes.ts'
import { exampleSettings, ReceiptSettings, SettingsInput } from './schema.ts'
import { changeSettings, getReceipt, getSettings } from './service.ts'

const tag = 'Payments'
const sellers = ['provider', 'customer'] as const
const Pdf = Type.Unsafe<Buffer>({ type: 'string', description: 'A PDF file.' })

/** Receipts, and what sellers have printed on them. */
export function receiptRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/payments/{id}/receipt/',
    who: 'any',
    tag,
    summary: 'The receipt of a payment as a PDF',
    description:
      'For its two sides. Numbered without gaps per seller; each refund has a credit note, on a page of its own, or alone with `refund_id`. It says what it said when it was issued.',
    params: IdParams,
    query: Type.Object({ refund_id: Type.Optional(Id) }),
    data: Pdf,
    contentType: 'application/pdf',
    message: 'Receipt retrieved successfully',
    errors: ['CONFLICT'],
    example: { data: '%PDF-1.3 ...' },
    run: async (ctx, { params, query, reply }) => {
      const { pdf, name } = await getReceipt(ctx, params.id, query.refund_id)
      reply.header('content-disposition', `attachment; filename="${name}.pdf"`)
      reply.header('x-content-type-options', 'nosniff')
      return pdf
    },
  })
  operation(app, {
    method: 'GET',
    path: '/payments/receipt-settings/',
    who: sellers,
    tag,
    summary: 'What is printed on your receipts',
    description: 'For an organization (`organization_id`) its admins see it.',
    query: Type.Object({ organization_id: Type.Optional(Uuid) }),
    data: ReceiptSettings,
    message: 'Receipt settings retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleSettings },
    run: (ctx, { query }) => getSettings(ctx, query.organization_id),
  })
  operation(app, {
    method: 'PUT',
    path: '/payments/receipt-settings/',
    who: sellers,
    tag,
    summary: 'Change what is printed on your receipts',
    description: 'On those to come: what was issued stays as it is. What is left out stays.',
    body: SettingsInput,
    data: ReceiptSettings,
    message: 'Receipt settings updated successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { body: exampleSettings, data: exampleSettings },
    run: (ctx, { body }) => changeSettings(ctx, body),
  })
}
