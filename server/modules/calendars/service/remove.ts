import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { cancelOccurrence, expand, splitSeries, type SeriesText } from '../../../time/recurrence/index.ts'
import { releaseAttachments } from '../../files/index.ts'
import { replaceClaims } from '../../scheduling/index.ts'
import { nextChange } from '../queries/calendars.ts'
import { deleteEventRow, deleteOverrides, type EventRow } from '../queries/events.ts'
import { columnsOf } from '../rules/changes.ts'
import { nameOf, seriesOf, seriesText } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import type { ScopeQuery } from '../schema/events.ts'
import { seeEvent } from './access.ts'
import { countChanges, fieldsOf, saveEvent } from './apply.ts'
import { horizon, takeTime } from './claims.ts'
import { reading } from './fields.ts'
import { notices, tell } from './notices.ts'
import { scopeOf } from './occurrence.ts'
import { wholeOf } from './whole.ts'

/**
 * Deletes an event, one occurrence of it (an EXDATE), or one and all that follow (the rule ends before it). @throws NOT_FOUND, PERMISSION_DENIED, VALIDATION_ERROR
 */
export async function deleteEvent(ctx: Context, id: string, query: ScopeQuery): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const { event } = await seeEvent(tx, id, 'edit', true)
    if ((query.scope ?? 'all') === 'all') return dropEvent(tx, event)
    const whole = await wholeOf(tx, event)
    const { scope, point } = scopeOf(tx, whole, query)
    const left = point === null ? null : whatIsLeft(whole, scope === 'this' ? 'this' : 'following', point)
    if (!left) return dropEvent(tx, event)
    const gone = whole.overrides.filter((one) => (scope === 'this' ? one.point === point : one.point >= point!))
    const overrides = whole.overrides.filter((one) => !gone.includes(one))
    await deleteOverrides(
      tx,
      id,
      gone.map((one) => one.point),
    )
    const fields = { ...fieldsOf(event), ...columnsOf(left), sequence: event.sequence + 1 }
    await saveEvent(tx, event, fields, overrides)
    await takeTime(tx, [{ ...whole, event: { ...event, ...fields }, overrides }], { until, keepsRoom: true })
    await countChanges(tx, event, [event])
    await tell(tx, whole, notices.cancelled, invitedTo(whole), { at: nameOf('utc', point!) })
    await tx.house.jobs.publish(tx, 'event.changed', { event_id: id, calendar_id: event.calendar_id })
  })
}

/** The series without an occurrence, or without all from it on; null where nothing is left of it. */
function whatIsLeft({ event, overrides }: Whole, what: 'this' | 'following', point: number): SeriesText | null {
  const text = seriesText(event, overrides)
  const name = nameOf(event.kind, point)
  if (what === 'following') return reading(() => splitSeries(text, name), 'occurrence').before
  const left = reading(() => cancelOccurrence(text, name), 'occurrence')
  const fields = { ...event, ...columnsOf(left) }
  const series = seriesOf(
    fields,
    overrides.filter((one) => one.point !== point),
  )
  const found = expand(series, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { limit: 1 })
  return found.occurrences.length > 0 || found.truncated ? left : null
}

const invitedTo = ({ participants }: Whole): (number | null)[] =>
  participants.filter((one) => one.status !== 'declined').map((one) => one.user_id)

/** Takes an event away whose row is locked: its time is free again from now on, its participants are told. */
export async function dropEvent(ctx: Context, event: EventRow): Promise<void> {
  const whole = await wholeOf(ctx, event)
  await replaceClaims(ctx, 'event', [{ sourceId: event.id, claims: [] }], ctx.now)
  await releaseAttachments(ctx, 'event', [event.id])
  await deleteEventRow(ctx, event, await nextChange(ctx, event.calendar_id))
  await tell(ctx, whole, notices.cancelled, invitedTo(whole))
  await ctx.house.jobs.publish(ctx, 'event.deleted', { event_id: event.id, calendar_id: event.calendar_id })
}
