/** When somebody is not to be disturbed. Pure; the clock is theirs. */

export type QuietHours = { starts: string; ends: string }

/** Who is told so shortly before it matters can do nothing any more. */
const leadHours = 1

/**
 * When the quiet hours that hold at a moment end, or null outside of them. Wall-clock times in the person's own zone; an end before the start is of the next day.
 * A time that a change of the clocks skips is the same one after the change, and of one that comes twice the first counts, as Temporal's `compatible` has it.
 */
export function quietUntil(
  quiet: QuietHours | null,
  moment: Temporal.Instant,
  timeZone: string,
): Temporal.Instant | null {
  if (!quiet) return null
  const starts = Temporal.PlainTime.from(quiet.starts)
  const ends = Temporal.PlainTime.from(quiet.ends)
  const overnight = Temporal.PlainTime.compare(ends, starts) <= 0
  const today = moment.toZonedDateTimeISO(timeZone).toPlainDate()
  for (const day of [today.subtract({ days: 1 }), today]) {
    const from = day.toZonedDateTime({ timeZone, plainTime: starts }).toInstant()
    const to = day
      .add({ days: overnight ? 1 : 0 })
      .toZonedDateTime({ timeZone, plainTime: ends })
      .toInstant()
    if (Temporal.Instant.compare(from, moment) <= 0 && Temporal.Instant.compare(moment, to) < 0) return to
  }
  return null
}

/**
 * Until when something waits, or null where it goes out at once: outside of the quiet hours, and also within them where it would come too late after them, which
 * is less than an hour before `usefulUntil` (the start of the booking that a reminder is of).
 */
export function waitsUntil(
  quiet: QuietHours | null,
  moment: Temporal.Instant,
  timeZone: string,
  usefulUntil: Temporal.Instant | null,
): Temporal.Instant | null {
  const end = quietUntil(quiet, moment, timeZone)
  if (!end || !usefulUntil) return end
  return Temporal.Instant.compare(end.add({ hours: leadHours }), usefulUntil) > 0 ? null : end
}
