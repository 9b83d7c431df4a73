/** How photos and private files are named. Pure. */

export const photoSizes = ['large', 'medium', 'small'] as const
export type PhotoSize = (typeof photoSizes)[number]

/** The sides of the squares; `large` is the whole picture. */
const squares = { medium: 256, small: 64 } as const

/** So long a file may wait for its row: much longer than any upload takes. */
const patience = Temporal.Duration.from({ hours: 24 })

/** A key begins with the time at which it was made, in milliseconds as 12 hexadecimal digits; the rest is random, so that nobody guesses it. */
const placePattern = /^(?:large|medium|small)\/(([0-9a-f]{12})[0-9a-f]{20}\.(?:jpg|png))$/

export const placeOf = (size: PhotoSize, key: string): string => `${size}/${key}`

/** The key of a photo by the place of one of its files, or null when no photo is kept there. */
export const keyOfPlace = (place: string): string | null => placePattern.exec(place)?.[1] ?? null

/** Width and height of one size of a photo. */
export const sidesOf = (size: PhotoSize, whole: { width: number; height: number }): { width: number; height: number } =>
  size === 'large' ? { width: whole.width, height: whole.height } : { width: squares[size], height: squares[size] }

/** May the file at this place be removed if it has no row? Only one of ours, and only when its upload is long over. */
export const isOrphan = (place: string, now: Temporal.Instant): boolean =>
  isLongMade(placePattern.exec(place)?.[2], now)

/** Private files are named as photos are, with the extension of their type. */
const attachmentPattern = /^([0-9a-f]{12})[0-9a-f]{20}\.[a-z0-9]{2,5}$/

/** The same for a private file. */
export const isOrphanAttachment = (key: string, now: Temporal.Instant): boolean =>
  isLongMade(attachmentPattern.exec(key)?.[1], now)

function isLongMade(made: string | undefined, now: Temporal.Instant): boolean {
  return made !== undefined && Number.parseInt(made, 16) < now.subtract(patience).epochMilliseconds
}
