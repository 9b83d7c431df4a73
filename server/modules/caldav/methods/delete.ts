import type { Context } from '../../../platform/context.ts'
import { denied } from '../../../platform/errors.ts'
import { deleteCalendar, deleteObject, findCollection } from '../../calendars/index.ts'
import * as paths from '../paths.ts'
import { requireOwn } from '../resources.ts'
import type { Call, Reply } from './call.ts'

/** DELETE: an event, an invitation (which declines it), or a calendar of one's own with all that stands in it; the first one is kept. */
export async function remove(ctx: Context, { target, header }: Call): Promise<Reply> {
  if (target.kind === 'object') {
    requireOwn(ctx, target.user)
    const calendar = target.collection === paths.invitations ? null : target.collection
    await deleteObject(ctx, calendar, target.name, { ifMatch: header('if-match') })
    return { status: 204 }
  }
  if (target.kind !== 'collection') throw denied('This cannot be deleted')
  requireOwn(ctx, target.user)
  if ([paths.inbox, paths.outbox, paths.invitations].includes(target.collection)) throw denied('This cannot be deleted')
  const { id } = await findCollection(ctx, target.collection)
  await deleteCalendar(ctx, id)
  return { status: 204 }
}
