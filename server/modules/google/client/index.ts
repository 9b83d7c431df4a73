import type { Context } from '../../../platform/context.ts'
import { perHouse, type House } from '../../../platform/house.ts'
import { createCalendarProvider, type CalendarProvider } from './calendar.ts'

const providerOf = perHouse(createCalendarProvider)

/** Google as this house asks it. */
export const googleOf = ({ house }: Pick<Context, 'house'>): CalendarProvider => providerOf(house)

/** Can people connect their own calendar here? */
export const hasConsent = ({ house }: Pick<Context, 'house'>): boolean => house.config.GOOGLE_CLIENT_ID !== null

/** Has the platform a service account, so that it can write into a calendar of its own? */
export const hasAccount = ({ house }: Pick<Context, 'house'>): boolean =>
  house.config.GOOGLE_SERVICE_ACCOUNT_FILE !== null

/** The calendar into which bookings go whose provider has not connected their own; null where they go nowhere. */
export const platformCalendar = ({ house }: Pick<Context, 'house'>): string | null =>
  hasAccount({ house }) && house.config.GOOGLE_CALENDAR_ID !== 'none' ? house.config.GOOGLE_CALENDAR_ID : null

/** How Google fares, as this process has seen it: `down` while it is left alone because it keeps failing, `off` where nothing of it is set. */
export function googleState(house: House): { status: 'ok' | 'down' | 'off' } {
  if (!hasAccount({ house }) && !hasConsent({ house })) return { status: 'off' }
  return { status: googleOf({ house }).circuit.state() === 'open' ? 'down' : 'ok' }
}
