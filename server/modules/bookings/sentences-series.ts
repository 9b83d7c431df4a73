/** What the two sides of a series are told of each of its steps, once for all its bookings. English sentences, the keys of their translations. */

export type SeriesNotice = 'created' | 'confirmed' | 'moved' | 'reassigned' | 'cancelled' | 'expired'

/** What is known when the thing happens and may have changed when it is told. */
export type SeriesFacts = {
  status?: 'pending' | 'confirmed'
  /** Waits for the provider, not for a payment. */
  approval?: boolean
  until?: string | null
  /** The first start before a move. */
  from?: string
  reason?: string | null
}

type Sentences = { title: string; body: string }

const plainBuyer = '{service} with {provider}: from {at} to {last_at}, bookings: {count}'
const plainProvider = '{service} for {customer}: from {at} to {last_at}, bookings: {count}'
const told = (title: string, body: string): Sentences => ({ title, body })
const because = (plain: string, reason: string | null | undefined): string =>
  reason ? `${plain}. Reason: {reason}` : plain
/** The other side has erased their account: they have no name any more. */
const isErased = (reason: string | null | undefined): boolean => reason === 'account_deleted'

const buyers: Record<SeriesNotice, (facts: SeriesFacts) => Sentences> = {
  created: ({ status, approval, until }) => {
    if (status === 'confirmed') return told('Your bookings are confirmed', plainBuyer)
    if (approval)
      return told(
        'Your request for several bookings was sent',
        `${plainBuyer}. You will be told when they are confirmed.`,
      )
    return told(
      'Your bookings await payment',
      until
        ? `${plainBuyer}. Pay for the first one until {until_at}; the others are then held for you until two days before each.`
        : plainBuyer,
    )
  },
  confirmed: () => told('Your bookings are confirmed', plainBuyer),
  moved: ({ status }) =>
    told(
      'Your bookings were moved',
      status === 'pending'
        ? `${plainBuyer}; the first was {from_at}. They are not confirmed yet.`
        : `${plainBuyer}; the first was {from_at}`,
    ),
  reassigned: () => told('Somebody else gives your bookings', plainBuyer),
  cancelled: ({ reason }) =>
    told(
      'Your bookings were cancelled',
      isErased(reason)
        ? '{service}: from {at} to {last_at}, bookings: {count}. Who was to give it has deleted their account.'
        : because(plainBuyer, reason),
    ),
  expired: () =>
    told('Your bookings have expired', `${plainBuyer}. They were not confirmed in time, and the times are free again.`),
}

const providers: Record<SeriesNotice, (facts: SeriesFacts) => Sentences> = {
  created: ({ status, approval }) => {
    if (status === 'confirmed') return told('New bookings', plainProvider)
    return told(approval ? 'New request for several bookings' : 'New bookings, not paid yet', plainProvider)
  },
  confirmed: () => told('Bookings are confirmed', plainProvider),
  moved: () => told('Bookings were moved', `${plainProvider}; the first was {from_at}`),
  reassigned: () => told('Bookings are yours to give now', plainProvider),
  cancelled: ({ reason }) =>
    told(
      'Bookings were cancelled',
      isErased(reason)
        ? '{service}: from {at} to {last_at}, bookings: {count}. Who had booked it has deleted their account.'
        : because(plainProvider, reason),
    ),
  expired: () => told('Bookings have expired', plainProvider),
}

/** To who bought it, customer or guest. */
export const seriesToBuyer = (kind: SeriesNotice, facts: SeriesFacts): Sentences => buyers[kind](facts)

/** To who gives it. */
export const seriesToProvider = (kind: SeriesNotice, facts: SeriesFacts): Sentences => providers[kind](facts)

/** To the admins of the organization that sold them, where who was to give them has erased their account. */
export const seriesToSeller = told(
  'Bookings were cancelled',
  '{service}: from {at} to {last_at}, bookings: {count}. Who was to give it has deleted their account.',
)

const lines: Record<Exclude<SeriesNotice, 'created'>, string> = {
  confirmed: 'Bookings confirmed: {service}, from {at} to {last_at}, bookings: {count}',
  moved: 'Bookings moved: {service}, from {at} to {last_at}, bookings: {count}',
  reassigned: 'Bookings passed on: {service}, from {at} to {last_at}, bookings: {count}',
  cancelled: 'Bookings cancelled: {service}, from {at} to {last_at}, bookings: {count}',
  expired: 'Bookings expired: {service}, from {at} to {last_at}, bookings: {count}',
}

/** The line in the chat of the two. */
export function seriesInChat(kind: SeriesNotice, { status, approval }: SeriesFacts): string {
  if (kind !== 'created') return lines[kind]
  if (status === 'confirmed') return 'Booked: {service}, from {at} to {last_at}, bookings: {count}'
  return approval
    ? 'Bookings requested: {service}, from {at} to {last_at}, bookings: {count}'
    : 'Booked, not paid yet: {service}, from {at} to {last_at}, bookings: {count}'
}
