/** What one may be told of, grouped as a person would choose, and by which channels. Pure. */

export const channels = ['in_app', 'email', 'push'] as const
export type Channel = (typeof channels)[number]

/** `on` and `off` until somebody chooses otherwise; `always` is essential and `never` is not offered, and neither can be changed. */
type Setting = 'always' | 'on' | 'off' | 'never'

type Topic = Readonly<Record<Channel, Setting>> & {
  /** English sentences, the keys of their translations. */
  name: string
  description: string
}

/**
 * The topics, in the order in which they are shown. Essential is what somebody would be harmed by not knowing: that their appointment was moved, what became of
 * their money, that somebody signed in. A mail of these bears no unsubscribe link and waits for no quiet hours.
 */
export const topics = {
  bookings: {
    name: 'Your bookings',
    description: 'Made, confirmed, moved, proposed anew, cancelled or expired',
    in_app: 'always',
    email: 'always',
    push: 'on',
  },
  customer_bookings: {
    name: 'Bookings of your customers',
    description: 'New, moved and cancelled bookings of what you offer',
    in_app: 'always',
    email: 'on',
    push: 'on',
  },
  reminders: {
    name: 'Reminders',
    description: 'A day and two hours before a booking',
    in_app: 'on',
    email: 'on',
    push: 'on',
  },
  follow_ups: {
    name: 'After a booking',
    description: 'That a booking is completed, or that somebody did not come',
    in_app: 'on',
    email: 'never',
    push: 'off',
  },
  reviews: {
    name: 'Reviews',
    description: 'New reviews of what you give, and what becomes of yours',
    in_app: 'on',
    email: 'on',
    push: 'on',
  },
  review_invitations: {
    name: 'Invitations to review',
    description: 'A few hours after a booking: how was it?',
    in_app: 'on',
    email: 'on',
    push: 'off',
  },
  waiting_list: {
    name: 'Waiting list',
    description: 'A place that has become free',
    in_app: 'on',
    email: 'on',
    push: 'on',
  },
  payments: {
    name: 'Money',
    description: 'Refunds, late payments and withdrawals',
    in_app: 'always',
    email: 'always',
    push: 'on',
  },
  messages: {
    name: 'Messages',
    description: 'What people write to you in chats',
    in_app: 'on',
    email: 'off',
    push: 'on',
  },
  documents: {
    name: 'Documents',
    description: 'Whether your papers were approved',
    in_app: 'always',
    email: 'on',
    push: 'on',
  },
  work: {
    name: 'Calendar and tickets',
    description: 'Invitations, changes and reminders of events, and what happens to tickets',
    in_app: 'on',
    email: 'off',
    push: 'on',
  },
  security: {
    name: 'Security',
    description: 'Sign-ins, passwords, the second factor and your data',
    in_app: 'always',
    email: 'always',
    push: 'on',
  },
  integrations: {
    name: 'Integrations',
    description: 'That a connection to another service, such as a webhook, has ended',
    in_app: 'on',
    email: 'on',
    push: 'off',
  },
  other: {
    name: 'Everything else',
    description: 'News of your account and of the platform',
    in_app: 'on',
    email: 'off',
    push: 'off',
  },
} as const satisfies Record<string, Topic>
export type TopicName = keyof typeof topics

export const topicNames = Object.keys(topics) as TopicName[]
export const isTopic = (name: string): name is TopicName => Object.hasOwn(topics, name)

/** By the beginning of the kind; the first that fits. */
const byKind: readonly (readonly [RegExp, TopicName])[] = [
  [/^booking_reminder$/, 'reminders'],
  [/^booking_(?:completed|no_show)$/, 'follow_ups'],
  [/^booking_paid_late$|^(?:payment|refund|withdrawal|payout|dispute|receipt)/, 'payments'],
  [/^booking/, 'bookings'],
  [/^review_invitation$/, 'review_invitations'],
  [/^review_(?:received|answered|hidden)$/, 'reviews'],
  [/^waiting_list/, 'waiting_list'],
  [/^(?:message|chat)/, 'messages'],
  [/^(?:document|verification)/, 'documents'],
  [/^(?:webhook|integration)/, 'integrations'],
  [/^(?:event|ticket|calendar|meeting|invitation)/, 'work'],
  [/^(?:two_factor|second_factor|sign_in|session|password|email_change|passkey|security|export)/, 'security'],
]

/** The topic of a kind of notification such as `booking_confirmed`; `other` where none is meant for it. */
export const topicOf = (kind: string): TopicName => byKind.find(([pattern]) => pattern.test(kind))?.[1] ?? 'other'

/** What somebody chose, by channel. */
export type Choices = Partial<Record<Channel, boolean>>

/** Is a topic told by a channel to somebody who has chosen this? */
export function isOn(topic: TopicName, channel: Channel, choices: Choices): boolean {
  const setting: Setting = topics[topic][channel]
  if (setting === 'always' || setting === 'never') return setting === 'always'
  return choices[channel] ?? setting === 'on'
}

/** Can nobody change this? */
export const isFixed = (topic: TopicName, channel: Channel): boolean => {
  const setting: Setting = topics[topic][channel]
  return setting === 'always' || setting === 'never'
}
