import { fileTypeFromBuffer } from 'file-type'
import type { Sharp, default as Decoder } from 'sharp'

/** SPEC section 4: at most 5 MB. */
export const MAX_PHOTO_BYTES = 5 * 1024 * 1024
/** Above what phones make (48 megapixels); a PNG of 50 KB can claim 10,000 times as much. */
const MAX_PIXELS = 50_000_000
const MAX_FRAMES = 300
const DECODE_SECONDS = 10
/** Each decoding may take some hundred MB and a thread of the pool that sign-ins hash passwords on. */
const AT_ONCE = 2

const SIZES = { medium: 256, small: 64 } as const
const LARGE = 1024

export interface PhotoVariant {
  bytes: Buffer
  width: number
  height: number
}

/** A picture made anew: nothing of the uploaded file but what one sees of it. */
export interface Photo {
  contentType: 'image/jpeg' | 'image/png'
  extension: 'jpg' | 'png'
  /** Whole, at most 1024 pixels a side, never enlarged. */
  large: PhotoVariant
  /** The middle, 256 by 256. */
  medium: PhotoVariant
  /** The middle, 64 by 64. */
  small: PhotoVariant
}

export type ImageErrorCode = 'unsupported' | 'too_large' | 'broken'

/** Why a photo is refused; the message is an English sentence and a key of the translations. */
export class ImageError extends Error {
  readonly code: ImageErrorCode
  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ImageError'
    this.code = code
  }
}

let decoder: Promise<typeof Decoder> | undefined

/** The decoder, loaded with the first photo or once the process serves: a start must not wait for it. */
export const openDecoder = (): Promise<typeof Decoder> => (decoder ??= loadDecoder())

async function loadDecoder(): Promise<typeof Decoder> {
  const { default: sharp } = await import('sharp')
  // It knows dozens of formats, each with its own history of holes (SVG reads files, PDF runs programs).
  // In this process it knows three.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadNsgifBuffer'] })
  return sharp
}

/**
 * Makes a profile photo of an upload (SPEC section 4 "Files and documents"). JPEG, PNG and GIF are told by their content,
 * decoded whole, turned upright by EXIF, and encoded anew without metadata or anything hidden after or inside the file.
 * JPEG stays JPEG, PNG stays PNG; of a GIF or an animated PNG the first frame becomes a PNG, as faces in lists that move
 * help nobody and each frame would have to be checked and resized.
 * Errors: `ImageError` with `unsupported`, `too_large` or `broken`. Runs two at once, the rest wait.
 */
export async function makePhoto(upload: Uint8Array): Promise<Photo> {
  if (upload.byteLength === 0) throw new ImageError('broken', 'The file is empty')
  if (upload.byteLength > MAX_PHOTO_BYTES) throw new ImageError('too_large', 'The image is larger than 5 MB')
  const found = await fileTypeFromBuffer(upload)
  const kind = found?.ext === 'apng' ? 'png' : found?.ext
  if (kind !== 'jpg' && kind !== 'png' && kind !== 'gif') {
    throw new ImageError('unsupported', 'Only JPEG, PNG and GIF images are accepted')
  }
  return inTurn(async () => {
    await checkClaims(upload)
    return makeSizes(upload, kind)
  })
}

/** Reads the header alone: what a file claims to be is refused before memory is spent on it. */
async function checkClaims(upload: Uint8Array): Promise<void> {
  const sharp = await openDecoder()
  const claims = await decode(() => sharp(upload, { limitInputPixels: false, failOn: 'error' }).metadata())
  if (claims.width * claims.height > MAX_PIXELS) throw new ImageError('too_large', 'The image has too many pixels')
  if ((claims.pages ?? 1) > MAX_FRAMES) throw new ImageError('too_large', 'The image has too many frames')
}

async function makeSizes(upload: Uint8Array, kind: 'jpg' | 'png' | 'gif'): Promise<Photo> {
  const sharp = await openDecoder()
  // The hostile file is decoded once, whole, to plain pixels; everything else is made of those.
  const { data, info } = await decode(() =>
    sharp(upload, { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 })
      .timeout({ seconds: DECODE_SECONDS })
      .autoOrient()
      .resize(LARGE, LARGE, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true }),
  )
  const pixels = () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
  const square = (side: number) => pixels().resize(side, side, { fit: 'cover' })
  const encode = async (image: Sharp): Promise<PhotoVariant> => {
    const encoded = kind === 'jpg' ? image.jpeg({ quality: 85 }) : image.png({ compressionLevel: 9 })
    const out = await encoded.toBuffer({ resolveWithObject: true })
    return { bytes: out.data, width: out.info.width, height: out.info.height }
  }
  return {
    contentType: kind === 'jpg' ? 'image/jpeg' : 'image/png',
    extension: kind === 'jpg' ? 'jpg' : 'png',
    large: await encode(pixels()),
    medium: await encode(square(SIZES.medium)),
    small: await encode(square(SIZES.small)),
  }
}

async function decode<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    // Few bytes that keep the decoder busy for seconds are a bomb of another kind.
    if (cause instanceof Error && cause.message.startsWith('timeout')) {
      throw new ImageError('too_large', 'The image takes too long to read', { cause })
    }
    throw new ImageError('broken', 'The image is damaged', { cause })
  }
}

let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running++
  // Whoever ends hands over its place, so that nobody slips in between.
  else await new Promise<void>((start) => waiting.push(start))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
