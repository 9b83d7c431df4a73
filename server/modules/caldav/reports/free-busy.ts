import type { Context } from '../../../platform/context.ts'
import { icalendarOf, utcValue } from '../../../platform/icalendar.ts'
import { busyOf, listObjects, readObjects } from '../../calendars/index.ts'
import type { Reply } from '../methods/call.ts'
import { refuse } from '../refuse.ts'
import { spanOf } from '../time-range.ts'
import { child } from '../xml/read.ts'
import { caldav } from '../xml/write.ts'
import { zoneFor, type Asked } from './asked.ts'

/** Three years. */
const longestSeconds = 1100 * 86_400

/** free-busy-query (RFC 4791 7.10): when a calendar takes time, without a word on what with; also for who may see no more of it. */
export async function freeBusyQuery(ctx: Context, { root, collection }: Asked): Promise<Reply> {
  const range = child(root, caldav, 'time-range')
  if (!range) throw refuse('valid-filter')
  const span = { ...spanOf(range), zone: zoneFor(ctx, collection) }
  if (span.to - span.from > longestSeconds) throw refuse('valid-filter')
  const objects = await readObjects(ctx, await listObjects(ctx, collection, span))
  const busy = objects.flatMap((object) => busyOf(object, span))
  return { status: 200, type: 'calendar', body: icalendarOf(linesOf(ctx, span, busy)) }
}

export type Busy = { from: number; to: number; isTentative: boolean }

const instant = (second: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(second * 1000)

/** A VFREEBUSY within its calendar (RFC 5545 3.6.4): what touches is one. */
export function linesOf(
  ctx: Context,
  { from, to }: { from: number; to: number },
  busy: readonly Busy[],
  more: readonly string[] = [],
  ofCalendar: readonly string[] = [],
): string[] {
  const lines: string[] = []
  for (const isTentative of [false, true]) {
    const spans = busy.filter((one) => one.isTentative === isTentative).toSorted((a, b) => a.from - b.from)
    const merged: { from: number; to: number }[] = []
    for (const one of spans) {
      const last = merged.at(-1)
      if (last && one.from <= last.to) last.to = Math.max(last.to, one.to)
      else merged.push({ from: one.from, to: one.to })
    }
    const type = isTentative ? 'BUSY-TENTATIVE' : 'BUSY'
    for (const one of merged)
      lines.push(`FREEBUSY;FBTYPE=${type}:${utcValue(instant(one.from))}/${utcValue(instant(one.to))}`)
  }
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Banister//Calendar//EN',
    ...ofCalendar,
    'BEGIN:VFREEBUSY',
    `DTSTAMP:${utcValue(ctx.now)}`,
    `DTSTART:${utcValue(instant(from))}`,
    `DTEND:${utcValue(instant(to))}`,
    ...more,
    ...lines,
    'END:VFREEBUSY',
    'END:VCALENDAR',
  ]
}
