import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { SealedFile } from './place.ts'

const beginning = 'banister-backup-'

/**
 * Writes sealed bytes to the disk of this process, since every place is given the same and an upload that broke off is taken up again. The directory needs room
 * for one backup; what is in it is sealed.
 */
export async function spooled(source: AsyncIterable<Uint8Array>, directory: string): Promise<SealedFile> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const file = path.join(directory, `${beginning}${randomBytes(8).toString('hex')}`)
  const handle = await open(file, 'wx', 0o600)
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const bytes of source) {
      hash.update(bytes)
      size += bytes.byteLength
      await handle.write(bytes)
    }
    return { path: file, size, sha256: hash.digest('hex') }
  } catch (error) {
    await rm(file, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** Removes what killed processes left there; whoever calls holds the lock of backups. */
export async function sweepSpool(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => []))
    if (name.startsWith(beginning)) await rm(path.join(directory, name), { force: true })
}
