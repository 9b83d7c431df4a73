/** A rule and its DTSTART made ready for walking. */

import { completeDays } from './days.ts'
import { inDays, inMonths, inWeeks, inYears } from './periods.ts'
import type { Rule } from './rule.ts'
import { DAY_SECONDS } from './text.ts'
import { UNIT } from './times.ts'
import { inUnits } from './units.ts'
import type { Plan } from './walk.ts'

/** Prepares a rule that begins at the wall second `dtstart`. */
export function planOf(rule: Rule, dtstart: number): Plan {
  const base = { rule, dtstart, days: completeDays(rule, Math.floor(dtstart / DAY_SECONDS)) }
  switch (rule.freq) {
    case 'YEARLY':
      return inYears(base)
    case 'MONTHLY':
      return inMonths(base)
    case 'WEEKLY':
      return inWeeks(base)
    case 'DAILY':
      return inDays(base)
    default:
      return inUnits(base, UNIT[rule.freq])
  }
}
