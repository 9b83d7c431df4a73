import type { Readable } from 'node:stream'
import type { Config } from '../../platform/config.ts'
import type { Context } from '../../platform/context.ts'
import { AppError, invalid, notFound } from '../../platform/errors.ts'
import { ImageError, makePhoto } from '../../platform/files/images.ts'
import { uuid7 } from '../../platform/uuid.ts'
import { deletePhoto, existingPhotos, findPhoto, insertPhoto, type PhotoRow } from './queries.ts'
import { isOrphan, keyOfPlace, photoSizes, placeOf, sidesOf, type PhotoSize } from './rules.ts'

export type PhotoView = { url: string; sizes: Record<PhotoSize, { url: string; width: number; height: number }> }

/**
 * Checks a picture and writes a photo of it, encoded anew, in three sizes. It stands under no row yet: `keepPhoto` makes one in the transaction of the caller,
 * whose column keeps the key. What a refused transaction or a crash leaves has no row, and the nightly job removes it.
 * @throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, VALIDATION_ERROR for what is damaged
 */
export async function storePhoto(ctx: Context, upload: Uint8Array): Promise<PhotoRow> {
  const photo = await makePhoto(upload).catch((error: unknown) => {
    throw error instanceof ImageError ? refusalOf(error) : error
  })
  const { contentType, extension } = photo
  const key = `${uuid7(ctx.now).replaceAll('-', '')}.${extension}`
  await Promise.all(
    photoSizes.map((size) => ctx.house.files.put('photos', placeOf(size, key), photo[size].bytes, { contentType })),
  )
  return { key, width: photo.large.width, height: photo.large.height }
}

function refusalOf({ code, message }: ImageError): AppError {
  if (code === 'unsupported') return new AppError('UNSUPPORTED_MEDIA_TYPE', message)
  if (code === 'too_large') return new AppError('PAYLOAD_TOO_LARGE', message)
  return invalid('photo', message, 'image')
}

/** Makes a stored photo one in use. */
export const keepPhoto = (ctx: Context, photo: PhotoRow): Promise<void> => insertPhoto(ctx, photo)

/** Ends the use of a photo; a job removes its files after the commit. */
export async function discardPhoto(ctx: Context, key: string): Promise<void> {
  await deletePhoto(ctx, key)
  await ctx.house.jobs.enqueue(ctx, 'files.remove_photo', { key })
}

export async function removePhotoFiles(ctx: Context, key: string): Promise<void> {
  for (const size of photoSizes) await ctx.house.files.delete('photos', placeOf(size, key))
}

/** Where anybody may load a photo, without a token: the key cannot be guessed. */
export const photoUrl = ({ PUBLIC_URL }: Config, key: string, size: PhotoSize = 'large'): string =>
  `${PUBLIC_URL}/files/photos/${placeOf(size, key)}`

/** Where the store keeps a photo whole. */
export const photoFile = (key: string): { bucket: 'photos'; key: string } => ({
  bucket: 'photos',
  key: placeOf('large', key),
})

/** A photo in use, with its sizes in pixels. @throws NOT_FOUND */
export async function getPhoto(ctx: Context, key: string): Promise<PhotoView> {
  const row = await findPhoto(ctx, key)
  if (!row) throw notFound('photo')
  const { config } = ctx.house
  const view = (size: PhotoSize) => ({ url: photoUrl(config, key, size), ...sidesOf(size, row) })
  return {
    url: photoUrl(config, key),
    sizes: { large: view('large'), medium: view('medium'), small: view('small') },
  }
}

/** The bytes of a photo. @throws NOT_FOUND */
export async function openPhoto(
  ctx: Context,
  size: string,
  key: string,
): Promise<{ stream: Readable; size: number; contentType: string }> {
  const place = keyOfPlace(`${size}/${key}`) === key ? await ctx.house.files.get('photos', `${size}/${key}`) : null
  if (!place) throw notFound('photo')
  return { ...place, contentType: key.endsWith('.jpg') ? 'image/jpeg' : 'image/png' }
}

/** Removes files that belong to no photo: left by crashes, refused transactions, and jobs that were given up. */
export async function removeOrphans(ctx: Context): Promise<void> {
  let batch: string[] = []
  const sweep = async (): Promise<void> => {
    const existing = await existingPhotos(
      ctx,
      batch.map(keyOfPlace).filter((key) => key !== null),
    )
    for (const place of batch) {
      if (!existing.has(keyOfPlace(place) ?? '')) await ctx.house.files.delete('photos', place)
    }
    batch = []
  }
  for await (const { key: place } of ctx.house.files.list('photos')) {
    if (isOrphan(place, ctx.now)) batch.push(place)
    if (batch.length === 500) await sweep()
  }
  await sweep()
}
