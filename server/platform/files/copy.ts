import { BUCKETS } from './store.ts'
import type { FileStore } from './store.ts'

/**
 * Copies every file of one store into another: to move an installation. Nothing is deleted. A file that is there already with as many bytes is passed over, so
 * that it can be repeated: once while the house is open, and once more, quickly, while it is closed. One that goes meanwhile is nobody's loss.
 */
export async function copyFiles(
  from: FileStore,
  to: FileStore,
  now: Temporal.Instant,
): Promise<{ copied: number; skipped: number; bytes: number }> {
  const done = { copied: 0, skipped: 0, bytes: 0 }
  await to.prepare(now)
  for (const bucket of BUCKETS) {
    for await (const { key, size } of from.list(bucket)) {
      if ((await to.stat(bucket, key))?.size === size) {
        done.skipped++
        continue
      }
      const file = await from.get(bucket, key)
      if (file === null) continue
      // The type is a column of whoever stored it, and it is they who serve it.
      const stored = await to.put(bucket, key, file.stream, { contentType: 'application/octet-stream' })
      if (stored.size !== file.size) throw new Error(`${bucket}/${key} was copied with another size`)
      done.copied++
      done.bytes += stored.size
    }
  }
  return done
}
