/** `HH:MM` of a day: when something begins, and when it ends (`24:00` is the end of the day). */
export const startPattern = '^([01]\\d|2[0-3]):[0-5]\\d$'
export const endPattern = '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$'

/** The minute of a day of `HH:MM`, `24:00` included. */
export function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** `HH:MM` of a minute of a day; 1440 is `24:00`. */
export function clockOf(minute: number): string {
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

const two = (value: number): string => String(value).padStart(2, '0')
