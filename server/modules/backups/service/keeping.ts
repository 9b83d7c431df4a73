import { frameReader, decompressed } from '../../../platform/backup/frames.ts'
import { backupKeysOf } from '../../../platform/backup/keys.ts'
import type { Place } from '../../../platform/backup/place.ts'
import { unseal } from '../../../platform/backup/sealed.ts'
import type { Context } from '../../../platform/context.ts'
import { goodAmong, markDeleted } from '../queries.ts'
import { contentsOf, keyOfName, nameOfKey, outlived, parseName, type Kind, type Named } from '../rules.ts'
import { sourceIn } from './database.ts'

/** The backups that lie in a place, whoever made them. */
export async function* backupsIn(place: Place, kind: Kind): AsyncGenerator<Named & { size: number }> {
  for await (const { key, size } of place.list(`${kind}/`)) {
    const named = parseName(nameOfKey(key))
    if (named) yield { ...named, size }
  }
}

/** Is it sealed with a key of this house? Another house may keep its backups in the same place, and they are not ours to delete. */
const isOwn = (ctx: Context, { owner }: Named): boolean =>
  backupKeysOf(ctx.house.config).some(({ fingerprint }) => fingerprint.startsWith(owner))

/** Deletes what has outlived its days and weeks in one place. Answers the names. */
export async function deleteOutlived(ctx: Context, place: Place, kind: Kind): Promise<string[]> {
  const { BACKUP_KEEP_DAYS: days, BACKUP_KEEP_WEEKS: weeks, TIME_ZONE: zone } = ctx.house.config
  const own = (await Array.fromAsync(backupsIn(place, kind))).filter((named) => isOwn(ctx, named))
  const good = await goodAmong(
    ctx,
    own.map(({ name }) => name),
  )
  const backups = own.map((named) => ({ ...named, isGood: good.has(named.name) }))
  const names = outlived(backups, { now: ctx.now, zone, days, weeks })
  for (const name of names) await place.delete(keyOfName(name))
  await markDeleted(ctx, names)
  return names
}

/** Deletes contents of files that no backup in this place names any more. While one of them cannot be read, nothing is: it may name any of them. */
export async function deleteUnnamed(ctx: Context, place: Place): Promise<number> {
  const keys = backupKeysOf(ctx.house.config)
  const named = new Set<string>()
  for await (const backup of backupsIn(place, 'files')) {
    if (!isOwn(ctx, backup)) continue
    const { body } = await unseal(await sourceIn(place, keyOfName(backup.name))(), keys)
    const reader = frameReader(decompressed(body))
    try {
      for (let frame = await reader.next(); frame; frame = await reader.next())
        if ('json' in frame && typeof frame.json['content'] === 'string') named.add(frame.json['content'])
    } finally {
      await reader.close()
    }
  }
  let deleted = 0
  for (const { fingerprint } of keys) {
    const unnamed: string[] = []
    for await (const { key } of place.list(contentsOf(fingerprint))) if (!named.has(key)) unnamed.push(key)
    for (const key of unnamed) await place.delete(key)
    deleted += unnamed.length
  }
  return deleted
}
