import type { Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { translate } from '../../../platform/i18n/index.ts'
import { findObjects, readObjects, requireConditions } from '../../calendars/index.ts'
import { collectionOf, requireOwn, requireRead, resourceAt } from '../resources.ts'
import type { Call, Reply } from './call.ts'

/** GET of an event: its file as who asks may see it. A collection tells people what it is. */
export async function get(ctx: Context, { target, header }: Call): Promise<Reply> {
  if (target.kind !== 'object') {
    await resourceAt(ctx, target)
    return {
      status: 200,
      type: 'text',
      body: `${translate(ctx.locale, 'This address is for calendar programs: give it to yours')}\n`,
    }
  }
  requireOwn(ctx, target.user)
  const { collection } = await collectionOf(ctx, target.collection)
  requireRead(collection)
  const [object] = await readObjects(ctx, await findObjects(ctx, collection, [target.name]))
  if (!object) throw notFound('event')
  requireConditions({ ifMatch: header('if-match') }, object)
  const headers = { etag: object.etag, 'cache-control': 'private, no-cache' }
  const known = header('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  if (known?.includes(object.etag)) return { status: 304, headers }
  return { status: 200, headers, body: object.text, type: 'calendar' }
}
