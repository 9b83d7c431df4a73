/** What the two sides of a booking are told of each of its steps. English sentences, the keys of their translations. */

export const noticeKinds = [
  'created',
  'confirmed',
  'rescheduled',
  'proposed',
  'cancelled',
  'completed',
  'no_show',
  'reminder',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

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

const plainBuyer = '{service} with {provider}: {at}'
const plainProvider = '{service} for {customer}: {at}'

/** To who bought it, customer or guest. */
export function toBuyer(kind: NoticeKind, facts: Facts): Sentences {
  switch (kind) {
    case 'created':
      if (facts.status === 'confirmed') return { title: 'Your booking is confirmed', body: plainBuyer }
      return facts.approval
        ? {
            title: 'Your booking request was sent',
            body: '{service} with {provider}: {at}. You will be told when it is confirmed.',
          }
        : {
            title: 'Your booking awaits payment',
            body: facts.until
              ? '{service} with {provider}: {at}. The time is held for you until {until_at}.'
              : plainBuyer,
          }
    case 'confirmed':
      return { title: 'Your booking is confirmed', body: plainBuyer }
    case 'rescheduled':
      return facts.status === 'pending'
        ? {
            title: 'Your booking was moved',
            body: '{service} with {provider}: {at} instead of {from_at}. It is not confirmed yet.',
          }
        : { title: 'Your booking was moved', body: '{service} with {provider}: {at} instead of {from_at}' }
    case 'proposed':
      return {
        title: 'Another time is proposed for your booking',
        body: '{service} with {provider}: {date_at} instead of {at}. Move the booking there to accept.',
      }
    case 'cancelled':
      if (facts.reason === 'expired')
        return {
          title: 'Your booking has expired',
          body: '{service} with {provider}: {at}. It was not confirmed in time, and the time is free again.',
        }
      return {
        title: 'Your booking was cancelled',
        body: facts.reason ? '{service} with {provider}: {at}. Reason: {reason}' : plainBuyer,
      }
    case 'completed':
      return { title: 'Your booking is completed', body: plainBuyer }
    case 'no_show':
      return { title: 'You did not come to your booking', body: plainBuyer }
    case 'reminder':
      return { title: 'A reminder of your booking', body: plainBuyer }
  }
}

/** To who gives it. */
export function toProvider(kind: NoticeKind, facts: Facts): Sentences {
  switch (kind) {
    case 'created':
      if (facts.status === 'confirmed') return { title: 'New booking', body: plainProvider }
      return { title: facts.approval ? 'New booking request' : 'New booking, not paid yet', body: plainProvider }
    case 'confirmed':
      return { title: 'A booking is confirmed', body: plainProvider }
    case 'rescheduled':
      return { title: 'A booking was moved', body: '{service} for {customer}: {at} instead of {from_at}' }
    case 'proposed':
      return { title: 'You have proposed another time', body: '{service} for {customer}: {date_at} instead of {at}' }
    case 'cancelled':
      if (facts.reason === 'expired') return { title: 'A booking has expired', body: plainProvider }
      return {
        title: 'A booking was cancelled',
        body: facts.reason ? '{service} for {customer}: {at}. Reason: {reason}' : plainProvider,
      }
    case 'completed':
      return { title: 'A booking is completed', body: plainProvider }
    case 'no_show':
      return { title: 'A customer did not come', body: plainProvider }
    case 'reminder':
      return { title: 'A reminder of a booking', body: plainProvider }
  }
}
