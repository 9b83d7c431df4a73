import { actorOf, type Context } from '../../platform/context.ts'
import { denied, notFound } from '../../platform/errors.ts'
import {
  findCollection,
  findObjects,
  listCollections,
  listObjects,
  nameOfCollection,
  tagOfInvitations,
  type CalendarRow,
  type Collection,
  type Head,
} from '../calendars/index.ts'
import * as paths from './paths.ts'
import type { Target } from './paths.ts'
import { propertiesSet } from './queries.ts'

/** What there is at an address, as who asks may know of it. */

export type CalendarResource = {
  kind: 'calendar'
  path: string
  name: string
  calendar: CalendarRow
  /** Properties that this person's clients have set. */
  own: ReadonlyMap<string, string>
}
export type InvitationsResource = { kind: 'invitations'; path: string; name: string; tag: string }
export type ObjectResource = { kind: 'object'; path: string; head: Head; isReadOnly: boolean }
export type Resource =
  | { kind: 'root' | 'principals' | 'principal' | 'home' | 'inbox' | 'outbox'; path: string }
  | CalendarResource
  | InvitationsResource
  | ObjectResource

/** The tree of who asks; everybody else's is none. */
export function requireOwn(ctx: Context, user: string): number {
  const { userId } = actorOf(ctx)
  if (user !== String(userId)) throw notFound('page')
  return userId
}

/** @throws NOT_FOUND for what is not there, and for everything that is others' */
export async function resourceAt(ctx: Context, target: Target): Promise<Resource> {
  if (target.kind === 'root') return { kind: 'root', path: paths.rootPath(ctx) }
  if (target.kind === 'principals') return { kind: 'principals', path: paths.principalsPath(ctx) }
  const userId = requireOwn(ctx, target.user)
  if (target.kind === 'principal') return { kind: 'principal', path: paths.principalPath(ctx, userId) }
  if (target.kind === 'home') return { kind: 'home', path: paths.homePath(ctx, userId) }
  if (target.kind === 'collection') return collectionAt(ctx, target.collection)
  const { collection, name } = await collectionOf(ctx, target.collection)
  const [head] = await findObjects(ctx, collection, [target.name])
  if (!head) throw notFound('event')
  return objectResource(ctx, collection, name, head)
}

export async function collectionAt(ctx: Context, name: string): Promise<Resource> {
  const { userId } = actorOf(ctx)
  if (name === paths.inbox || name === paths.outbox)
    return { kind: name, path: paths.collectionPath(ctx, userId, name) }
  if (name === paths.invitations) return invitationsResource(ctx)
  const calendar = await findCollection(ctx, name)
  const own = (await propertiesSet(ctx, userId, [calendar.id])).get(calendar.id) ?? new Map()
  return calendarResource(ctx, calendar, own)
}

/** What holds events: a calendar or the invitations. @throws NOT_FOUND */
export async function collectionOf(ctx: Context, name: string): Promise<{ collection: Collection; name: string }> {
  if (name === paths.invitations) return { collection: 'invitations', name }
  const calendar = await findCollection(ctx, name)
  return { collection: calendar, name: nameOfCollection(calendar, actorOf(ctx).userId) }
}

function calendarResource(ctx: Context, calendar: CalendarRow, own: ReadonlyMap<string, string>): CalendarResource {
  const { userId } = actorOf(ctx)
  const name = nameOfCollection(calendar, userId)
  return { kind: 'calendar', path: paths.collectionPath(ctx, userId, name), name, calendar, own }
}

async function invitationsResource(ctx: Context): Promise<InvitationsResource> {
  const name = paths.invitations
  const path = paths.collectionPath(ctx, actorOf(ctx).userId, name)
  return { kind: 'invitations', path, name, tag: await tagOfInvitations(ctx) }
}

export function objectResource(ctx: Context, collection: Collection, name: string, head: Head): ObjectResource {
  const path = paths.objectPath(ctx, actorOf(ctx).userId, name, head.name)
  return { kind: 'object', path, head, isReadOnly: collection !== 'invitations' && collection.level < 3 }
}

/** @throws PERMISSION_DENIED for a calendar of which one sees only busy times */
export function requireRead(collection: Collection): void {
  if (collection !== 'invitations' && collection.level < 2)
    throw denied('Your access to this calendar does not allow this')
}

/** What stands directly below: of the home all calendars, of a calendar all events. @throws PERMISSION_DENIED for a calendar of which one sees only busy times */
export async function membersOf(ctx: Context, resource: Resource): Promise<Resource[]> {
  const { userId } = actorOf(ctx)
  if (resource.kind === 'root') {
    return [
      { kind: 'principals', path: paths.principalsPath(ctx) },
      { kind: 'home', path: paths.homePath(ctx, userId) },
    ]
  }
  if (resource.kind === 'principals') return [{ kind: 'principal', path: paths.principalPath(ctx, userId) }]
  if (resource.kind === 'home') {
    const calendars = await listCollections(ctx)
    const own = await propertiesSet(
      ctx,
      userId,
      calendars.map(({ id }) => id),
    )
    return [
      ...calendars.map((calendar) => calendarResource(ctx, calendar, own.get(calendar.id) ?? new Map())),
      await invitationsResource(ctx),
      { kind: 'inbox', path: paths.collectionPath(ctx, userId, paths.inbox) },
      { kind: 'outbox', path: paths.collectionPath(ctx, userId, paths.outbox) },
    ]
  }
  if (resource.kind !== 'calendar' && resource.kind !== 'invitations') return []
  const collection = resource.kind === 'calendar' ? resource.calendar : 'invitations'
  requireRead(collection)
  return (await listObjects(ctx, collection)).map((head) => objectResource(ctx, collection, resource.name, head))
}
