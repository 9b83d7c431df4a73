import { actorOf, type Context } from '../../../platform/context.ts'
import { invalid, notFound } from '../../../platform/errors.ts'
import { occursAt, pointOf } from '../../../time/recurrence/index.ts'
import { momentText } from '../rules/moments.ts'
import { isRecurring, seriesOf } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import type { Scope, ScopeQuery } from '../schema/events.ts'
import { reading } from './fields.ts'
import { plus } from './list.ts'

/** An occurrence's name as iCalendar writes it (`20260115T140000Z`, also at the end of an `occurrence_id`), as clients otherwise do. */
function readable(text: string): string {
  const compact = /(?:^|_)(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text)
  if (!compact) return text
  const [, year, month, day, hour, minute, second, zone = ''] = compact
  return `${year}-${month}-${day}${hour === undefined ? '' : `T${hour}:${minute}:${second}${zone}`}`
}

/** The point of an occurrence named by the start that the series gives it, or by the one to which it was moved. @throws VALIDATION_ERROR, NOT_FOUND */
export function pointNamed(ctx: Context, { event, overrides }: Whole, text: string): number {
  const home = actorOf(ctx).timeZone
  const series = reading(() => seriesOf(event, overrides))
  const named = reading(
    () => pointOf(series, momentText(readable(plus(text)), 'occurrence', event, home)),
    'occurrence',
  )
  if (occursAt(series, named)) return named
  const moved = overrides.find((one) => one.start_point === named)
  if (!moved) throw notFound('occurrence')
  return moved.point
}

/** What a scope means for this event: all of it; or one occurrence, alone or with all that follow. @throws VALIDATION_ERROR without an occurrence, NOT_FOUND */
export function scopeOf(ctx: Context, whole: Whole, query: ScopeQuery): { scope: Scope; point: number | null } {
  const { scope = 'all', occurrence } = query
  if (!isRecurring(whole.event)) return { scope: 'all', point: null }
  if (occurrence !== undefined) return { scope, point: pointNamed(ctx, whole, occurrence) }
  if (scope !== 'all') throw invalid('occurrence', 'Name the occurrence that is meant', 'required')
  return { scope, point: null }
}
