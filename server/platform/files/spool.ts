import { createHash, randomUUID } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { FileError } from './store.ts'

/** Bytes that can be read anywhere, without all of them in memory. */
export interface Readout {
  size: number
  /** The bytes from a position on; fewer at the end. */
  read(position: number, length: number): Promise<Buffer>
}

/** An upload on the disk, while it is looked into. It has no name there, so a crash leaves nothing. */
export interface Spool extends Readout {
  /** Lower-case hex. */
  sha256: string
  /** The bytes from the beginning, in pieces; can be asked for again. */
  stream(): AsyncIterable<Uint8Array>
  /** Frees the disk. */
  close(): Promise<void>
}

const PIECE = 64 * 1024

/** Writes bytes to a nameless file as they come. @throws FileError `too_large` as soon as they are more than `maxBytes`, and the errors of the body */
export async function spool(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Spool> {
  const file = path.join(tmpdir(), `banister-upload-${randomUUID()}`)
  const handle = await open(file, 'wx+', 0o600)
  try {
    // Removed while it is open: its bytes live as long as the handle. Where a system refuses, `close` removes it.
    await rm(file, { force: true }).catch(() => undefined)
    const hash = createHash('sha256')
    let size = 0
    for await (const piece of body) {
      size += piece.byteLength
      if (size > maxBytes) throw new FileError('too_large', 'The file is too large')
      hash.update(piece)
      await handle.write(piece)
    }
    return spoolOf(handle, file, size, hash.digest('hex'))
  } catch (error) {
    await handle.close()
    await rm(file, { force: true })
    throw error
  }
}

function spoolOf(handle: FileHandle, file: string, size: number, sha256: string): Spool {
  const read = async (position: number, length: number): Promise<Buffer> => {
    const wanted = Math.max(0, Math.min(length, size - position))
    const buffer = Buffer.alloc(wanted)
    let filled = 0
    while (filled < wanted) {
      const { bytesRead } = await handle.read(buffer, filled, wanted - filled, position + filled)
      if (bytesRead === 0) throw new Error('an upload on the disk has lost its end')
      filled += bytesRead
    }
    return buffer
  }
  return { size, sha256, read, stream: () => pieces({ size, read }), close: () => closed(handle, file) }
}

async function closed(handle: FileHandle, file: string): Promise<void> {
  await handle.close()
  await rm(file, { force: true })
}

/** Bytes from a position to another, piece by piece. */
export async function* pieces(file: Readout, from = 0, to = file.size): AsyncIterable<Buffer> {
  for (let at = from; at < to; at += PIECE) yield await file.read(at, Math.min(PIECE, to - at))
}

/** Bytes in memory as a file that can be read anywhere. */
export const readoutOf = (bytes: Uint8Array): Readout => ({
  size: bytes.byteLength,
  read: async (position, length) => Buffer.from(bytes.subarray(position, position + length)),
})
