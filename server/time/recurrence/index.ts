/** Recurrence (RFC 5545 3.3.10 and 3.8.5): the front door. Pure functions on integers; the words are in series.ts. */

export { DEFAULT_LIMIT, expand, lastStart, next, occursAt } from './expand.ts'
export type { Expansion, Occurrence } from './expand.ts'
export { parseRule } from './parse.ts'
export { formatRule, RuleError } from './rule.ts'
export type { Frequency, Kind, Rule, Until, WeekdayOrdinal } from './rule.ts'
export { pointOf, pointText, readSeries, wallText } from './series.ts'
export type { OverrideText, Series, SeriesText } from './series.ts'
export { cancelOccurrence, moveOccurrence, splitSeries } from './split.ts'
export type { Halves } from './split.ts'
export { describeSeries, LANGUAGES } from './describe.ts'
export type { Language } from './describe.ts'
