import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { audit } from '../../../platform/audit.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { discardPhoto, keepPhoto, storePhoto } from '../../files/index.ts'
import { deletePhotoRow, insertPhotoRow, listPhotoRows, orderPhotos, touchService } from '../queries/writes.ts'
import type { ServiceView } from '../schema/services.ts'
import { requireServiceManager } from './access.ts'
import { getService, lockManaged } from './services.ts'
import { findService } from '../queries/services.ts'

/** A gallery is looked through, not scrolled for ever. */
const mostPhotos = 20

/**
 * Adds a picture at the end of a service's photos; `read` gives its bytes once it is known that the asker may.
 * @throws NOT_FOUND, PERMISSION_DENIED, CONFLICT with too many photos, UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, VALIDATION_ERROR
 */
export async function addPhoto(ctx: Context, serviceId: number, read: () => Promise<Uint8Array>): Promise<ServiceView> {
  const service = await findService(ctx, serviceId)
  if (!service || service.archived_at !== null) throw notFound('service')
  await requireServiceManager(ctx, service)
  const photo = await storePhoto(ctx, await read())
  return inTransaction(ctx, async (tx) => {
    const { management } = await lockManaged(tx, serviceId)
    const present = await listPhotoRows(tx, serviceId)
    if (present.length >= mostPhotos)
      throw conflict('A service has at most {count} photos', { params: { count: mostPhotos } })
    await keepPhoto(tx, photo)
    const id = await insertPhotoRow(tx, serviceId, photo.key, present.length + 1)
    await changed(tx, serviceId, management, 'services.add_photo', id)
    return getService(tx, serviceId)
  })
}

/** Takes a photo off a service; its files are removed by a job. @throws NOT_FOUND, PERMISSION_DENIED */
export async function removePhoto(ctx: Context, serviceId: number, photoId: number): Promise<ServiceView> {
  return inTransaction(ctx, async (tx) => {
    const { management } = await lockManaged(tx, serviceId)
    const photo = (await listPhotoRows(tx, serviceId)).find(({ id }) => id === photoId)
    if (!photo) throw notFound('photo')
    await deletePhotoRow(tx, photoId)
    await discardPhoto(tx, photo.file_key)
    await changed(tx, serviceId, management, 'services.remove_photo', photoId)
    return getService(tx, serviceId)
  })
}

/** Puts a service's photos into another order: all of their ids, the first to be shown first. @throws NOT_FOUND, PERMISSION_DENIED, VALIDATION_ERROR */
export async function reorderPhotos(ctx: Context, serviceId: number, ids: readonly number[]): Promise<ServiceView> {
  return inTransaction(ctx, async (tx) => {
    const { management } = await lockManaged(tx, serviceId)
    const present = (await listPhotoRows(tx, serviceId)).map(({ id }) => id)
    if (present.length !== ids.length || present.some((id) => !ids.includes(id)))
      throw invalid('photo_ids', 'Name each photo of the service once', 'photos')
    await orderPhotos(tx, serviceId, ids)
    await changed(tx, serviceId, management, 'services.order_photos', null)
    return getService(tx, serviceId)
  })
}

async function changed(
  ctx: Context,
  serviceId: number,
  management: 'owner' | 'administrator',
  action: string,
  photoId: number | null,
): Promise<void> {
  await touchService(ctx, serviceId)
  await ctx.house.jobs.publish(ctx, 'service.updated', { service_id: serviceId })
  if (management === 'administrator')
    await audit(ctx, { action, target: { kind: 'service', id: serviceId }, after: { photo_id: photoId } })
}
