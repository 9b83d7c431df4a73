import type { Context } from '../../platform/context.ts'
import type { AppError } from '../../platform/errors.ts'
import { icalendarOf } from '../../platform/icalendar.ts'
import type { Zone } from '../../time/zones.ts'
import {
  componentsOf,
  expanded,
  limited,
  namesFor,
  propertyOf,
  type Component,
  type DavObject,
} from '../calendars/index.ts'
import type { Special } from './multistatus.ts'
import { refuse } from './refuse.ts'
import { spanOf } from './time-range.ts'
import { child, children, is, type Element } from './xml/read.ts'
import { caldav, escaped } from './xml/write.ts'

/** The data of an event as a report asks for it: whole, or some of its parts, occurrence by occurrence, or with few exceptions (RFC 4791 9.6). */

export const isCalendarData = (element: Element): boolean => is(element, caldav, 'calendar-data')

/** How `calendar-data` of some objects is written. @throws PERMISSION_DENIED for a form that we do not have */
export async function calendarData(
  ctx: Context,
  wanted: readonly Element[],
  objects: readonly DavObject[],
  zone: Zone,
): Promise<(object: DavObject) => Special> {
  const asked = wanted.find(isCalendarData)
  if (!asked) return () => () => null
  const { 'content-type': type = 'text/calendar', version = '2.0' } = asked.attributes
  if (!/^text\/calendar$/i.test(type) || version !== '2.0') throw refuse('supported-calendar-data')
  const expand = child(asked, caldav, 'expand')
  const limit = child(asked, caldav, 'limit-recurrence-set')
  const comp = child(asked, caldav, 'comp')
  const cut = expand ?? limit
  const span = cut ? { ...spanOf(cut), zone } : null
  if (expand && !(expand.attributes['start'] && expand.attributes['end'])) throw refuse('valid-calendar-data')
  const names = span
    ? await namesFor(
        ctx,
        objects.filter(({ isBusy }) => !isBusy).map(({ whole }) => whole),
      )
    : null
  let left = mostInstances
  const linesOf = (object: DavObject): string[] => {
    if (!span || !names) return object.lines
    const lines = expand ? expanded(object, span, names) : limited(object, span, names)
    left -= lines.length
    if (left < 0) throw tooMany()
    return lines
  }
  return (object) => (one) => {
    if (!isCalendarData(one)) return null
    if (!span && !comp) return escaped(object.text)
    const lines = linesOf(object)
    return escaped(icalendarOf(comp ? partsOf(lines, comp) : lines))
  }
}

/** More lines than these of expanded events no client reads. */
const mostInstances = 600_000
const tooMany = (): AppError => refuse('number-of-matches-within-limits')

/** The components and properties that are asked for by name (9.6.1 to 9.6.4). */
function partsOf(lines: readonly string[], asked: Element): string[] {
  const [calendar] = componentsOf(lines).components
  return calendar ? writtenParts(calendar, asked) : [...lines]
}

function writtenParts(component: Component, asked: Element): string[] {
  const every = (name: string): boolean => child(asked, caldav, name) !== undefined
  const props = children(asked, caldav, 'prop').map(({ attributes }) => attributes['name']?.toUpperCase())
  const comps = children(asked, caldav, 'comp')
  // Where nothing is named below it, all of it is meant.
  const isAll = props.length + comps.length === 0 && !every('allprop') && !every('allcomp')
  const allProps = isAll || every('allprop')
  const lines = component.lines.filter((line) => allProps || props.includes(propertyOf(line)?.name))
  const inner = component.components.flatMap((one) => {
    const wanted = comps.find(({ attributes }) => attributes['name']?.toUpperCase() === one.name)
    if (wanted) return writtenParts(one, wanted)
    return isAll || every('allcomp') ? whole(one) : []
  })
  return [`BEGIN:${component.name}`, ...lines, ...inner, `END:${component.name}`]
}

const whole = ({ name, lines, components }: Component): string[] => [
  `BEGIN:${name}`,
  ...lines,
  ...components.flatMap(whole),
  `END:${name}`,
]
