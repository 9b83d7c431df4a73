import { expand, readSeries } from '../../../time/recurrence/index.ts'
import { dayNumber, isZone, offsetSecondsAt, zoneOf, type Zone } from '../../../time/zones.ts'
import { readMoment } from '../rules/moments.ts'
import type { Component } from './lines.ts'
import { propertyOf } from './properties.ts'
import type { ZoneFinder } from './times.ts'
import { zoneOfWindows, zonesToCompare } from './windows-zones.ts'

/** Which IANA zone a TZID means. A file's own VTIMEZONE is asked last: names are kept up to date, rules in files are not. */

/** More names of zones than any file has. */
const mostZones = 200

export type ZoneNote = { tzid: string; zone: string | null }

/** The finder for one VCALENDAR. What it had to guess it notes, each TZID once. */
export function zoneFinder(calendar: Component, note: (note: ZoneNote) => void): ZoneFinder {
  const definitions = new Map<string, Component>()
  for (const one of calendar.components) {
    if (one.name !== 'VTIMEZONE') continue
    const tzid = valueOf(one, 'TZID')
    if (tzid !== undefined) definitions.set(tzid, one)
  }
  const known = new Map<string, Zone | null>()
  return (given, year) => {
    const tzid = given.trim().replaceAll(/^"|"$/g, '')
    let zone = known.get(tzid)
    if (zone !== undefined) return zone
    zone = known.size < mostZones ? byName(tzid) : null
    if (!zone && known.size < mostZones) {
      const definition = definitions.get(tzid)
      const location = definition && valueOf(definition, 'X-LIC-LOCATION')
      zone = (location === undefined ? null : byName(location)) ?? (definition ? byRules(definition, year) : null)
      note({ tzid: tzid.slice(0, 100), zone: zone?.id ?? null })
    }
    known.set(tzid, zone)
    return zone
  }
}

const valueOf = (component: Component, name: string): string | undefined =>
  component.lines.map(propertyOf).find((property) => property?.name === name)?.text

/** An IANA name, also behind a prefix (`/freeassociation.sourceforge.net/Europe/Berlin`, `posix/Europe/Vaduz`), or a name of Windows. */
function byName(tzid: string): Zone | null {
  if (tzid.length > 200) return null
  const parts = tzid.split('/').filter(Boolean)
  for (let from = 0; from < parts.length && from < 8; from++) {
    const name = parts.slice(from).join('/')
    if (isZone(name)) return zoneOf(name)
  }
  const windows = zoneOfWindows(tzid)
  return windows !== undefined && isZone(windows) ? zoneOf(windows) : null
}

/** From this wall second on the offset is `after`. */
type Turn = { wall: number; before: number; after: number }

/** How far the rules may be from those of a zone: a few weeks of two years, since programs write the rules of one year for all. */
const probes = 104
const mostDifferent = 6

/** The zone whose offsets in two years around are nearest to the rules of a VTIMEZONE (3.6.5); null where none is near. */
function byRules(definition: Component, year: number): Zone | null {
  const from = dayNumber(Math.min(Math.max(year, 1971), 2100), 1, 1) * 86_400
  const turns = definition.components
    .slice(0, 50)
    .flatMap((one) => turnsOf(one, from))
    .toSorted((a, b) => a.wall - b.wall)
  const first = turns[0]
  if (!first) return null
  const seconds = Array.from({ length: probes }, (_, week) => from + week * 7 * 86_400 + 43_200)
  const wanted = seconds.map((second) => {
    let offset = first.before
    for (const turn of turns) {
      if (turn.wall - turn.before > second) break
      offset = turn.after
    }
    return offset
  })
  let best: { zone: Zone; different: number } | null = null
  for (const name of zonesToCompare) {
    if (!isZone(name)) continue
    const zone = zoneOf(name)
    const different = wanted.filter((offset, i) => offsetSecondsAt(zone, seconds[i]!) !== offset).length
    if (different <= mostDifferent && (!best || different < best.different)) best = { zone, different }
    if (different === 0) break
  }
  if (best) return best.zone
  const offset = wanted[0]!
  const hours = offset / 3600
  const fixed = `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
  return wanted.every((one) => one === offset) && isZone(fixed) ? zoneOf(fixed) : null
}

const offsetForm = /^([+-])(\d\d):?(\d\d):?(\d\d)?$/

function offsetIn(text: string | undefined): number | null {
  const found = offsetForm.exec(text?.trim() ?? '')
  if (!found || Number(found[2]) > 23) return null
  const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0)
  return found[1] === '-' ? -seconds : seconds
}

/** The turns of one STANDARD or DAYLIGHT: its first one, its RDATEs, and those of its rule around this time. */
function turnsOf(observance: Component, from: number): Turn[] {
  const before = offsetIn(valueOf(observance, 'TZOFFSETFROM'))
  const after = offsetIn(valueOf(observance, 'TZOFFSETTO'))
  const start = momentOf(valueOf(observance, 'DTSTART') ?? '')
  if (after === null || start === null) return []
  const walls = [start]
  for (const line of observance.lines.slice(0, 500)) {
    const property = propertyOf(line)
    if (property?.name === 'RDATE') walls.push(...property.raw.split(',').flatMap((text) => momentOf(text) ?? []))
    if (property?.name === 'RRULE') walls.push(...rule(property.raw, start, from))
  }
  return walls.map((wall) => ({ wall, before: before ?? after, after }))
}

function momentOf(text: string): number | null {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(text.trim())
  if (!found) return null
  const [, year, month, day, hour, minute, second] = found
  const moment = readMoment(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
  return moment?.form === 'local' ? moment.wall : null
}

/** A rule from 1601 would be followed for long: it is begun some years before the span, on the same date. */
function rule(text: string, start: number, from: number): number[] {
  const begins = Temporal.Instant.fromEpochMilliseconds(start * 1000).toZonedDateTimeISO('UTC')
  const near = Temporal.Instant.fromEpochMilliseconds(from * 1000).toZonedDateTimeISO('UTC').year - 3
  const first =
    begins.year < near && !/COUNT|INTERVAL=(?!1(?!\d))/i.test(text)
      ? begins.with({ year: near, month: 1, day: 1 })
      : begins
  try {
    const dtstart = first.toPlainDateTime().toString({ smallestUnit: 'second' })
    const series = readSeries({ kind: 'floating', dtstart, rrule: text.replace(/(UNTIL=\d{8}T\d{6})Z/i, '$1') })
    const { occurrences } = expand(series, from - 4 * 366 * 86_400, from + 3 * 366 * 86_400, { limit: 50 })
    // The start that was put there is no turn of its own.
    const made = first === begins ? null : first.epochMilliseconds / 1000
    return occurrences.map((one) => one.start).filter((wall) => wall !== made)
  } catch {
    return []
  }
}
