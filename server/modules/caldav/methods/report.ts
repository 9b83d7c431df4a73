import type { Context } from '../../../platform/context.ts'
import { invalid } from '../../../platform/errors.ts'
import { refuse } from '../refuse.ts'
import { freeBusyQuery } from '../reports/free-busy.ts'
import { calendarMultiget } from '../reports/multiget.ts'
import { calendarQuery } from '../reports/query.ts'
import { syncCollection } from '../reports/sync.ts'
import { collectionOf, requireOwn } from '../resources.ts'
import { caldav, dav, keyOf } from '../xml/write.ts'
import type { Call, Reply } from './call.ts'
import { mostCharacters, type Asked } from '../reports/asked.ts'

const reports: Record<string, (ctx: Context, asked: Asked) => Promise<Reply>> = {
  [keyOf({ ns: caldav, name: 'calendar-multiget' })]: calendarMultiget,
  [keyOf({ ns: caldav, name: 'calendar-query' })]: calendarQuery,
  [keyOf({ ns: caldav, name: 'free-busy-query' })]: freeBusyQuery,
  [keyOf({ ns: dav, name: 'sync-collection' })]: syncCollection,
}

/** REPORT (RFC 3253 3.6): questions to a calendar, or to the invitations. @throws NOT_FOUND, PERMISSION_DENIED for a report that there is not */
export async function report(ctx: Context, { target, header, xml }: Call): Promise<Reply> {
  const root = xml()
  if (!root) throw invalid('body', 'The body cannot be read')
  const answer = reports[keyOf(root)]
  if (!answer || (target.kind !== 'collection' && target.kind !== 'object')) throw refuse('supported-report')
  requireOwn(ctx, target.user)
  const { collection, name } = await collectionOf(ctx, target.collection)
  return answer(ctx, { root, collection, name, header, size: { left: mostCharacters } })
}
