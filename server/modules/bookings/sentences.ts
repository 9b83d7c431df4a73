/** What the two sides of a booking are told of each of its steps. English sentences, the keys of their translations. */

export type NoticeKind =
  | 'created'
  | 'confirmed'
  | 'rescheduled'
  | 'reassigned'
  | 'proposed'
  | 'cancelled'
  | 'completed'
  | 'no_show'
  | 'reminder'

/** What is known when the thing happens and may have changed when it is told. */
export type Facts = {
  /** As what it was made, or what it is after a move. */
  status?: 'pending' | 'confirmed'
  /** Until when a new booking holds its time. */
  until?: string | null
  /** Waits for the provider, not for a payment. */
  approval?: boolean
  /** The start before a move. */
  from?: string
  /** The start that is proposed. */
  date?: string
  reason?: string | null
}

type Sentences = { title: string; body: string }

/** The other side has erased their account; they have no name any more, and they themselves are told nothing. */
const isErased = (reason: string | null | undefined): boolean => reason === 'account_deleted'
/** Reasons that are codes of ours, not words of a person. */
const said = (reason: string | null | undefined): boolean => Boolean(reason) && !isErased(reason)

const plainBuyer = '{service} with {provider}: {at}'
const plainProvider = '{service} for {customer}: {at}'

const told = (title: string, body: string): Sentences => ({ title, body })

const buyers: Record<NoticeKind, (facts: Facts) => Sentences> = {
  created: ({ status, approval, until }) => {
    if (status === 'confirmed') return told('Your booking is confirmed', plainBuyer)
    if (approval)
      return told(
        'Your booking request was sent',
        '{service} with {provider}: {at}. You will be told when it is confirmed.',
      )
    return told(
      'Your booking awaits payment',
      until ? '{service} with {provider}: {at}. The time is held for you until {until_at}.' : plainBuyer,
    )
  },
  confirmed: () => told('Your booking is confirmed', plainBuyer),
  rescheduled: ({ status }) =>
    told(
      'Your booking was moved',
      status === 'pending'
        ? '{service} with {provider}: {at} instead of {from_at}. It is not confirmed yet.'
        : '{service} with {provider}: {at} instead of {from_at}',
    ),
  reassigned: () => told('Somebody else gives your booking', plainBuyer),
  proposed: () =>
    told(
      'Another time is proposed for your booking',
      '{service} with {provider}: {date_at} instead of {at}. Move the booking there to accept.',
    ),
  cancelled: ({ reason }) => {
    if (reason === 'expired')
      return told(
        'Your booking has expired',
        '{service} with {provider}: {at}. It was not confirmed in time, and the time is free again.',
      )
    if (isErased(reason))
      return told('Your booking was cancelled', '{service}: {at}. Who was to give it has deleted their account.')
    return told(
      'Your booking was cancelled',
      said(reason) ? '{service} with {provider}: {at}. Reason: {reason}' : plainBuyer,
    )
  },
  completed: () => told('Your booking is completed', plainBuyer),
  no_show: () => told('You did not come to your booking', plainBuyer),
  reminder: () => told('A reminder of your booking', plainBuyer),
}

const providers: Record<NoticeKind, (facts: Facts) => Sentences> = {
  created: ({ status, approval }) => {
    if (status === 'confirmed') return told('New booking', plainProvider)
    return told(approval ? 'New booking request' : 'New booking, not paid yet', plainProvider)
  },
  confirmed: () => told('A booking is confirmed', plainProvider),
  rescheduled: () => told('A booking was moved', '{service} for {customer}: {at} instead of {from_at}'),
  reassigned: () => told('A booking is yours to give now', plainProvider),
  proposed: () => told('You have proposed another time', '{service} for {customer}: {date_at} instead of {at}'),
  cancelled: ({ reason }) => {
    if (reason === 'expired') return told('A booking has expired', plainProvider)
    if (isErased(reason))
      return told('A booking was cancelled', '{service}: {at}. Who had booked it has deleted their account.')
    return told(
      'A booking was cancelled',
      said(reason) ? '{service} for {customer}: {at}. Reason: {reason}' : plainProvider,
    )
  },
  completed: () => told('A booking is completed', plainProvider),
  no_show: () => told('A customer did not come', plainProvider),
  reminder: () => told('A reminder of a booking', plainProvider),
}

/** To who bought it, customer or guest. */
export const toBuyer = (kind: NoticeKind, facts: Facts): Sentences => buyers[kind](facts)

/** To who gives it. */
export const toProvider = (kind: NoticeKind, facts: Facts): Sentences => providers[kind](facts)

/** To who gave it, once somebody else does. */
export const toFormerProvider = told('Somebody else gives a booking of yours', plainProvider)

/** To the admins of the organization that sold it, where who was to give it has erased their account. */
export const toSeller = told(
  'A booking was cancelled',
  '{service}: {at}. Who was to give it has deleted their account.',
)

/** The line in the chat of the two; null for what needs none. */
export function inChat(kind: NoticeKind, { status, approval, reason }: Facts): string | null {
  switch (kind) {
    case 'created':
      if (status === 'confirmed') return 'Booked: {service}, {at}'
      return approval ? 'Booking requested: {service}, {at}' : 'Booked, not paid yet: {service}, {at}'
    case 'confirmed':
      return 'Booking confirmed: {service}, {at}'
    case 'rescheduled':
      return 'Booking moved: {service}, {at} instead of {from_at}'
    case 'reassigned':
      return 'Booking passed on: {service}, {at}'
    case 'proposed':
      return 'Another time is proposed: {service}, {date_at} instead of {at}'
    case 'cancelled':
      return reason === 'expired' ? 'Booking expired: {service}, {at}' : 'Booking cancelled: {service}, {at}'
    case 'completed':
      return 'Booking completed: {service}, {at}'
    default:
      return null
  }
}
