import { actorOf, type Context } from '../../platform/context.ts'
import { translate } from '../../platform/i18n/index.ts'
import { icalendarOf } from '../../platform/icalendar.ts'
import { zoneOf } from '../../time/zones.ts'
import { syncToken, zoneLines } from '../calendars/index.ts'
import * as paths from './paths.ts'
import type { Resource } from './resources.ts'
import {
  apple,
  c,
  caldav,
  calendarServer,
  d,
  dav,
  escaped,
  href,
  keyOf,
  tag,
  type Name,
  type Xml,
} from './xml/write.ts'

/** The properties that we know (RFC 4918 15, 4791 5.2, 5397, 6578, 6638): what each is of a resource; null where a resource has none. */

/** Larger events are refused; clients are told before. */
export const mostBytesOfObject = 256 * 1024
const mostAttendees = 500

type Value = (resource: Resource, ctx: Context) => Xml | null

const isEvents = ({ kind }: Resource): boolean => kind === 'calendar' || kind === 'invitations'
const isContainer = ({ kind }: Resource): boolean => kind !== 'object'
const onlyEvents =
  (value: Xml): Value =>
  (resource) =>
    isEvents(resource) ? value : null

const resourceTypes: Record<Resource['kind'], Xml> = {
  root: d('collection'),
  principals: d('collection'),
  principal: d('collection') + d('principal'),
  home: d('collection'),
  calendar: d('collection') + c('calendar'),
  invitations: d('collection') + c('calendar'),
  inbox: d('collection') + c('schedule-inbox'),
  outbox: d('collection') + c('schedule-outbox'),
  object: '',
}

const privilege = (...names: Xml[]): Xml => names.map((name) => d('privilege', name)).join('')
const reading = [d('read'), d('read-current-user-privilege-set')]

/** What who asks may do with a resource (RFC 3744 5.4, RFC 4791 6.1, RFC 6638 6). */
function privilegesOf(resource: Resource): Xml {
  const busy = c('read-free-busy')
  if (resource.kind === 'calendar') {
    const { level } = resource.calendar
    if (level < 2) return privilege(d('read-current-user-privilege-set'), busy)
    // Everybody names and colours a calendar for themselves.
    const common = [...reading, busy, d('write-properties')]
    if (level < 3) return privilege(...common)
    return privilege(...common, d('write'), d('write-content'), d('bind'), d('unbind'))
  }
  if (resource.kind === 'object')
    return resource.isReadOnly || resource.head.isBusy
      ? privilege(...reading)
      : privilege(...reading, d('write'), d('write-content'))
  if (resource.kind === 'invitations') return privilege(...reading, d('write-content'), d('unbind'))
  if (resource.kind === 'home') return privilege(...reading, d('bind'), d('unbind'))
  if (resource.kind === 'outbox') return privilege(...reading, c('schedule-send'), c('schedule-send-freebusy'))
  return privilege(...reading)
}

const report = (name: Xml): Xml => d('supported-report', d('report', name))

function reportsOf({ kind }: Resource): Xml {
  if (kind !== 'calendar' && kind !== 'invitations') return ''
  const some = report(c('calendar-query')) + report(c('calendar-multiget')) + report(c('free-busy-query'))
  return kind === 'calendar' ? some + report(d('sync-collection')) : some
}

const own =
  (live: Value, key: Name): Value =>
  (resource, ctx) => {
    const set = resource.kind === 'calendar' && resource.calendar.level < 4 ? resource.own.get(keyOf(key)) : undefined
    return set ?? live(resource, ctx)
  }

const displayName: Value = (resource, ctx) => {
  if (resource.kind === 'calendar') {
    const { calendar } = resource
    const isOwn = calendar.owner_id === actorOf(ctx).userId
    return escaped(isOwn ? calendar.name : `${calendar.name} (${calendar.owner_name})`)
  }
  if (resource.kind === 'invitations') return escaped(translate(ctx.locale, 'Invitations'))
  if (resource.kind === 'principal') return escaped(actorOf(ctx).email)
  return resource.kind === 'object' ? null : resource.kind
}

const tokenOf: Value = (resource) => {
  if (resource.kind === 'calendar' && resource.calendar.level >= 2) return escaped(syncToken(resource.calendar))
  return null
}

const onPrincipal =
  (value: (ctx: Context, userId: number) => Xml): Value =>
  ({ kind }, ctx) =>
    kind === 'principal' || kind === 'home' || kind === 'root' || kind === 'principals'
      ? value(ctx, actorOf(ctx).userId)
      : null

const description: Name = { ns: caldav, name: 'calendar-description' }
const color: Name = { ns: apple, name: 'calendar-color' }
const displayname: Name = { ns: dav, name: 'displayname' }

