import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** A file of a ZIP, read when its turn comes. */
export type ZipEntry = { name: string; bytes: AsyncIterable<Uint8Array>; compress: boolean }

/**
 * A ZIP as a stream: one entry after another is read and packed as fast as the reader takes it, so nothing is whole in memory. An error of an entry is an error
 * of the stream.
 */
export async function* writeZip(entries: AsyncIterable<ZipEntry>, now: Temporal.Instant): AsyncIterable<Uint8Array> {
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  let current: Readable | null = null
  zip.on('error', (error: Error) => output.destroy(error))
  const add = async (): Promise<void> => {
    for await (const { name, bytes, compress } of entries) {
      const stream = Readable.from(bytes)
      current = stream
      zip.addReadStreamLazy(name, { mtime: new Date(now.epochMilliseconds), compress }, (give) => give(null, stream))
      await finished(stream)
    }
    zip.end()
  }
  const adding = add().catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    for await (const chunk of output) yield chunk as Buffer
  } finally {
    // Where the reader leaves early, what is being read is let go.
    output.destroy()
    ;(current as Readable | null)?.destroy()
    await adding
  }
}
