import type { Context } from '../../../platform/context.ts'
import { listObjects, overlaps, readObjects, type DavObject, type Head } from '../../calendars/index.ts'
import { filterOf, passes } from '../filter.ts'
import { xmlReply, type Reply } from '../methods/call.ts'
import { multistatus } from '../multistatus.ts'
import { requireRead } from '../resources.ts'
import { child } from '../xml/read.ts'
import { caldav, type Xml } from '../xml/write.ts'
import { responsesFor, zoneFor, type Asked } from './asked.ts'

/** So many are read at once. */
const portion = 500

/** calendar-query (RFC 4791 7.8): the events that pass a filter. What lies in a span is found by index first, then looked at. */
export async function calendarQuery(ctx: Context, asked: Asked): Promise<Reply> {
  const { root, collection } = asked
  requireRead(collection)
  const filter = filterOf(child(root, caldav, 'filter'))
  if (filter.isEmpty) return xmlReply(multistatus([]))
  const heads = await listObjects(ctx, collection, filter.span ?? undefined)
  if (filter.isPlain && !filter.span) return xmlReply(multistatus(await responsesFor(ctx, asked, heads)))
  const zone = zoneFor(ctx, collection)
  const isFound = (object: DavObject): boolean =>
    filter.isPlain && filter.span ? overlaps(object, { ...filter.span, zone }) : passes(object, filter, zone)
  const responses: Xml[] = []
  for (let from = 0; from < heads.length; from += portion) {
    const some: Head[] = heads.slice(from, from + portion)
    const objects = (await readObjects(ctx, some)).filter(isFound)
    responses.push(...(await responsesFor(ctx, asked, objects, objects)))
  }
  return xmlReply(multistatus(responses))
}
