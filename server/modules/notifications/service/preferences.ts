import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalidAll, type Detail } from '../../../platform/errors.ts'
import { translate } from '../../../platform/i18n/index.ts'
import { findQuietHours, putQuietHours, selectChoices, upsertChoices, type Choice } from '../queries/preferences.ts'
import type { PreferencesInput, PreferencesView } from '../schema.ts'
import { channels, isFixed, isOn, isTopic, topicNames, topics, type Choices } from '../topics.ts'

/** What one is told by which channel, and when not. */
export async function getPreferences(ctx: Context): Promise<PreferencesView> {
  const { userId, timeZone } = actorOf(ctx)
  const chosen = await selectChoices(ctx, userId)
  const quiet = await findQuietHours(ctx, userId)
  return {
    topics: topicNames.map((topic) => {
      const choices: Choices = Object.fromEntries(
        chosen.filter((choice) => choice.topic === topic).map(({ channel, enabled }) => [channel, enabled]),
      )
      return {
        topic,
        name: translate(ctx.locale, topics[topic].name),
        description: translate(ctx.locale, topics[topic].description),
        in_app: isOn(topic, 'in_app', choices),
        email: isOn(topic, 'email', choices),
        push: isOn(topic, 'push', choices),
        fixed: channels.filter((channel) => isFixed(topic, channel)),
      }
    }),
    quiet_hours: quiet ? { start: quiet.starts, end: quiet.ends } : null,
    time_zone: timeZone,
    push_available: ctx.house.pusher !== null,
  }
}

/** Changes what is named and leaves the rest. @throws VALIDATION_ERROR for what is essential or not offered, for an unknown topic, for quiet hours without a length */
export async function putPreferences(ctx: Context, input: PreferencesInput): Promise<PreferencesView> {
  const { userId } = actorOf(ctx)
  const problems: Detail[] = []
  const choices = (input.topics ?? []).flatMap((wish, index): Choice[] => {
    const { topic } = wish
    if (!isTopic(topic)) {
      problems.push({ field: `topics.${index}.topic`, message: 'There is no such topic' })
      return []
    }
    return channels.flatMap((channel): Choice[] => {
      const enabled = wish[channel]
      if (enabled === undefined) return []
      if (!isFixed(topic, channel)) return [{ topic, channel, enabled }]
      if (enabled !== isOn(topic, channel, {}))
        problems.push({
          field: `topics.${index}.${channel}`,
          message: enabled
            ? 'This topic is not told by this channel'
            : 'This topic is essential and cannot be turned off',
          rule: enabled ? 'not_offered' : 'essential',
        })
      return []
    })
  })
  const quiet = input.quiet_hours
  if (quiet && quiet.start === quiet.end)
    problems.push({ field: 'quiet_hours.end', message: 'Quiet hours must have an end that is not their start' })
  if (problems.length > 0) throw invalidAll(problems)
  return inTransaction(ctx, async (tx) => {
    // A topic that is named twice: the last one counts, and one statement may not write a row twice.
    await upsertChoices(tx, userId, [...new Map(choices.map((one) => [`${one.topic} ${one.channel}`, one])).values()])
    if (quiet !== undefined) await putQuietHours(tx, userId, quiet && { starts: quiet.start, ends: quiet.end })
    return getPreferences(tx)
  })
}
