import { layOut, type Schedule } from '../../time/hours.ts'
import { indexAt } from '../../time/intervals.ts'
import { fold } from '../../platform/fold.ts'

/** Longest span in days that rooms are asked to be free for. */
export const longestSpanDays = 31

/** A span in epoch minutes, outward: part of a minute takes the whole. */
export type Minutes = { from: number; to: number }

export const minutesOf = (from: Temporal.Instant, to: Temporal.Instant): Minutes => ({
  from: Math.floor(from.epochMilliseconds / 60_000),
  to: Math.ceil(to.epochMilliseconds / 60_000),
})

/** Is a room with this schedule open from the first minute to the last? Without a schedule it is always open. */
export function isOpenThroughout(schedule: Schedule | null, { from, to }: Minutes): boolean {
  if (schedule === null) return true
  const { open } = layOut(schedule, from, to)
  const index = indexAt(open, from)
  return index !== -1 && to <= open[index + 1]!
}

/** Pieces of equipment as they are kept: trimmed, each once, in the order given. */
export function tidyEquipment(equipment: readonly string[]): string[] {
  const kept = new Map<string, string>()
  for (const piece of equipment.map((text) => text.trim()).filter((text) => text !== ''))
    if (!kept.has(fold(piece))) kept.set(fold(piece), piece)
  return [...kept.values()]
}

/** The pieces that a filter asks for, as they are compared. */
export const wantedEquipment = (filter: string | readonly string[]): string[] =>
  tidyEquipment([filter].flat().flatMap((text) => text.split(','))).map(fold)

/** By which name those who watch a room, or the slots of a service in it, hear that the room itself has changed. */
export const roomKey = (id: string): string => `room:${id}`
