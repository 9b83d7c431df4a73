import type { Context } from '../../../platform/context.ts'
import { inUuidPieces, type ExportOf } from '../../../platform/export.ts'

const ownAfter = (ctx: Context, userId: number, after: string, limit: number) =>
  ctx.db
    .selectFrom('webhook_endpoints')
    .where('provider_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'url', 'description', 'event_types', 'is_active', 'created_at', 'updated_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** The endpoints that a provider has registered; what was sent to them they have received. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'webhooks/endpoints.json', rows: inUuidPieces((after, limit) => ownAfter(ctx, userId, after, limit)) }
}
