import type { Context } from '../../../platform/context.ts'
import { negotiate } from '../../../platform/i18n/index.ts'
import { findReach } from '../queries/preferences.ts'
import { waitsUntil } from '../quiet.ts'
import { isFixed, isOn, topicOf } from '../topics.ts'
import { unsubscribeOf, type Unsubscribe } from './unsubscribe.ts'

/** On which terms a mail goes to somebody: not before `notBefore`, and with a way out where it is not essential. */
export type MailTerms = { notBefore: Temporal.Instant | null; unsubscribe: Unsubscribe | null }

/**
 * May a mail about this kind of thing go to this person, and on which terms? Null where they want none, or have no account any more. For mails that another module
 * makes itself; `usefulUntil` is when it is of no use any more, such as the start of a booking.
 */
export async function mailTerms(
  ctx: Context,
  userId: number,
  kind: string,
  usefulUntil: Temporal.Instant | null = null,
): Promise<MailTerms | null> {
  const topic = topicOf(kind)
  const reach = await findReach(ctx, userId, topic)
  if (!reach || !isOn(topic, 'email', reach.choices)) return null
  if (isFixed(topic, 'email')) return { notBefore: null, unsubscribe: null }
  return {
    notBefore: waitsUntil(reach.quiet, ctx.now, reach.timeZone, usefulUntil),
    unsubscribe: unsubscribeOf(ctx, userId, topic, negotiate(null, reach.locale)),
  }
}

/** Does this person want mails about this kind of thing? Essential ones always. */
export const mayMail = async (ctx: Context, userId: number, kind: string): Promise<boolean> =>
  (await mailTerms(ctx, userId, kind)) !== null
