import type { Context } from '../../../platform/context.ts'
import { notify } from '../../notifications/index.ts'
import { secondOfPoint, toInstant } from '../rules/moments.ts'
import { seriesOf } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import { pointOf } from '../../../time/recurrence/index.ts'
import { zoneOf } from '../../../time/zones.ts'

type Notice = { kind: string; title: string; body: string; held?: { seconds: number; unless: string[] } }

/** What tells others of a change waits a moment before it disturbs, and the last one of several is enough. */
const heldSeconds = 5

export const notices = {
  invited: {
    kind: 'event_invited',
    title: 'Invitation: {event}',
    body: '{organizer} invites you to {event}, {at}.',
  },
  changed: {
    kind: 'event_changed',
    title: 'Changed: {event}',
    body: '{event} has changed; it begins {at}.',
    held: { seconds: heldSeconds, unless: ['event_changed'] },
  },
  cancelled: {
    kind: 'event_cancelled',
    title: 'Cancelled: {event}',
    body: '{event}, {at}, will not take place.',
    held: { seconds: heldSeconds, unless: [] },
  },
  accepted: { kind: 'event_answered', title: 'Accepted: {event}', body: '{person} will take part in {event}, {at}.' },
  declined: {
    kind: 'event_answered',
    title: 'Declined: {event}',
    body: '{person} will not take part in {event}, {at}.',
  },
  tentative: { kind: 'event_answered', title: 'Perhaps: {event}', body: '{person} may take part in {event}, {at}.' },
  commented: { kind: 'event_commented', title: 'A comment on {event}', body: '{person} has commented on {event}.' },
  roomLost: {
    kind: 'event_room_lost',
    title: 'No room for {event}',
    body: 'The room is taken or closed at {count} times of {event} that are within reach now; the first is {at}.',
  },
  reminder: { kind: 'event_reminder', title: 'Soon: {event}', body: '{event} begins {at}.' },
  reminderAt: { kind: 'event_reminder', title: 'Soon: {event}', body: '{event} begins {at}, {place}.' },
  roomReleased: {
    kind: 'event_room_lost',
    title: 'No room for {event}',
    body: 'Nobody has checked in to {event}, {at}, so its room is free for others.',
  },
} satisfies Record<string, Notice>

/** When an event begins, as an instant; its floating times and dates in UTC. */
export function beginningOf({ event }: Whole): Temporal.Instant {
  const series = seriesOf(event, [])
  return toInstant(secondOfPoint(event.kind, pointOf(series, event.dtstart), zoneOf(event.time_zone ?? 'UTC')))
}

/** Tells people of an event, who does it excepted, in the transaction. */
export async function tell(
  ctx: Context,
  whole: Whole,
  notice: Notice,
  userIds: readonly (number | null)[],
  params: Record<string, string | number> = {},
): Promise<void> {
  const { event } = whole
  const common = { event: event.title, at: beginningOf(whole).toString(), ...params }
  const people = { organizer: event.organizer_id, person: ctx.actor?.userId ?? null }
  for (const userId of new Set(userIds))
    if (userId !== null && userId !== ctx.actor?.userId)
      await notify(ctx, { userId, ...notice, params: common, people, target: { kind: 'event', id: event.id } })
}
