import type { Context } from '../../../platform/context.ts'
import { insertNotification } from '../queries/notifications.ts'
import { isOn, topicOf, topics, type TopicName } from '../topics.ts'

export type Telling = {
  userId: number
  /** What it is about: `booking_confirmed`. Its beginning also says of which topic it is (topics.ts). */
  kind: string
  /** Where the kind alone does not say it: the same step of a booking is another topic for its provider. */
  topic?: TopicName
  /** English sentences, the keys of their translations; `{name}` in them is filled from `params`, instants (`at`, `..._at`) as the reader's clock shows them. */
  title: string
  body: string
  params?: Record<string, string | number>
  /** Whose name (or names) stands in which of the params: it is taken out when that person's account is erased. Nobody, where it is a guest's. */
  people?: Record<string, number | null | readonly number[]>
  /** What it leads to. */
  target?: { kind: string; id: string | number }
  /** `false` where whoever tells mails it themselves or it is not worth a mail; else what its button says (a sentence) and where below PUBLIC_URL it leads. */
  mail?: false | { button: string; path: string }
  /** When it is of no use any more, such as the start of a booking: then it does not wait for the end of quiet hours. */
  usefulUntil?: Temporal.Instant
  /**
   * What tells others of a change waits some seconds before it disturbs (push, mail), so that whoever undoes it at once holds it back (SPEC section 11): it does
   * not go out if it has been withdrawn by then, or if one of the kinds of `unless` was told about the same target since.
   */
  held?: Held
}
export type Held = { seconds: number; unless: readonly string[] }

declare module '../../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    /** Somebody was told something. `notification_id` is null where they want no such thing in their list. */
    'notification.created': {
      notification_id: number | null
      user_id: number
      kind: string
      topic: TopicName
      title: string
      body: string
      params: Record<string, string | number>
      target: { kind: string; id: string | number } | null
      mail: false | { button: string; path: string } | null
      created_at: string
      useful_until: string | null
      /** Absent in events of the version before. */
      held?: { until: string; unless: readonly string[] } | null
    }
  }
}

/**
 * Tells a person something, in the transaction of `ctx`, by the channels that they want of its topic. To be called where the thing happens, so that both are there
 * or neither. Answers the id of the notification, or null where they want none of these in their list.
 */
export async function notify(ctx: Context, telling: Telling): Promise<number | null> {
  const { userId, kind, title, body, params = {}, target = null, topic = topicOf(kind) } = telling
  const { held } = telling
  const people = Object.entries(telling.people ?? {}).flatMap(([param, whose]) =>
    (param in params ? [whose].flat() : []).flatMap((id) =>
      typeof id === 'number' && id !== userId ? [{ user_id: id, param }] : [],
    ),
  )
  const id = await insertNotification(
    ctx,
    { user_id: userId, kind, title, body, params, target, people },
    topics[topic].in_app === 'always' ? null : { topic, otherwise: isOn(topic, 'in_app', {}) },
  )
  await ctx.house.jobs.publish(ctx, 'notification.created', {
    notification_id: id,
    user_id: userId,
    kind,
    topic,
    title,
    body,
    params,
    target,
    mail: telling.mail ?? null,
    created_at: ctx.now.toString(),
    useful_until: telling.usefulUntil?.toString() ?? null,
    held: held ? { until: ctx.now.add({ seconds: held.seconds }).toString(), unless: held.unless } : null,
  })
  return id
}
