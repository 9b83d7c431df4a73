import { randomUUID } from 'node:crypto'
import type { Context } from '../../../platform/context.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { negotiate, translate, withMoments } from '../../../platform/i18n/index.ts'
import type { DomainEvents, Listener } from '../../../platform/jobs/jobs.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render } from '../../../platform/mail/render.ts'
import { PushRefused } from '../../../platform/push/pusher.ts'
import { appendToStreams } from '../../../platform/streams.ts'
import { deleteDead, findToken } from '../queries/devices.ts'
import { countUnread, findParams, holdNotification, isOutdated, isUnread } from '../queries/notifications.ts'
import { findReach, type Reach } from '../queries/preferences.ts'
import { waitsUntil } from '../quiet.ts'
import { isFixed, isOn } from '../topics.ts'
import { namesIn, viewOf } from './notifications.ts'
import { unsubscribeOf } from './unsubscribe.ts'

type Told = DomainEvents['notification.created']
/** One message to one device: so that what fails for one is not repeated for the others. */
export type PushJob = Told & { device_id: number }
export type MailJob = Told & { id: string }

/** So long a message is worth being shown on a device, and is tried. Hours. */
const pushHours = 24

const usefulUntilOf = ({ useful_until }: Told): Temporal.Instant | null =>
  useful_until === null ? null : Temporal.Instant.from(useful_until)

/** When this is to go out by a channel that disturbs: null is now. */
const waitOf = (ctx: Context, reach: Reach, told: Told): Temporal.Instant | undefined =>
  waitsUntil(reach.quiet, ctx.now, reach.timeZone, usefulUntilOf(told)) ?? undefined

const laterOf = (a: Temporal.Instant | undefined, b: Temporal.Instant | undefined): Temporal.Instant | undefined =>
  a && b ? (Temporal.Instant.compare(a, b) > 0 ? a : b) : (a ?? b)

/** Before this nothing that is held goes out. */
const heldUntil = ({ held }: Told): Temporal.Instant | undefined =>
  held ? Temporal.Instant.from(held.until) : undefined

/** Was what is held taken back, or is it overtaken by what was told since? */
async function isHeldBack(ctx: Context, { held, user_id, notification_id }: Told): Promise<boolean> {
  if (!held || notification_id === null) return false
  if (!(await holdNotification(ctx, user_id, notification_id))) return true
  return isOutdated(ctx, user_id, notification_id, held.unless)
}

/** Hears of everything that people are told: the open sockets at once, devices and mail by jobs, each by what the person has chosen. */
export const announce: Listener<'notification.created'> = async (ctx, told) => {
  const reach = await findReach(ctx, told.user_id, told.topic)
  if (!reach) return
  if (ctx.house.pusher && isOn(told.topic, 'push', reach.choices)) {
    const startAfter = laterOf(reach.devices.length > 0 ? waitOf(ctx, reach, told) : undefined, heldUntil(told))
    for (const device_id of reach.devices)
      await ctx.house.jobs.enqueue(ctx, 'notifications.push', { ...told, device_id }, { startAfter })
  }
  if (told.mail !== false && isOn(told.topic, 'email', reach.choices)) {
    const startAfter = laterOf(isFixed(told.topic, 'email') ? undefined : waitOf(ctx, reach, told), heldUntil(told))
    await ctx.house.jobs.enqueue(ctx, 'notifications.mail', { ...told, id: randomUUID() }, { startAfter })
  }
  if (told.notification_id !== null) await stream(ctx, told.user_id, told.notification_id, reach)
}

/** Puts it into the person's stream, as it is now: it may have been read already. What has been deleted is not told. */
async function stream(ctx: Context, userId: number, id: number, reach: Reach): Promise<void> {
  const row = await holdNotification(ctx, userId, id)
  if (!row) return
  const notification = viewOf(row, negotiate(null, reach.locale), reach.timeZone)
  const unread_count = await countUnread(ctx, userId)
  await appendToStreams(ctx, [userId], { type: 'notification.created', data: { notification, unread_count } })
}

