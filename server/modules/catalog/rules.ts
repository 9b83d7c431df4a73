import type { Detail } from '../../platform/errors.ts'
import { fold } from '../../platform/fold.ts'
import { decimalsOf, isCurrency } from '../../platform/money.ts'
import type { CancellationRule, LocationType, PaymentWay } from './schema/services.ts'

/** A service as it is to be kept, amounts in major units: what was there or the defaults, with what the request says laid over it. */
export type Draft = {
  title: string
  description: string
  price: number
  currency: string
  duration_minutes: number
  buffer_before_minutes: number
  buffer_after_minutes: number
  capacity: number
  category: string
  location_type: LocationType
  deposit: number | null
  no_show_fee: number | null
  cancellation_policy: CancellationRule[]
  min_notice_minutes: number
  max_advance_days: number | null
  slot_step_minutes: number
  requires_approval: boolean
  payment: PaymentWay
  is_active: boolean
}

/** What a service is unless it is said otherwise (SPEC section 10). */
export const defaults = {
  duration_minutes: 60,
  buffer_before_minutes: 0,
  buffer_after_minutes: 0,
  capacity: 1,
  category: '',
  location_type: 'in_person',
  deposit: null,
  no_show_fee: null,
  cancellation_policy: [],
  min_notice_minutes: 0,
  max_advance_days: null,
  slot_step_minutes: 30,
  requires_approval: false,
  is_active: true,
} as const satisfies Partial<Draft>

/** The parts of a request that were given: `undefined` is no value. */
export function given<T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

const farthest = ({ max_advance_days: days }: Draft): number => days ?? Infinity

/** May a change let a service begin where it could not before, whoever gives it? */
export const opensTimes = (before: Draft, after: Draft): boolean =>
  after.is_active &&
  (!before.is_active ||
    after.capacity > before.capacity ||
    after.duration_minutes < before.duration_minutes ||
    after.buffer_before_minutes < before.buffer_before_minutes ||
    after.buffer_after_minutes < before.buffer_after_minutes ||
    after.min_notice_minutes < before.min_notice_minutes ||
    after.slot_step_minutes % before.slot_step_minutes !== 0 ||
    farthest(after) > farthest(before))

/** What is wrong with a service beyond its shape; decimals are checked where amounts become minor units. */
export function problemsOf(draft: Draft): Detail[] {
  const problems: Detail[] = []
  for (const field of ['title', 'description'] as const)
    if (draft[field].trim() === '') problems.push({ field, message: 'This must not be empty', rule: 'minLength' })
  if (!isCurrency(draft.currency))
    problems.push({ field: 'currency', message: 'This is no ISO 4217 currency', rule: 'currency' })
  if (draft.deposit !== null && draft.deposit > draft.price)
    problems.push({ field: 'deposit', message: 'The deposit must not be more than the price', rule: 'deposit' })
  if (draft.no_show_fee !== null && draft.no_show_fee > draft.price)
    problems.push({
      field: 'no_show_fee',
      message: 'The no-show fee must not be more than the price',
      rule: 'no_show_fee',
    })
  const hours = draft.cancellation_policy.map((rule) => rule.hours_before)
  if (new Set(hours).size < hours.length)
    problems.push({
      field: 'cancellation_policy',
      message: 'Two rules of the cancellation policy are for the same time',
      rule: 'uniqueItems',
    })
  const byNotice = policyInOrder(draft.cancellation_policy)
  if (byNotice.some((rule, at) => at > 0 && rule.refund_percent > byNotice[at - 1]!.refund_percent))
    problems.push({
      field: 'cancellation_policy',
      message: 'Who cancels later must not get back more',
      rule: 'cancellation_policy',
    })
  return problems
}

export type FeeTerms = {
  noShowFeeMinor: number | null
  depositMinor: number | null
  payment: PaymentWay
  requiresApproval: boolean
}

/**
 * Must who books have a saved payment method, so that the no-show fee can be charged? Not where the booking is confirmed by a payment that covers it; what is paid
 * on site, by a smaller deposit, or confirmed by the provider before it is paid, is not.
 */
export const needsSavedMethod = ({ noShowFeeMinor, depositMinor, payment, requiresApproval }: FeeTerms): boolean =>
  noShowFeeMinor !== null &&
  (payment === 'on_site' ||
    requiresApproval ||
    (depositMinor !== null && depositMinor > 0 && depositMinor < noShowFeeMinor))

/** The longest notice first, as it is kept and read. */
export const policyInOrder = (policy: readonly CancellationRule[]): CancellationRule[] =>
  policy.toSorted((a, b) => b.hours_before - a.hours_before)

/** Ranks have as many decimals as the currency with the most (four, by ISO 4217). */
const rankDecimals = 4

/** An amount in major units as it sorts among all currencies; to the ten-thousandth. */
export const rankOf = (amount: number): number => Math.round(amount * 10 ** rankDecimals)

/** A rating asked for in tenths, rounded up: 4.85 asks for 4.9. */
export const tenthsOf = (rating: number): number => Math.ceil(Number((rating * 10).toFixed(3)))

/** What lists keep beside a service is made of this. */
export type ListingFacts = {
  id: number
  title: string
  description: string
  category: string
  price_minor: number
  currency: string
  seller: string
  city: string
  is_hidden: boolean
  staff: { name: string; rating_sum: number; review_count: number; languages: string[] }[]
}

export type ListingColumns = {
  id: number
  is_hidden: boolean
  title_key: string
  category_key: string
  city_key: string
  search_text: string
  price_rank: number
  rating_tenths: number
  languages: string[]
}

/** Of a long description the beginning is searched: the index grows with every character. */
const searchedDescription = 2000

/** The columns of `services` that lists, filters and searches read. Demo data in bulk is to write the same. */
export function listingOf(facts: ListingFacts): ListingColumns {
  const { id, is_hidden, staff, title, category, seller, city, currency } = facts
  const words = [
    title,
    category,
    seller,
    city,
    ...staff.map(({ name }) => name),
    facts.description.slice(0, searchedDescription),
  ]
  return {
    id,
    is_hidden,
    title_key: fold(title),
    category_key: fold(category),
    city_key: fold(city),
    search_text: fold([...new Set(words)].join(' ')),
    price_rank: facts.price_minor * 10 ** (rankDecimals - decimalsOf(currency)),
    rating_tenths: tenths(
      staff.reduce((sum, person) => sum + person.rating_sum, 0),
      staff.reduce((sum, person) => sum + person.review_count, 0),
    ),
    languages: [...new Set(staff.flatMap((person) => person.languages.map((language) => language.toLowerCase())))],
  }
}

/** The mean of all reviews in tenths; 0 without one. */
export const tenths = (sum: number, count: number): number => (count === 0 ? 0 : Math.round((sum / count) * 10))

/** By which name those who watch the slots of a service hear that the service itself has changed. */
export const serviceKey = (id: number): string => `service:${id}`
