/**
 * Where COUNT ends a rule: "the COUNT rule part defines the number of occurrences at which to range-bound the
 * recurrence. The DTSTART property value always counts as the first occurrence" (RFC 5545 3.3.10).
 *
 * Instances are counted in the order of the wall clock. A time in a gap is counted; where the gap moves it onto another
 * instance of the rule the two are one instance and are counted once (TIME.md section 2).
 */

import type { Zone } from '../zones.ts'
import { seamsIn, skippedDatesIn } from './points.ts'
import type { Seam } from './points.ts'
import { isSubDaily } from './rule.ts'
import { DAY_SECONDS } from './text.ts'
import { may, newWalk } from './walk.ts'
import type { Plan, Walk } from './walk.ts'

/** What looking at one gap costs, in steps of a walk: a century and a third of them is as far as it goes. */
const GAP_STEPS = 1_500
const TWENTY_YEARS = 20 * 365 * DAY_SECONDS

/** Whether the rule itself makes DTSTART; if not, DTSTART is an instance all the same. */
export function makesDtstart(plan: Plan): boolean {
  const walk = newWalk(1)
  plan.walk(walk, plan.dtstart, plan.dtstart + 1)
  return walk.found.length > 0
}

/**
 * The first wall second after the last instance that COUNT allows, or `to` when it is not used up before.
 * When the walk's steps do not suffice, how far they went; `walk.spent` says so. Plans without COUNT go on for ever.
 */
export function endOfCount(plan: Plan, zone: Zone | null, to: number, walk: Walk): number {
  if (plan.rule.count === null) return to
  let left = plan.rule.count - (makesDtstart(plan) ? 0 : 1)
  if (left === 0) return plan.dtstart + 1
  let from = plan.dtstart
  const { steady } = plan
  if (steady && steady.times > 0) {
    // Whole periods are skipped by arithmetic; the first one may have begun before DTSTART.
    const second = steady.from + steady.length
    const inFirst = countIn(plan, plan.dtstart, second, walk)
    const whole = Math.min(
      Math.floor((left - inFirst - 1) / steady.times),
      Math.floor((to - 1 - second) / steady.length),
    )
    if (left > inFirst && whole > 0) {
      from = second + whole * steady.length
      left += countTwins(plan, zone, plan.dtstart, from, walk) - inFirst - whole * steady.times
    }
  }
  while (!walk.spent && left > 0) {
    const run = newWalk(left, walk.steps)
    plan.walk(run, from, to)
    spend(walk, run)
    const last = run.found.at(-1)
    if (walk.spent) return last === undefined ? from : last + 1
    if (last === undefined || run.found.length < left) return to
    left = countTwins(plan, zone, from, last + 1, walk)
    from = last + 1
  }
  return from
}

/** How many of a rule's instances COUNT has counted before a wall second; null when that takes too many steps. */
export function countedBefore(plan: Plan, zone: Zone | null, wall: number): number | null {
  if (wall <= plan.dtstart) return 0
  const walk = newWalk(0)
  const counted = countIn(plan, plan.dtstart, wall, walk) - countTwins(plan, zone, plan.dtstart, wall, walk)
  return walk.spent ? null : counted + (makesDtstart(plan) ? 0 : 1)
}

/** How many twins (see `countTwins`) a rule has in `[from, to)`. */
export function twinsIn(plan: Plan, zone: Zone | null, from: number, to: number): number {
  return countTwins(plan, zone, from, to, newWalk(0))
}

function countIn(plan: Plan, from: number, to: number, walk: Walk): number {
  const run = newWalk(Number.POSITIVE_INFINITY, walk.steps)
  plan.walk(run, from, to)
  spend(walk, run)
  return run.found.length
}

/** How many wall times in `[from, to)` are the same instant as an earlier one, which a gap moved onto them. */
function countTwins(plan: Plan, zone: Zone | null, from: number, to: number, walk: Walk): number {
  if (!zone) return 0
  // With one time a day only a gap of a whole day can move an instance onto another.
  if (!isSubDaily(plan.rule.freq) && plan.times.length === 1 && makesDtstart(plan)) {
    const gaps = skippedDatesIn(zone, from - 2 * DAY_SECONDS, to)
    return gaps.reduce((twins, gap) => twins + twinsOf(plan, gap, from, to, walk), 0)
  }
  const { steady } = plan
  let twins = 0
  // Gaps of one length at one point of a steady rule's period are alike, unless DTSTART or the window cuts them.
  const alike = new Map<string, number>()
  for (let start = from; start < to; start += TWENTY_YEARS)
    for (const seam of seamsIn(zone, start - DAY_SECONDS, Math.min(start + TWENTY_YEARS, to))) {
      if (!seam.isGap) continue
      // A gap belongs to the stretch in which it ends; its shadow may reach into the first one.
      if ((start > from && seam.to < start) || seam.to >= start + TWENTY_YEARS) continue
      if (!may(walk, GAP_STEPS)) return twins
      const gap = seam.to - seam.from
      const isWhole = seam.from > plan.dtstart && seam.to >= from && seam.to + gap <= to
      const key = steady && isWhole ? `${gap} ${(seam.from - steady.from) % steady.length}` : ''
      const here = alike.get(key) ?? twinsOf(plan, seam, from, to, walk)
      if (key !== '') alike.set(key, here)
      twins += here
    }
  return twins
}

/** The twins that one gap makes in `[from, to)`: times after it onto which it moves times inside it. */
function twinsOf(plan: Plan, seam: Seam, from: number, to: number, walk: Walk): number {
  const gap = seam.to - seam.from
  const low = Math.max(seam.to, from)
  const high = Math.min(seam.to + gap, to)
  if (low >= high) return 0
  const moved = newWalk(Number.POSITIVE_INFINITY, walk.steps)
  plan.walk(moved, low - gap, high - gap)
  const stay = newWalk(Number.POSITIVE_INFINITY, moved.steps)
  plan.walk(stay, low, high)
  spend(walk, stay)
  const targets = new Set(moved.found.map((wall) => wall + gap))
  // DTSTART is an instance also when the rule does not make it.
  if (plan.dtstart >= seam.from && plan.dtstart < seam.to) targets.add(plan.dtstart + gap)
  return stay.found.filter((wall) => targets.has(wall)).length
}

function spend(walk: Walk, part: Walk): void {
  walk.steps = part.steps
  if (part.spent) walk.spent = true
}
