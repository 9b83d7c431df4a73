import { createHash } from 'node:crypto'
import { FileError } from './store.ts'
import type { FileBody, StoredFile } from './store.ts'

/** S3 takes no part but the last below 5 MiB, and at most 10,000 of them: files up to 48 GB. Two are held in memory for each write, so they are no larger. */
const partBytes = 5 * 1024 * 1024

/** Parts that were read already, then the others. */
export async function* chain(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first
  yield* rest
}

/** A body cut into parts of 5 MiB, the last one shorter, hashed and measured on the way; an empty one has none. @throws FileError `too_large`, and the body's own errors */
export function measure(
  body: FileBody,
  maxBytes = Infinity,
): { parts: () => AsyncGenerator<Buffer, undefined>; stored: () => StoredFile } {
  const hash = createHash('sha256')
  let size = 0
  const parts = async function* (): AsyncGenerator<Buffer, undefined> {
    let held: Uint8Array[] = []
    let length = 0
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      size += chunk.byteLength
      if (size > maxBytes) throw new FileError('too_large', 'The file is too large')
      hash.update(chunk)
      held.push(chunk)
      length += chunk.byteLength
      while (length >= partBytes) {
        const bytes = Buffer.concat(held)
        yield bytes.subarray(0, partBytes)
        held = [bytes.subarray(partBytes)]
        length -= partBytes
      }
    }
    if (length > 0) yield Buffer.concat(held)
  }
  return { parts, stored: () => ({ size, sha256: hash.digest('hex') }) }
}
