import { parsePhoneNumberFromString } from 'libphonenumber-js'
import type { Config } from '../../platform/config.ts'
import { AppError, type Detail } from '../../platform/errors.ts'
import { isLocale, type Locale } from '../../platform/i18n/locales.ts'
import { toMinor } from '../../platform/money.ts'
import {
  administrativeRoles,
  isAdministrative,
  type Actor,
  type Permission,
  type Role,
} from '../../platform/context.ts'

/** `role_display` (SPEC section 3). */
export const roleDisplay: Record<Role, string> = {
  customer: 'Customer',
  provider: 'Provider',
  management: 'Management',
  admin: 'Admin',
  super_admin: 'Super Admin',
  accountant: 'Accountant',
}

/** `permission_display` (SPEC section 3). */
export const permissionDisplay: Record<Permission, string> = {
  user_management: 'User Management',
  service_management: 'Service Management',
  booking_management: 'Booking Management',
  payment_management: 'Payment Management',
  withdrawal_management: 'Withdrawal Management',
  document_management: 'Document Management',
  financial_reports: 'Financial Reports',
  system_settings: 'System Settings',
  admin_management: 'Admin Management',
}

/** What an accountant holds from the start; the other administrators hold nothing until a super admin grants it. */
export const accountantPermissions: readonly Permission[] = [
  'payment_management',
  'withdrawal_management',
  'financial_reports',
]

/** An e-mail as it is compared: without case. */
export const emailKey = (email: string): string => email.trim().toLowerCase()

export { fold } from '../../platform/fold.ts'

/**
 * A phone number in E.164, or null when it is none: a US number in any usual notation, or an international one with `+`. US numbers are checked by their
 * length and area code only, since the sources' own example `(555) 123-4567` must be accepted and 555 is assigned to nobody.
 */
export function parsePhone(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, { defaultCountry: 'US', extract: false })
  if (!parsed || parsed.ext) return null
  if (parsed.countryCallingCode === '1') return /^\+1[2-9]\d{9}$/.test(parsed.number) ? parsed.number : null
  return text.trim().startsWith('+') && parsed.isPossible() ? parsed.number : null
}

/** A phone as it is answered: `(555) 123-4567`, or the international form of other countries. */
export function formatPhone(e164: string | null): string | null {
  const parsed = e164 === null ? undefined : parsePhoneNumberFromString(e164)
  if (!parsed) return e164
  if (parsed.countryCallingCode !== '1') return parsed.formatInternational()
  const digits = parsed.number.slice(2)
  return `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`
}

type Fields = Record<string, unknown>
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** What is wrong with a new password: it must match its repetition and not be the e-mail. Its length is checked by its shape. */
export function passwordProblems(
  email: string,
  password: string,
  repeated: string | undefined,
  field = 'password',
): Detail[] {
  const problems: Detail[] = []
  if (emailKey(password) === emailKey(email))
    problems.push({ field, message: 'The password must not be the e-mail', rule: 'password_is_email' })
  if (repeated !== undefined && repeated !== password) {
    problems.push({ field: 'confirm_password', message: 'The passwords do not match', rule: 'passwords_differ' })
  }
  return problems
}

function phoneProblems(phone: unknown): Detail[] {
  const isWrong = typeof phone === 'string' && parsePhone(phone) === null
  return isWrong ? [{ field: 'phone', message: 'This phone number is not valid', rule: 'phone' }] : []
}

/** What is wrong with a registration beyond its shape; the body may have any shape. */
export function registrationProblems(body: unknown): Detail[] {
  const { email, password, confirm_password, phone } = fieldsOf(body)
  const problems = passwordProblems(textOf(email) ?? '', textOf(password) ?? '', textOf(confirm_password))
  return [...(typeof password === 'string' ? problems : []), ...phoneProblems(phone)]
}

/** What is wrong with a change of the profile beyond its shape; the body may have any shape. A rate has at most the decimals of the currency; a birthday is past. */
export function profileProblems(body: unknown, today: Temporal.PlainDate, currency: string): Detail[] {
  const { phone, profile, provider_profile } = fieldsOf(body)
  return [
    ...phoneProblems(phone),
    ...birthdayProblems(fieldsOf(profile)['birthday'], today),
    ...rateProblems(fieldsOf(provider_profile)['hourly_rate'], currency),
  ]
}

function birthdayProblems(birthday: unknown, today: Temporal.PlainDate): Detail[] {
  // Whatever is no date is told by the shape.
  if (typeof birthday !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(birthday)) return []
  const isPast = birthday >= '1900-01-01' && birthday <= today.toString()
  return isPast
    ? []
    : [{ field: 'profile.birthday', message: 'This must be a day in the past, from 1900 on', rule: 'birthday' }]
}

function rateProblems(rate: unknown, currency: string): Detail[] {
  if (typeof rate !== 'number') return []
  try {
    toMinor(rate, currency, 'provider_profile.hourly_rate')
    return []
  } catch (error) {
    if (error instanceof AppError) return error.details ?? []
    throw error
  }
}

/** The language a person chose, or the one given when there is none that we speak. */
export const localeOr = (chosen: string | null, fallback: Locale): Locale =>
  chosen !== null && isLocale(chosen) ? chosen : fallback

/** `full_name` as first and last name: the last word is the last name. */
export function splitName(fullName: string): { first_name: string; last_name: string } {
  const words = fullName.trim().split(/\s+/)
  return words.length === 1
    ? { first_name: words[0]!, last_name: '' }
    : { first_name: words.slice(0, -1).join(' '), last_name: words.at(-1)! }
}

/** The rating as it is shown: the mean of all reviews to one decimal, or null without one. */
export const ratingOf = (sum: number, count: number): number | null =>
  count === 0 ? null : Math.round((sum / count) * 10) / 10

/** Must people of this role have a second factor here? */
export const isSecondFactorRequired = (
  { TWO_FACTOR_REQUIRED_FOR }: Pick<Config, 'TWO_FACTOR_REQUIRED_FOR'>,
  role: Role,
): boolean => TWO_FACTOR_REQUIRED_FOR === 'administrators' && isAdministrative(role)

/** What this person may do, as stable words that a client's menus follow (SPEC section 11); `memberRole` is that of the membership they are shown with. */
export function capabilitiesOf(actor: Actor, memberRole?: string): string[] {
  if (actor.lacksSecondFactor) return ['profile', 'two_factor']
  const own = ['profile', 'notifications', 'bookings', 'calendars']
  const hooks = memberRole === 'admin' || memberRole === 'it' ? ['webhooks'] : []
  if (actor.role === 'provider') return [...own, 'services', 'schedules', 'withdrawals', 'documents', 'webhooks']
  if ((administrativeRoles as readonly Role[]).includes(actor.role)) {
    const held = actor.role === 'super_admin' ? Object.keys(permissionDisplay) : [...actor.permissions]
    const settings = held.includes('system_settings') ? ['webhooks'] : hooks
    const administrators = actor.role === 'super_admin' ? ['administrators'] : []
    return ['profile', 'notifications', ...held.toSorted(), ...administrators, ...settings]
  }
  return [...own, ...hooks]
}
