import { actorOf, type Context } from '../../../platform/context.ts'
import { zoneOf, type Zone } from '../../../time/zones.ts'
import { readObjects, type Collection, type DavObject, type Head } from '../../calendars/index.ts'
import { calendarData, isCalendarData } from '../calendar-data.ts'
import { responseFor, wantedOf, type Wanted } from '../multistatus.ts'
import { objectResource } from '../resources.ts'
import type { Element } from '../xml/read.ts'
import type { Xml } from '../xml/write.ts'

/** A report that is asked of a collection. */
export type Asked = {
  root: Element
  collection: Collection
  name: string
  header: (name: string) => string | undefined
}

/** In which zone floating times and dates of a collection are read. */
export const zoneFor = (ctx: Context, collection: Collection): Zone =>
  zoneOf(collection === 'invitations' ? actorOf(ctx).timeZone : collection.time_zone)

export const isDataWanted = (wanted: Wanted): boolean => wanted.kind === 'some' && wanted.names.some(isCalendarData)

/** What each of these objects answers; their data are read where they are asked for. */
export async function responsesFor(
  ctx: Context,
  { root, collection, name, header }: Asked,
  heads: readonly Head[],
  known?: readonly DavObject[],
): Promise<Xml[]> {
  const wanted = wantedOf(root)
  const minimal = /\breturn=minimal\b/.test(header('prefer') ?? '')
  const resourceOf = (head: Head) => objectResource(ctx, collection, name, head)
  if (wanted.kind !== 'some' || !isDataWanted(wanted))
    return heads.map((head) => responseFor(ctx, resourceOf(head), wanted, { minimal }))
  const objects = known ?? (await readObjects(ctx, heads))
  const dataOf = await calendarData(ctx, wanted.names, objects, zoneFor(ctx, collection))
  return objects.map((object) => responseFor(ctx, resourceOf(object), wanted, { special: dataOf(object), minimal }))
}
