import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'

const entriesAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('schedule_entries')
    .innerJoin('resources', 'resources.id', 'schedule_entries.resource_id')
    .where('resources.user_id', '=', userId)
    .where('schedule_entries.id', '>', after)
    .select([
      'schedule_entries.id',
      'schedule_entries.kind',
      'weekday',
      'start_minute',
      'end_minute',
      'date',
      'intervals',
      'starts_at',
      'ends_at',
      'reason',
      'resources.time_zone',
      'created_at',
      'updated_at',
    ])
    .orderBy('schedule_entries.id')
    .limit(limit)
    .execute()

/** When a person is open: their schedule, as the wall clock of its zone shows it. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'schedules/entries.json', rows: inPieces((after, limit) => entriesAfter(ctx, userId, after, limit)) }
}
