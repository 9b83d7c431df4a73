import { pipeline, Readable, type Duplex } from 'node:stream'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { conflict } from '../errors.ts'
import { Bytes } from './bytes.ts'

/** What is in a backup before it is compressed and sealed: lines of JSON that say what comes, and data. Each frame is a letter, a length and its bytes. */
export type Frame = { json: Record<string, unknown> } | { data: Buffer }

const json = 'J'.charCodeAt(0)
const data = 'D'.charCodeAt(0)
const mostBytes = 64 * 1024 * 1024

/** A frame as it is written. */
export function frameOf(frame: Frame): Buffer {
  const bytes = 'json' in frame ? Buffer.from(JSON.stringify(frame.json)) : frame.data
  const head = Buffer.alloc(5)
  head.writeUInt8('json' in frame ? json : data, 0)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

/** Reads frames one after the other; null at the end. @throws CONFLICT where they are not what `frameOf` wrote */
export function frameReader(source: AsyncIterable<Uint8Array>): {
  next: () => Promise<Frame | null>
  close: () => Promise<void>
} {
  const bytes = new Bytes(source)
  return {
    close: () => bytes.close(),
    next: async () => {
      const head = await bytes.upTo(5)
      if (head.length === 0) return null
      const kind = head[0]
      const length = head.length < 5 ? 0 : head.readUInt32BE(1)
      const body = length > mostBytes ? Buffer.alloc(0) : await bytes.upTo(length)
      if (head.length < 5 || body.length < length || (kind !== json && kind !== data))
        throw conflict('The backup is damaged: {why}', { params: { why: 'its contents break off' } })
      return kind === data ? { data: body } : { json: JSON.parse(body.toString()) as Record<string, unknown> }
    },
  }
}

/** Compresses bytes as they come (Zstandard). */
export const compressed = (source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> =>
  piped(source, createZstdCompress())

/** The bytes before `compressed`. */
export const decompressed = (source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> =>
  piped(source, createZstdDecompress())

async function* piped(source: AsyncIterable<Uint8Array>, through: Duplex): AsyncGenerator<Buffer> {
  const from = Readable.from(source, { objectMode: false })
  // What fails on one side is thrown from the other.
  pipeline(from, through, () => undefined)
  try {
    for await (const bytes of through) yield bytes as Buffer
  } finally {
    from.destroy()
    through.destroy()
  }
}
