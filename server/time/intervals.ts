/**
 * Half-open intervals `[from, to)` over integers, as flat lists `from, to, from, to, ...`: no object per interval, so
 * that a month of somebody's busy time is one array that came out of the database as numbers.
 *
 * A list is *normal* when it is ascending, without empty intervals, and nothing in it touches: `from < to < next from`.
 * `normal` makes one; all other functions expect normal lists and answer normal lists, unless said otherwise.
 */
export type Intervals = readonly number[]

/**
 * The normal list of any list: sorted, overlapping and touching intervals merged, empty and reversed ones dropped.
 * A list that is normal already is answered as it is, not copied.
 */
export function normal(list: Intervals): Intervals {
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < list.length; i += 2) {
    const from = list[i]!
    const to = list[i + 1]!
    if (from <= last || to <= from) return merged(ascending(list))
    last = to
  }
  return list
}

/** What is in `list` and in no interval of `minus`. */
export function subtract(list: Intervals, minus: Intervals): Intervals {
  if (minus.length === 0 || list.length === 0) return list
  const left: number[] = []
  let j = 0
  for (let i = 0; i < list.length; i += 2) {
    let from = list[i]!
    const to = list[i + 1]!
    while (j < minus.length && minus[j + 1]! <= from) j += 2
    // The last one looked at may reach into the next interval too: j stays on it.
    for (let k = j; from < to; k += 2) {
      if (k >= minus.length || minus[k]! >= to) {
        left.push(from, to)
        break
      }
      if (minus[k]! > from) left.push(from, minus[k]!)
      from = minus[k + 1]!
      j = k
    }
  }
  return left
}

/** What is in both lists. */
export function intersect(a: Intervals, b: Intervals): Intervals {
  const both: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const from = Math.max(a[i]!, b[j]!)
    const to = Math.min(a[i + 1]!, b[j + 1]!)
    if (from < to) both.push(from, to)
    if (a[i + 1]! < b[j + 1]!) i += 2
    else j += 2
  }
  return both
}

/** What of `[from, to)` is in no interval of the list. */
export function gaps(list: Intervals, from: number, to: number): Intervals {
  return from < to ? subtract([from, to], list) : []
}

/** The index of the interval that holds t, or −1. */
export function indexAt(list: Intervals, t: number): number {
  let low = 0
  let high = list.length >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle * 2 + 1]! <= t) low = middle + 1
    else high = middle
  }
  return low * 2 < list.length && list[low * 2]! <= t ? low * 2 : -1
}

/** Whether an interval holds t. */
export function contains(list: Intervals, t: number): boolean {
  return indexAt(list, t) !== -1
}

/**
 * The starts t of which `[t, t + length)` lies within one interval of the list. `length` is at least 1.
 * Touching intervals are one in a normal list, so a stretch may span their seam.
 */
export function startsWithin(list: Intervals, length: number): Intervals {
  const starts: number[] = []
  for (let i = 0; i < list.length; i += 2) {
    const after = list[i + 1]! - length + 1
    if (list[i]! < after) starts.push(list[i]!, after)
  }
  return starts
}

/**
 * Appends to `into` the starts t of which `[t − before, t + after)` overlaps an interval of `list`, which may be in any
 * order. Empty intervals overlap nothing. What comes in ascending order is merged on the way, so that sorted busy time
 * costs one pass; in general `into` is not normal afterwards.
 */
export function pushOverlapping(list: Intervals, before: number, after: number, into: number[]): void {
  let last = into.length - 1
  for (let i = 0; i < list.length; i += 2) {
    if (list[i]! >= list[i + 1]!) continue
    const from = list[i]! - after + 1
    const to = list[i + 1]! + before
    if (last > 0 && from <= into[last]! && from >= into[last - 1]!) {
      if (to > into[last]!) into[last] = to
    } else {
      into.push(from, to)
      last += 2
    }
  }
}

function merged(sorted: Intervals): Intervals {
  const out: number[] = []
  let last = -1
  for (let i = 0; i < sorted.length; i += 2) {
    const from = sorted[i]!
    const to = sorted[i + 1]!
    if (to <= from) continue
    if (last >= 0 && from <= out[last]!) {
      if (to > out[last]!) out[last] = to
    } else {
      out.push(from, to)
      last = out.length - 1
    }
  }
  return out
}

/** The list in ascending order of `from`; itself where it is so already. */
function ascending(list: Intervals): Intervals {
  const count = list.length >> 1
  let sorted = true
  for (let i = 2; i < list.length && sorted; i += 2) sorted = list[i]! >= list[i - 2]!
  if (sorted) return list
  // Numbers sort many times faster without a comparison function: the place rides along in the key.
  const keys = new Float64Array(count)
  for (let i = 0; i < count; i++) keys[i] = list[i * 2]! * count + i
  keys.sort()
  const out: number[] = []
  for (const key of keys) {
    const from = Math.floor(key / count)
    out.push(from, list[(key - from * count) * 2 + 1]!)
  }
  return out
}