/** `[name, value, is it answered to allprop]`. */
const table: [Name, Value, boolean?][] = [
  [{ ns: dav, name: 'resourcetype' }, ({ kind }) => resourceTypes[kind], true],
  [displayname, own(displayName, displayname), true],
  [{ ns: dav, name: 'getetag' }, (r) => (r.kind === 'object' ? escaped(r.head.etag) : null), true],
  [
    { ns: dav, name: 'getcontenttype' },
    ({ kind }) => (kind === 'object' ? 'text/calendar; charset=utf-8; component=vevent' : null),
    true,
  ],
  [{ ns: dav, name: 'current-user-principal' }, (_, ctx) => href(paths.principalPath(ctx, actorOf(ctx).userId))],
  [
    { ns: dav, name: 'principal-URL' },
    ({ kind }, ctx) => (kind === 'principal' ? href(paths.principalPath(ctx, actorOf(ctx).userId)) : null),
  ],
  [{ ns: dav, name: 'principal-collection-set' }, (_, ctx) => href(paths.principalsPath(ctx))],
  [
    { ns: dav, name: 'owner' },
    (r, ctx) =>
      r.kind === 'calendar' && r.calendar.level < 4 ? null : href(paths.principalPath(ctx, actorOf(ctx).userId)),
  ],
  [{ ns: dav, name: 'current-user-privilege-set' }, privilegesOf],
  [{ ns: dav, name: 'supported-report-set' }, (r) => (isContainer(r) ? reportsOf(r) : null)],
  [{ ns: dav, name: 'sync-token' }, tokenOf],
  [{ ns: calendarServer, name: 'getctag' }, (r, ctx) => (r.kind === 'invitations' ? escaped(r.tag) : tokenOf(r, ctx))],
  [{ ns: caldav, name: 'calendar-home-set' }, onPrincipal((ctx, id) => href(paths.homePath(ctx, id)))],
  [
    { ns: caldav, name: 'calendar-user-address-set' },
    onPrincipal((ctx, id) => href(`mailto:${actorOf(ctx).email}`) + href(paths.principalPath(ctx, id))),
  ],
  [{ ns: caldav, name: 'calendar-user-type' }, onPrincipal(() => 'INDIVIDUAL')],
  [
    { ns: calendarServer, name: 'email-address-set' },
    onPrincipal((ctx) => tag({ ns: calendarServer, name: 'email-address' }, escaped(actorOf(ctx).email))),
  ],
  [
    { ns: caldav, name: 'schedule-inbox-URL' },
    onPrincipal((ctx, id) => href(paths.collectionPath(ctx, id, paths.inbox))),
  ],
  [
    { ns: caldav, name: 'schedule-outbox-URL' },
    onPrincipal((ctx, id) => href(paths.collectionPath(ctx, id, paths.outbox))),
  ],
  [
    description,
    own(
      (r) => (r.kind === 'calendar' && r.calendar.description !== '' ? escaped(r.calendar.description) : null),
      description,
    ),
    true,
  ],
  [color, own((r) => (r.kind === 'calendar' ? escaped(r.calendar.color) : null), color), true],
  [
    { ns: caldav, name: 'calendar-timezone' },
    (r) => {
      if (r.kind !== 'calendar') return null
      const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Banister//Calendar//EN']
      return escaped(icalendarOf([...lines, ...zoneLines(zoneOf(r.calendar.time_zone), 2000), 'END:VCALENDAR']))
    },
  ],
  [{ ns: caldav, name: 'supported-calendar-component-set' }, onlyEvents(c('comp', '', { name: 'VEVENT' }))],
  [
    { ns: caldav, name: 'supported-calendar-data' },
    onlyEvents(c('calendar-data', '', { 'content-type': 'text/calendar', version: '2.0' })),
  ],
  [{ ns: caldav, name: 'max-resource-size' }, onlyEvents(String(mostBytesOfObject))],
  [{ ns: caldav, name: 'max-attendees-per-instance' }, onlyEvents(String(mostAttendees))],
  [
    { ns: caldav, name: 'supported-collation-set' },
    onlyEvents(
      ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap'].map((one) => c('supported-collation', one)).join(''),
    ),
  ],
  [
    { ns: caldav, name: 'schedule-calendar-transp' },
    (r) => (r.kind === 'calendar' ? c(r.calendar.level === 4 ? 'opaque' : 'transparent') : null),
  ],
]

const byKey = new Map(table.map(([name, value, isAll]) => [keyOf(name), { value, isAll: isAll === true }]))

/** Everybody may set these of a calendar; all others that we know are not for clients to set. */
export const settable = new Set([displayname, description, color, { ns: caldav, name: 'calendar-timezone' }].map(keyOf))
export const isProtected = (key: string): boolean => byKey.has(key) && !settable.has(key)

/** A property of a resource; null where it has none of this name. */
export function propertyOf(resource: Resource, key: string, ctx: Context): Xml | null {
  const known = byKey.get(key)
  if (known) return known.value(resource, ctx)
  return resource.kind === 'calendar' ? (resource.own.get(key) ?? null) : null
}

/** The names of all that a resource has; with `common` only of those that are answered to allprop. */
export function namesOf(resource: Resource, ctx: Context, common: boolean): string[] {
  const live = [...byKey].filter(([, { isAll }]) => isAll || !common).map(([key]) => key)
  const set = resource.kind === 'calendar' ? [...resource.own.keys()].filter((key) => !byKey.has(key)) : []
  return [...live, ...set].filter((key) => propertyOf(resource, key, ctx) !== null)
}
