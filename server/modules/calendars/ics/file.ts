import { setImmediate } from 'node:timers/promises'
import { draftsOf, type Draft } from './draft.ts'
import { componentsOf, linesOf, type Component } from './lines.ts'
import { propertyOf } from './properties.ts'
import { readEvent, type ReadEvent } from './read.ts'
import { zoneFinder } from './zones.ts'

/** A remark; `reason` is a sentence, with `{name}` filled from `params`. */
export type Skipped = { uid: string | null; component: string; reason: string; params?: Record<string, string> }

export const zoneUnknown = 'The time zone {tzid} is not known; its times are floating'

/** The most components of a file that are read, and how long it may take, in milliseconds. */
const mostEvents = 20_000
const longest = 20_000

/** Reads a whole file; whatever cannot be read is told and costs nothing else. Pure but for the clock that bounds it. */
export async function readFile(bytes: Buffer): Promise<{ drafts: Draft[]; skipped: Skipped[]; notes: Skipped[] }> {
  const ends = performance.now() + longest
  const skipped: Skipped[] = []
  const notes: Skipped[] = []
  const root = componentsOf(linesOf(bytes))
  await setImmediate()
  const calendars = root.components.filter(({ name }) => name === 'VCALENDAR')
  // Events that stand in no calendar are as if in one.
  const loose: Component = { ...root, components: root.components.filter(({ name }) => name !== 'VCALENDAR') }
  if (calendars.length === 0 && loose.components.length === 0)
    skipped.push({ uid: null, component: 'VCALENDAR', reason: 'There is no calendar in the file' })
  const events: ReadEvent[] = []
  let seen = 0
  for (const calendar of [...calendars, loose]) {
    const find = zoneFinder(calendar, ({ tzid, zone }) => {
      const reason = zone === null ? zoneUnknown : 'The time zone {tzid} was read as {zone}'
      notes.push({ uid: null, component: 'VTIMEZONE', reason, params: { tzid, zone: zone ?? '' } })
    })
    for (const component of calendar.components) {
      if (component.name === 'VTIMEZONE') continue
      const skip = (reason: string): void =>
        void skipped.push({ uid: uidIn(component), component: component.name.slice(0, 40), reason })
      if (++seen % 100 === 0) await setImmediate()
      if (component.name !== 'VEVENT') skip('Only events are imported')
      else if (seen > mostEvents) skip('The file has more events than can be imported at once')
      else if (performance.now() > ends) skip('The file takes too long to read')
      else {
        const event = readEvent(component, find)
        if (typeof event === 'string') skip(event)
        else events.push(event)
      }
    }
  }
  const drafts: Draft[] = []
  const refuse = ({ uid }: ReadEvent, reason: string): void => void skipped.push({ uid, component: 'VEVENT', reason })
  let drafted = 0
  for (const [, same] of Map.groupBy(events, ({ uid }) => uid)) {
    if (++drafted % 50 === 0) await setImmediate()
    if (performance.now() > ends) refuse(same[0]!, 'The file takes too long to read')
    else drafts.push(...draftsOf(same, refuse))
  }
  for (const { fields, notes: said } of drafts)
    for (const reason of said) notes.push({ uid: fields.uid, component: 'VEVENT', reason })
  return { drafts, skipped, notes }
}

function uidIn({ lines }: Component): string | null {
  for (const line of lines) {
    const property = propertyOf(line)
    if (property?.name === 'UID') return property.text.slice(0, 255)
  }
  return null
}
