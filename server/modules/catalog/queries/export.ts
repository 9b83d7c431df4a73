import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'
import { fromMinor } from '../../../platform/money.ts'
import { photoFile } from '../../files/index.ts'

async function servicesAfter(ctx: Context, userId: number, after: number, limit: number) {
  const rows = await ctx.db
    .selectFrom('services')
    .where('provider_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'title', 'description', 'price_minor', 'currency', 'duration_minutes', 'capacity', 'category'])
    .select(['location_type', 'cancellation_policy', 'is_active', 'created_at', 'updated_at', 'archived_at'])
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ price_minor, ...row }) => ({ ...row, price: fromMinor(price_minor, row.currency) }))
}

/** What a person sells in their own name, with its photos; an organization's services are the organization's. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'services/services.json', rows: inPieces((after, limit) => servicesAfter(ctx, userId, after, limit)) }
  const photos = await ctx.db
    .selectFrom('service_photos')
    .innerJoin('services', 'services.id', 'service_photos.service_id')
    .where('services.provider_id', '=', userId)
    .select(['service_photos.id', 'service_photos.service_id', 'service_photos.file_key'])
    .orderBy('service_photos.id')
    .execute()
  for (const { id, service_id: serviceId, file_key: key } of photos)
    yield { name: `services/photos/${serviceId}-${id}.${key.split('.').at(-1)!}`, ...photoFile(key) }
}
