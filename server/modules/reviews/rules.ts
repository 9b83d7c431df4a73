export const stars = [1, 2, 3, 4, 5] as const
export type Stars = (typeof stars)[number]

/** How many reviews there are of each rating. */
export type Totals = Record<Stars, number>
export const noTotals: Totals = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }

/** The mean to two decimals, or null without a review; and how many there are. */
export function summarize(totals: Totals): { average: number | null; count: number; sum: number } {
  const count = stars.reduce((all, star) => all + totals[star], 0)
  const sum = stars.reduce((all, star) => all + star * totals[star], 0)
  return { average: count === 0 ? null : Math.round((sum * 100) / count) / 100, count, sum }
}

/** What a change of one review does to the totals: a visible one with this rating went away, one with that came. */
export function difference(before: Stars | null, after: Stars | null): { totals: Totals; sum: number; count: number } {
  const totals = { ...noTotals }
  if (before !== null) totals[before] -= 1
  if (after !== null) totals[after] += 1
  const { sum, count } = summarize(totals)
  return { totals, sum, count }
}

/** So many days after it was written its author may still change a review, until it is answered. */
export const changeDays = 30

/** What decides whether a review can still be changed. */
export type Standing = {
  answered_at: Temporal.Instant | null
  hidden_at: Temporal.Instant | null
  created_at: Temporal.Instant
}

/** Until when its author may change a review; null once it is answered or hidden. */
export const changeableUntil = ({ answered_at, hidden_at, created_at }: Standing): Temporal.Instant | null =>
  answered_at !== null || hidden_at !== null ? null : created_at.add({ hours: 24 * changeDays })

/** Whoever writes a number or an address where a name is asked for, wants to see it on no page. */
const isNoName = /[\d@]|\/\//

const initialOf = (name: string): string => {
  const [first] = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(name)
  return first ? ` ${first.segment.toUpperCase()}.` : ''
}

/** Somebody as everybody may see them: the first name and the initial of the last. Null for who has no name (any more). */
export function shownName(firstName: string, lastName: string): string | null {
  const first = firstName.trim().split(/\s+/)[0] ?? ''
  if (first === '' || isNoName.test(first)) return null
  const last = lastName.trim().split(/\s+/).at(-1) ?? ''
  return first + (isNoName.test(last) ? '' : initialOf(last))
}

/** The same of a guest, whose name is one text. */
export function shownGuest(name: string): string | null {
  const [first = '', ...rest] = name.trim().split(/\s+/)
  return shownName(first, rest.join(' '))
}