/** As it stands in their list by now, where it does: whose name was in it may have been erased while it waited. */
async function saidTo(ctx: Context, told: Told, { locale: chosen, timeZone }: Reach) {
  const locale = negotiate(null, chosen)
  const params = (told.notification_id !== null && (await findParams(ctx, told.notification_id))) || told.params
  const known = withMoments(locale, timeZone, namesIn(locale, params))
  return { locale, title: translate(locale, told.title, known), body: translate(locale, told.body, known) }
}

/**
 * Shows it on one device. Not if it has been read or deleted meanwhile, is a day old, or the device is somebody else's now. A dead token is forgotten; what FCM
 * refuses is given up with a line in the log; every other failure is thrown, so that the job is tried again. Where that came into quiet hours, it waits for their end.
 */
export async function push(ctx: Context, { device_id, ...told }: PushJob): Promise<void> {
  const { pusher } = ctx.house
  const { user_id, notification_id } = told
  const expires = Temporal.Instant.from(told.created_at).add({ hours: pushHours })
  const ttlSeconds = Math.floor(expires.since(ctx.now).total('seconds'))
  if (!pusher || ttlSeconds <= 0) return
  const reach = await findReach(ctx, user_id, told.topic)
  if (!reach || !isOn(told.topic, 'push', reach.choices)) return
  if (notification_id !== null && !(await isUnread(ctx, user_id, notification_id))) return
  if (await isHeldBack(ctx, told)) return
  const device = await findToken(ctx, user_id, device_id)
  if (!device) return
  const quiet = waitOf(ctx, reach, told)
  // Only who has failed for hours comes here: the queue tries again every quarter of an hour, and the first try after the quiet hours goes out.
  if (quiet) throw new Error(`quiet hours until ${quiet.toString()}`)
  const { title, body } = await saidTo(ctx, told, reach)
  try {
    const result = await pusher.send({
      token: device.token,
      title,
      body,
      data: dataOf(told),
      tag: `${told.kind}-${notification_id ?? told.created_at}`,
      group: told.topic,
      urgent: true,
      ttlSeconds,
    })
    if (result === 'gone') await deleteDead(ctx, device_id, device.token)
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error
    ctx.log.warn({ device_id, notification_id, reason: error.message }, 'a push was refused for good')
  }
}

/** What the program on the device is given: texts only, and no words, which stand in the notification. */
const dataOf = ({ notification_id, kind, topic, target, created_at }: Told): Record<string, string> => ({
  kind,
  topic,
  created_at: iso(Temporal.Instant.from(created_at)),
  ...(notification_id === null ? {} : { notification_id: String(notification_id) }),
  ...(target === null ? {} : { target_kind: target.kind, target_id: String(target.id) }),
})

/** Mails it, unless the person has chosen otherwise meanwhile. */
export async function mail(ctx: Context, { id, ...told }: MailJob): Promise<void> {
  const reach = await findReach(ctx, told.user_id, told.topic)
  if (!reach || !isOn(told.topic, 'email', reach.choices) || (await isHeldBack(ctx, told))) return
  const { locale, title, body } = await saidTo(ctx, told, reach)
  const way = isFixed(told.topic, 'email') ? null : unsubscribeOf(ctx, told.user_id, told.topic, locale)
  const action = told.mail
    ? { link: ctx.house.config.PUBLIC_URL + told.mail.path, button: translate(locale, told.mail.button) }
    : null
  await deliver(ctx, {
    to: reach.email,
    messageId: id,
    ...render('notification', locale, {
      title,
      body,
      ...(action ? { action } : {}),
      ...(way ? { unsubscribe: { link: way.link, label: way.label } } : {}),
    }),
    ...(way ? { headers: way.headers } : {}),
  })
}
