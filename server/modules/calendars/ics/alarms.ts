import { propertyOf } from './properties.ts'
import { durationOf } from './times.ts'

/** VALARM (RFC 5545 3.6.6) and our reminders, which are minutes before the start. */

const mostMinutes = 40_320
/** As many reminders as an event may have. */
const mostReminders = 10

/** How many minutes before the start an alarm is told; null for one that is none of our reminders. */
export function minutesOf(alarm: readonly string[]): number | null {
  const properties = alarm.map(propertyOf)
  const action = properties.find((one) => one?.name === 'ACTION')?.raw.toUpperCase() ?? 'DISPLAY'
  const trigger = properties.find((one) => one?.name === 'TRIGGER')
  if (!trigger || !/^(DISPLAY|AUDIO)$/.test(action) || /^END$/i.test(trigger.params['related'] ?? '')) return null
  const found = durationOf(trigger.raw)
  if (!found) return null
  const seconds = -(found.days * 86_400 + found.seconds)
  return seconds >= 0 && seconds % 60 === 0 && seconds / 60 <= mostMinutes ? seconds / 60 : null
}

/** An alarm that says no more than a reminder of this event does. */
function isPlain(alarm: readonly string[], title: string): boolean {
  const properties = alarm.map(propertyOf)
  return (
    minutesOf(alarm) !== null &&
    properties.every(
      (one) =>
        (one?.name === 'ACTION' && one.raw.toUpperCase() === 'DISPLAY') ||
        one?.name === 'TRIGGER' ||
        (one?.name === 'DESCRIPTION' && one.text === title),
    )
  )
}

/** The reminders of some alarms, and the alarms that are more than these. */
export function remindersOf(alarms: readonly string[][], title: string): { reminders: number[]; alarms: string[][] } {
  const minutes = [...new Set(alarms.flatMap((alarm) => minutesOf(alarm) ?? []))].slice(0, mostReminders)
  return {
    reminders: minutes.toSorted((a, b) => a - b),
    alarms: alarms.filter((alarm) => !isPlain(alarm, title)),
  }
}

/** The alarms to write: those that were kept, but for reminders taken away since, and one for each reminder that has none. */
export function alarmsFor(
  reminders: readonly number[],
  kept: readonly string[][],
  plain: (minutes: number) => string[],
): string[][] {
  const standing = kept.filter((alarm) => {
    const minutes = minutesOf(alarm)
    return minutes === null || reminders.includes(minutes)
  })
  const covered = new Set(standing.map(minutesOf))
  const made = [...new Set(reminders)].toSorted((a, b) => a - b).filter((minutes) => !covered.has(minutes))
  return [...made.map(plain), ...standing]
}
