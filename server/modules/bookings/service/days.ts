/** The local day of an instant, as instants `[start, start of the next)`. */
export function startOfLocalDay(instant: Temporal.Instant, timeZone: string): [Temporal.Instant, Temporal.Instant] {
  const day = instant.toZonedDateTimeISO(timeZone).startOfDay()
  return [day.toInstant(), day.add({ days: 1 }).startOfDay().toInstant()]
}
