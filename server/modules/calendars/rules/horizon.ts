/** Until when time can be claimed (SPEC section 5): 18 months from the beginning of today, in UTC. */
export const horizonOf = (now: Temporal.Instant): Temporal.Instant =>
  now.toZonedDateTimeISO('UTC').startOfDay().add({ months: 18 }).toInstant()
