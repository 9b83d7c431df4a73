import type { Readable } from 'node:stream'

/** Every bucket the product keeps files in. A store makes them all, so that no write finds its bucket missing. */
export const BUCKETS = ['photos', 'documents', 'chat', 'attachments', 'exports'] as const
export type Bucket = (typeof BUCKETS)[number]

/** Bytes at once, or as they come. A stream that fails or is cut off fails the write, and nothing is kept. */
export type FileBody = Uint8Array | AsyncIterable<Uint8Array>

export interface PutOptions {
  /** Told to stores that serve files themselves (S3); the caller's table is where it is kept. */
  contentType: string
  /** A longer body is refused with `too_large` as soon as it is seen to be longer, and nothing is kept. */
  maxBytes?: number
}

/** What was written: for the caller's table, which keeps all that is known of a file but its bytes. */
export interface StoredFile {
  size: number
  /** Lower-case hex. */
  sha256: string
}

export interface ListedFile {
  key: string
  size: number
}

/**
 * Where files live (SPEC section 4 "Files and documents"): a directory, or S3 behind the same interface.
 * The store keeps bytes only; content type, original name, hash and owner are columns of whoever stores.
 * A key names one whole file: a reader sees the old bytes or the new ones, never a mixture or a part, also after a crash.
 */
export interface FileStore<B extends string = Bucket> {
  /** Writes the file, replacing what was there; of two at once the later to finish wins whole. Errors: `bad_key`, `too_large`, those of the body. */
  put(bucket: B, key: string, body: FileBody, options: PutOptions): Promise<StoredFile>
  /** The bytes and their number, or null. The stream must be read to its end or destroyed. */
  get(bucket: B, key: string): Promise<{ stream: Readable; size: number } | null>
  /** Its size in bytes, or null. */
  stat(bucket: B, key: string): Promise<{ size: number } | null>
  exists(bucket: B, key: string): Promise<boolean>
  /** Removes the file; one that is not there is no error, so that a repeated job ends well. */
  delete(bucket: B, key: string): Promise<void>
  /** The files whose key starts with these characters (not: this folder), in the order of their keys. */
  list(bucket: B, prefix?: string): AsyncIterable<ListedFile>
  /** Makes the buckets that are missing and clears away what crashes left of writes: at start, and by the console's `create-buckets`. */
  prepare(now: Temporal.Instant): Promise<void>
  /** Throws when the store cannot be written to now (for the health answer). */
  check(): Promise<void>
}

/** `refused`: the store's server does not take our keys or names, which an operator must mend. */
export type FileErrorCode = 'bad_key' | 'too_large' | 'refused'

/** A write or read that can never succeed as asked. */
export class FileError extends Error {
  readonly code: FileErrorCode
  constructor(code: FileErrorCode, message: string) {
    super(message)
    this.name = 'FileError'
    this.code = code
  }
}

/** Throws `bad_key` unless the bucket is one of these, whatever the types say. */
export function checkBucket(bucket: string, buckets: readonly string[]): void {
  if (!buckets.includes(bucket)) throw new FileError('bad_key', 'There is no such bucket')
}

const MAX_KEY_LENGTH = 512
const FOLDER = /^[a-z0-9][a-z0-9_-]{0,99}$/
const FILE = /^[a-z0-9][a-z0-9_-]{0,99}(?:\.[a-z0-9]{1,20}){1,3}$/
// Windows opens the device, not a file, under these names, whatever the extension.
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/

/**
 * Throws `bad_key` unless the key is folders of `a-z 0-9 _ -` and a file name with an extension, joined by `/`.
 * Narrow on purpose, for every store alike: no traversal, no hidden file, no two keys that a case-insensitive disk
 * takes for one; and as only file names bear a dot, no key is the folder of another (S3 would allow it, a disk cannot).
 * Original names belong in the caller's table.
 */
export function checkKey(key: string): void {
  const names = key.length <= MAX_KEY_LENGTH ? key.split('/') : []
  const file = names.pop()
  const good =
    file !== undefined && FILE.test(file) && !DEVICE.test(file) && names.every((n) => FOLDER.test(n) && !DEVICE.test(n))
  if (!good) throw new FileError('bad_key', 'The file key is not allowed')
}

/** Throws `bad_key` unless some key could start with this. The empty prefix is every file of the bucket. */
export function checkPrefix(prefix: string): void {
  const good =
    prefix.length <= MAX_KEY_LENGTH && /^[a-z0-9_./-]*$/.test(prefix) && !/^[/._-]|\/[/._-]|\.[/.]/.test(prefix)
  if (!good) throw new FileError('bad_key', 'The file prefix is not allowed')
}
