import { isZone, resolveSeconds, zoneOf, type Zone } from '../../time/zones.ts'
import {
  componentsOf,
  overlaps,
  propertyOf,
  reminds,
  timeOf,
  type Component,
  type DavObject,
} from '../calendars/index.ts'
import { refuse } from './refuse.ts'
import { spanOf } from './time-range.ts'
import { child, children, elementsOf, textOf, type Element } from './xml/read.ts'
import { caldav } from './xml/write.ts'

/** Filters of calendar-query (RFC 4791 9.7). Times are asked of occurrences, everything else of the text as clients see it. */

/** More conditions than any client has. */
const mostConditions = 200

export type Filter = {
  root: Element
  /** The span that every event found overlaps, where the filter says one. */
  span: { from: number; to: number } | null
  /** Only that something is an event is asked, and perhaps when. */
  isPlain: boolean
  /** Nothing that we keep can be found. */
  isEmpty: boolean
}

/** @throws PERMISSION_DENIED for what is no filter, or none that we follow */
export function filterOf(element: Element | undefined): Filter {
  const root = element && child(element, caldav, 'comp-filter')
  if (!root || root.attributes['name']?.toUpperCase() !== 'VCALENDAR') throw refuse('valid-filter')
  checked(root, { left: mostConditions })
  const comps = children(root, caldav, 'comp-filter')
  const event = comps.find(({ attributes }) => attributes['name']?.toUpperCase() === 'VEVENT')
  const range = event && child(event, caldav, 'time-range')
  const others = elementsOf(root).filter((one) => one !== event)
  const inner = event ? elementsOf(event).filter((one) => one !== range) : []
  const isElsewhere = comps.some(
    (one) =>
      one !== event && !child(one, caldav, 'is-not-defined') && one.attributes['name']?.toUpperCase() !== 'VTIMEZONE',
  )
  return {
    root,
    span: range ? spanOf(range) : null,
    isPlain: others.length + inner.length === 0,
    isEmpty: isElsewhere,
  }
}

const known: Record<string, readonly string[]> = {
  'comp-filter': ['comp-filter', 'prop-filter', 'time-range', 'is-not-defined'],
  'prop-filter': ['param-filter', 'text-match', 'time-range', 'is-not-defined'],
  'param-filter': ['text-match', 'is-not-defined'],
}
const collations = ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap', 'default']

function checked(element: Element, count: { left: number }): void {
  if (--count.left < 0) throw refuse('supported-filter')
  if (element.name in known && element.attributes['name'] === undefined) throw refuse('valid-filter')
  if (element.name === 'time-range') spanOf(element)
  if (element.name === 'text-match' && !collations.includes(element.attributes['collation'] ?? 'default'))
    throw refuse('supported-collation')
  for (const one of elementsOf(element)) {
    if (one.ns !== caldav || !known[element.name]?.includes(one.name)) throw refuse('supported-filter')
    checked(one, count)
  }
}

/** Does an object pass the filter? Floating times and dates are read in the zone. */
export function passes(object: DavObject, { root }: Filter, zone: Zone): boolean {
  const [calendar] = componentsOf(object.lines).components
  return calendar !== undefined && holds([calendar], root, { object, zone })
}

type Where = { object: DavObject; zone: Zone }

const isUndefinedWanted = (filter: Element): boolean => child(filter, caldav, 'is-not-defined') !== undefined

function holds(all: readonly Component[], filter: Element, where: Where): boolean {
  const name = filter.attributes['name']?.toUpperCase()
  const found = all.filter((one) => one.name === name)
  if (isUndefinedWanted(filter)) return found.length === 0
  if (found.length === 0) return false
  const range = child(filter, caldav, 'time-range')
  if (range && !isWithin(name, range, where)) return false
  return found.some(
    (component) =>
      children(filter, caldav, 'prop-filter').every((one) => propHolds(component, one, where.zone)) &&
      children(filter, caldav, 'comp-filter').every((one) => holds(component.components, one, where)),
  )
}

function isWithin(name: string | undefined, range: Element, { object, zone }: Where): boolean {
  const span = { ...spanOf(range), zone }
  if (name === 'VEVENT') return overlaps(object, span)
  if (name === 'VALARM') return reminds(object, span)
  throw refuse('supported-filter')
}

function propHolds({ lines }: Component, filter: Element, zone: Zone): boolean {
  const name = filter.attributes['name']?.toUpperCase()
  const found = lines.flatMap((line) => propertyOf(line) ?? []).filter((one) => one.name === name)
  if (isUndefinedWanted(filter)) return found.length === 0
  const range = child(filter, caldav, 'time-range')
  const match = child(filter, caldav, 'text-match')
  const params = children(filter, caldav, 'param-filter')
  return found.some(
    (property) =>
      (!range || timeHolds(property, range, zone)) &&
      (!match || textHolds(property.text, match)) &&
      params.every((one) => paramHolds(property.params, one)),
  )
}

function paramHolds(params: Readonly<Record<string, string>>, filter: Element): boolean {
  const value = params[filter.attributes['name']?.toLowerCase() ?? '']
  if (isUndefinedWanted(filter)) return value === undefined
  const match = child(filter, caldav, 'text-match')
  return value !== undefined && (!match || textHolds(value, match))
}

function textHolds(text: string, match: Element): boolean {
  const { collation = 'i;ascii-casemap', 'negate-condition': negate = 'no' } = match.attributes
  const fold = (said: string): string => {
    if (collation === 'i;octet') return said
    return collation === 'i;unicode-casemap'
      ? said.normalize('NFKC').toLowerCase()
      : said.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
  }
  // Blanks around it count.
  const wanted = match.content.map((one) => (typeof one === 'string' ? one : textOf(one))).join('')
  return fold(text).includes(fold(wanted)) !== (negate === 'yes')
}

function timeHolds(
  { raw, params }: { raw: string; params: Readonly<Record<string, string>> },
  range: Element,
  zone: Zone,
): boolean {
  const time = timeOf(raw, params['tzid'], (tzid) => (isZone(tzid) ? zoneOf(tzid) : null))
  if (!time) return false
  const { from, to } = spanOf(range)
  const near = time.form === 'utc' ? null : (time.zone ?? zone)
  const second = near ? resolveSeconds(near, time.wall) : time.wall
  return second >= from && second < to
}
