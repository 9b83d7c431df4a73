/** Names of backups and which of them are kept. Pure. */

export const kinds = ['database', 'files'] as const
export type Kind = (typeof kinds)[number]

/** `database-20260112t120000z-86b0ab6d-3f1f`: what it is, when it was made, the beginning of its key's fingerprint, and four digits of chance. */
const shape = /^(database|files)-(\d{8}t\d{6}z)-([0-9a-f]{8})-([0-9a-f]{4})$/

export type Named = { name: string; kind: Kind; at: Temporal.Instant; owner: string }

/** The name of a backup. `fingerprint` is its key's, `chance` some hexadecimal digits. */
export function nameOf(kind: Kind, at: Temporal.Instant, fingerprint: string, chance: string): string {
  const stamp = at.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '').toLowerCase()
  return `${kind}-${stamp}-${fingerprint.slice(0, 8)}-${chance.slice(0, 4)}`
}

/** What a name says; null where it is none of a backup. */
export function parseName(name: string): Named | null {
  const [, kind, stamp = '', owner = ''] = shape.exec(name) ?? []
  if (kind === undefined) return null
  const text = stamp.replace(/^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z$/, '$1-$2-$3T$4:$5:$6Z')
  try {
    return { name, kind: kind as Kind, at: Temporal.Instant.from(text), owner }
  } catch {
    return null
  }
}

/** Where it lies in a place, `database/20260112t120000z-86b0ab6d-3f1f.backup`, and back. */
export const keyOfName = (name: string): string => `${name.replace('-', '/')}.backup`
export const nameOfKey = (key: string): string => key.replace(/\.backup$/, '').replace('/', '-')
/** Where a content of files lies; the folders keep directories small. */
export const contentsOf = (fingerprint: string): string => `contents/${fingerprint.slice(0, 8)}/`
export const keyOfContent = (fingerprint: string, content: string): string =>
  `${contentsOf(fingerprint)}${content.slice(0, 2)}/${content}.content`

export type Keeping = { days: number; weeks: number; zone: string; now: Temporal.Instant }

/**
 * Which backups of one kind are to be deleted: all of the last days stay, of the last weeks the last good one of each, and the last good one whatever its age.
 * While none is known to be good, the newest stays. `isGood` says whether it was restored and found to be the same (or, of files, whole).
 */
export function outlived(backups: readonly (Named & { isGood: boolean })[], keeping: Keeping): string[] {
  const { now, zone, days, weeks } = keeping
  const newestFirst = backups.toSorted((a, b) => Temporal.Instant.compare(b.at, a.at))
  const today = now.toZonedDateTimeISO(zone).startOfDay()
  const [firstDay, firstWeek] = [today.subtract({ days }), today.subtract({ weeks })]
  const kept = new Set<string>()
  const last = newestFirst.find(({ isGood }) => isGood) ?? newestFirst[0]
  if (last) kept.add(last.name)
  const seen = new Set<string>()
  for (const { name, at, isGood } of newestFirst) {
    const local = at.toZonedDateTimeISO(zone)
    if (Temporal.ZonedDateTime.compare(local, firstDay) >= 0) kept.add(name)
    const week = `${local.yearOfWeek}-${local.weekOfYear}`
    if (!isGood || seen.has(week) || Temporal.ZonedDateTime.compare(local, firstWeek) < 0) continue
    seen.add(week)
    kept.add(name)
  }
  return newestFirst.filter(({ name }) => !kept.has(name)).map(({ name }) => name)
}

/** A backup a day, and half a day of patience: what is older is told by health. */
export const patience = Temporal.Duration.from({ hours: 36 })
