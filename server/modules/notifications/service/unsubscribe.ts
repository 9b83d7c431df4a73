import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { translate, type Locale } from '../../../platform/i18n/index.ts'
import { findReach, upsertChoices } from '../queries/preferences.ts'
import { isFixed, isTopic, topics, type TopicName } from '../topics.ts'

/** Unsubscribing with one click and without signing in (RFC 8058). A link serves for one person and one topic, and for ever: mails are kept for years. */

const purpose = 'unsubscribe from mails'

/** What of a mail lets its reader end such mails: the headers of RFC 2369 and RFC 8058, and a link to read. */
export type Unsubscribe = { headers: Record<string, string>; link: string; label: string }

export function unsubscribeOf(ctx: Context, userId: number, topic: TopicName, locale: Locale): Unsubscribe {
  const signed = `${userId}.${topic}`
  const token = `${signed}.${ctx.house.secrets.hmac(purpose, signed)}`
  const link = `${ctx.house.config.PUBLIC_URL}/unsubscribe/?token=${token}`
  return {
    headers: { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    link,
    label: translate(locale, 'No more mails about this'),
  }
}

/** Whose mails about what a token ends, or null for one that is forged or of a topic that cannot be ended. */
export function readUnsubscribe(ctx: Context, token: string): { userId: number; topic: TopicName } | null {
  const [, id, topic, signature] = /^([1-9]\d{0,14})\.([a-z_]{1,40})\.([0-9a-f]{64})$/.exec(token) ?? []
  if (id === undefined || topic === undefined || signature === undefined) return null
  if (!ctx.house.secrets.verifies(purpose, `${id}.${topic}`, signature)) return null
  return isTopic(topic) && !isFixed(topic, 'email') ? { userId: Number(id), topic } : null
}

/** Ends the mails that a token names; can be repeated. Answers the name of the topic, or null for a token that is none. */
export async function unsubscribe(ctx: Context, token: string): Promise<string | null> {
  const named = readUnsubscribe(ctx, token)
  if (!named) return null
  await inTransaction(ctx, async (tx) => {
    // Of an account that was erased nothing is kept, and there is nobody to be mailed.
    if (!(await findReach(tx, named.userId, named.topic))) return
    await upsertChoices(tx, named.userId, [{ topic: named.topic, channel: 'email', enabled: false }])
  })
  return topics[named.topic].name
}
