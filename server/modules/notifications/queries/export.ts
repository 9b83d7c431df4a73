import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'

const notificationsAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('notifications')
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'kind', 'title', 'body', 'params', 'target', 'created_at', 'read_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** What a person has been told, how they wish to be told, and on which devices. The devices' tokens stay out: whoever has one may send to it. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield {
    name: 'notifications/notifications.json',
    rows: inPieces((after, limit) => notificationsAfter(ctx, userId, after, limit)),
  }
  const preferences = ctx.db.selectFrom('notification_preferences').where('user_id', '=', userId)
  yield {
    name: 'notifications/preferences.json',
    json: await preferences.select(['topic', 'channel', 'enabled']).execute(),
  }
  const quiet = ctx.db.selectFrom('quiet_hours').where('user_id', '=', userId)
  yield { name: 'notifications/quiet-hours.json', json: await quiet.select(['starts', 'ends']).execute() }
  const devices = ctx.db.selectFrom('devices').where('user_id', '=', userId)
  yield {
    name: 'notifications/devices.json',
    json: await devices.select(['id', 'platform', 'name', 'created_at']).execute(),
  }
}
