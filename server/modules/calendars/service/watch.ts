import type { Context } from '../../../platform/context.ts'
import { sayChanged, type Sight } from '../../../platform/socket/topic.ts'
import { organizationKey } from '../../organizations/index.ts'
import { calendarKey, findWatched } from '../queries/calendars.ts'

/** A calendar as those who watch it on the socket are shown it: how often what stands in it has changed, and who of these people may know of it still. */
export async function watchCalendar(ctx: Context, id: string, userIds: readonly number[]): Promise<Sight | null> {
  const found = await findWatched(ctx, id, userIds)
  if (!found) return null
  return {
    version: found.change,
    keys: [calendarKey(found.id), ...found.organizations.map(organizationKey)],
    watchers: new Set(found.watchers),
  }
}

/** Tells that who may see calendars has changed, or whether they are there. */
export const sayAccessChanged = (ctx: Context, ...ids: readonly string[]): Promise<void> =>
  sayChanged(ctx, ids.map(calendarKey))
