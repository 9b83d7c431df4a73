import type { Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { invalid } from '../../../platform/errors.ts'
import { createCalendar, findCollection, listCollections, updateCalendar } from '../../calendars/index.ts'
import * as paths from '../paths.ts'
import { setProperties } from '../queries.ts'
import { refuse } from '../refuse.ts'
import { requireOwn } from '../resources.ts'
import { is } from '../xml/read.ts'
import { caldav } from '../xml/write.ts'
import type { Call, Reply } from './call.ts'
import { planOf } from './proppatch.ts'
import { isComponentSetSupported, wishesOf } from './set.ts'

const reserved = [paths.inbox, paths.outbox, paths.invitations]
/** Names of calendars are parts of addresses. */
const nameForm = /^(?!\.{1,2}$)[^\p{Cc}/]{1,200}$/u

/** MKCALENDAR (RFC 4791 5.3.1): a calendar of one's own, under the name that the client chose. What cannot be set of it makes nothing. */
export async function mkcalendar(ctx: Context, { target, xml }: Call): Promise<Reply> {
  if (target.kind !== 'collection') throw refuse('calendar-collection-location-ok')
  const userId = requireOwn(ctx, target.user)
  const name = target.collection
  if (!nameForm.test(name)) throw refuse('calendar-collection-location-ok')
  const root = xml()
  if (root && !is(root, caldav, 'mkcalendar')) throw invalid('body', 'The body cannot be read')
  if (root && !isComponentSetSupported(root)) throw refuse('supported-calendar-component')
  // Its components were looked at above.
  const wishes = (root ? wishesOf(root) : []).filter(
    ({ element }) => !is(element, caldav, 'supported-calendar-component-set'),
  )
  try {
    await inTransaction(ctx, async (tx) => {
      const taken =
        reserved.includes(name) || (await listCollections(tx)).some((one) => one.href === name || one.id === name)
      if (taken) throw refuse('resource-must-be-null')
      const made = await createCalendar(tx, { name: 'Calendar' }, name)
      const calendar = await findCollection(tx, made.id)
      const { refused, fields, own } = planOf({ calendar, own: new Map() }, wishes)
      if (refused.size > 0) throw refuse('cannot-modify-protected-property')
      if (Object.keys(fields).length > 0) await updateCalendar(tx, calendar.id, fields)
      await setProperties(tx, userId, calendar.id, own)
    })
  } catch (error) {
    throw violates(error, 'calendars_href_once') ? refuse('resource-must-be-null') : error
  }
  return { status: 201, headers: { location: paths.collectionPath(ctx, userId, name), 'cache-control': 'no-cache' } }
}
