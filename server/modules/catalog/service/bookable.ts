import { fold } from '../../../platform/fold.ts'
import type { Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { findBookable, listBookable, type BookableService } from '../queries/bookable.ts'

/**
 * What booking a service needs to know of it, in one query. One that is not offered any more is answered with `isActive: false`.
 * @throws NOT_FOUND when there never was such a service.
 */
export async function getServiceForBooking(ctx: Context, id: number): Promise<BookableService> {
  const service = await findBookable(ctx, id)
  if (!service) throw notFound('service')
  return service
}

/** Services on offer, for whoever asks when they are free: one service, several, or those of a category; at most `limit`, in one query. */
export async function findServicesOffered(
  ctx: Context,
  {
    serviceId,
    ids,
    category,
  }: { serviceId?: number | undefined; ids?: readonly number[]; category?: string | undefined },
  limit = 200,
): Promise<BookableService[]> {
  if (ids !== undefined) return listBookable(ctx, { ids }, limit)
  if (serviceId !== undefined) return listBookable(ctx, { id: serviceId }, limit)
  return category === undefined ? [] : listBookable(ctx, { categoryKey: fold(category.trim()) }, limit)
}
