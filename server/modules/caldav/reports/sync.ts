import { actorOf, type Context } from '../../../platform/context.ts'
import { invalid } from '../../../platform/errors.ts'
import { changesSince } from '../../calendars/index.ts'
import { xmlReply, type Reply } from '../methods/call.ts'
import { multistatus, statusFor } from '../multistatus.ts'
import { collectionPath, objectPath } from '../paths.ts'
import { refuse } from '../refuse.ts'
import { requireRead } from '../resources.ts'
import { child, textOf } from '../xml/read.ts'
import { d, dav, escaped } from '../xml/write.ts'
import { responsesFor, type Asked } from './asked.ts'

/** The most changes of one answer; clients ask on. */
const most = 5000

/** sync-collection (RFC 6578): what has changed since a token, what has gone, and the next token. */
export async function syncCollection(ctx: Context, asked: Asked): Promise<Reply> {
  const { root, collection, name } = asked
  if (collection === 'invitations') throw refuse('supported-report')
  requireRead(collection)
  const token = child(root, dav, 'sync-token')
  if (!token) throw invalid('body', 'The body cannot be read')
  const changes = await changesSince(ctx, collection.id, textOf(token), limitOf(asked))
  const { userId } = actorOf(ctx)
  const responses = await responsesFor(ctx, { ...asked, collection: changes.calendar }, changes.changed)
  const gone = changes.gone.map((one) => statusFor(objectPath(ctx, userId, name, one), 404))
  const more = changes.isTruncated
    ? [statusFor(collectionPath(ctx, userId, name), 507, d('error', d('number-of-matches-within-limits')))]
    : []
  return xmlReply(multistatus([...responses, ...gone, ...more], d('sync-token', escaped(changes.token))))
}

function limitOf({ root }: Asked): number {
  const limit = child(root, dav, 'limit')
  const said = limit && child(limit, dav, 'nresults')
  const wanted = said && /^\d{1,9}$/.test(textOf(said)) ? Number(textOf(said)) : most
  return Math.min(Math.max(wanted, 1), most)
}
