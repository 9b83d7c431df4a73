import { setImmediate } from 'node:timers/promises'
import { actorOf, type Context } from '../../../platform/context.ts'
import { zoneOf, type Zone } from '../../../time/zones.ts'
import { readObjects, type Collection, type DavObject, type Head } from '../../calendars/index.ts'
import { calendarData, isCalendarData } from '../calendar-data.ts'
import { responseFor, wantedOf, type Wanted } from '../multistatus.ts'
import { objectResource } from '../resources.ts'
import { refuse } from '../refuse.ts'
import type { Element } from '../xml/read.ts'
import type { Xml } from '../xml/write.ts'

/** A report that is asked of a collection. */
export type Asked = {
  root: Element
  collection: Collection
  name: string
  header: (name: string) => string | undefined
  /** How many characters the answer may still have. */
  size: { left: number }
}

/** An answer with more characters than these no client takes, and no string holds many times as much. */
export const mostCharacters = 100_000_000
/** So many are written before others have their turn. */
const charactersAtOnce = 500_000
/** So many objects are read at once. */
const portion = 500

/** In which zone floating times and dates of a collection are read. */
export const zoneFor = (ctx: Context, collection: Collection): Zone =>
  zoneOf(collection === 'invitations' ? actorOf(ctx).timeZone : collection.time_zone)

export const isDataWanted = (wanted: Wanted): boolean => wanted.kind === 'some' && wanted.names.some(isCalendarData)

/**
 * What each of these objects answers; their data are read where they are asked for.
 * @throws PERMISSION_DENIED with the rule `dav:number-of-matches-within-limits` for an answer that is too long
 */
export async function responsesFor(
  ctx: Context,
  { root, collection, name, header, size }: Asked,
  heads: readonly Head[],
  known?: readonly DavObject[],
): Promise<Xml[]> {
  const wanted = wantedOf(root)
  const minimal = /\breturn=minimal\b/.test(header('prefer') ?? '')
  const resourceOf = (head: Head) => objectResource(ctx, collection, name, head)
  if (wanted.kind !== 'some' || !isDataWanted(wanted))
    return heads.map((head) => responseFor(ctx, resourceOf(head), wanted, { minimal }))
  const responses: Xml[] = []
  let written = 0
  for (let from = 0; from < heads.length; from += portion) {
    const objects = known?.slice(from, from + portion) ?? (await readObjects(ctx, heads.slice(from, from + portion)))
    const dataOf = await calendarData(ctx, wanted.names, objects, zoneFor(ctx, collection))
    for (const object of objects) {
      const response = responseFor(ctx, resourceOf(object), wanted, { special: dataOf(object), minimal })
      size.left -= response.length
      if (size.left < 0) throw refuse('number-of-matches-within-limits')
      responses.push(response)
      written += response.length
      if (written < charactersAtOnce) continue
      written = 0
      await setImmediate()
    }
  }
  return responses
}
