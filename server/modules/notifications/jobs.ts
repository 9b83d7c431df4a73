import type { JobDefinition, Listener } from '../../platform/jobs/jobs.ts'
import { deleteDevicesOf } from './queries/devices.ts'
import { deleteBefore, deleteOf, findFirstName } from './queries/notifications.ts'
import { deletePreferencesOf } from './queries/preferences.ts'
import { forgetName } from './service/forget.ts'
import { mail, push, type MailJob, type PushJob } from './service/deliver.ts'
import { notify } from './service/notify.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'notifications.delete-old': Record<string, never>
    'notifications.delete-read': Record<string, never>
    'notifications.forget_name': { user_id: number }
    'notifications.push': PushJob
    'notifications.mail': MailJob
  }
}

/** Greets whoever has registered. */
export const welcome: Listener<'account.registered'> = async (ctx, { user_id }) => {
  const user = await findFirstName(ctx, user_id)
  if (!user) return
  await notify(ctx, {
    userId: user_id,
    kind: 'welcome',
    title: 'Welcome to Banister, {name}!',
    body: 'Complete your profile so that others know who you are.',
    params: { name: user.first_name },
    target: { kind: 'profile', id: user_id },
  })
}

/** What an erased account was told is personal too: the words name people and bookings; so are its devices and habits. And so is their name in what others were told. */
export const accountDeleted: Listener<'account.deleted'> = async (ctx, { user_id }) => {
  await deleteOf(ctx, user_id)
  await deleteDevicesOf(ctx, user_id)
  await deletePreferencesOf(ctx, user_id)
  await ctx.house.jobs.enqueue(ctx, 'notifications.forget_name', { user_id })
  // Once more, for what was being told at that moment by somebody who had read the name before.
  const startAfter = ctx.now.add({ minutes: 15 })
  await ctx.house.jobs.enqueue(ctx, 'notifications.forget_name', { user_id }, { startAfter })
}

/** Pushes and mails, and the clean-up of SPEC section 6. */
export const jobs: {
  'notifications.delete-old': JobDefinition<'notifications.delete-old'>
  'notifications.delete-read': JobDefinition<'notifications.delete-read'>
  'notifications.forget_name': JobDefinition<'notifications.forget_name'>
  'notifications.push': JobDefinition<'notifications.push'>
  'notifications.mail': JobDefinition<'notifications.mail'>
} = {
  'notifications.forget_name': { handle: forgetName },
  'notifications.push': { queue: 'push', handle: push },
  'notifications.mail': { queue: 'mail', handle: mail },
  'notifications.delete-old': {
    cron: '0 12 * * 0',
    // Months are of the calendar, so they need the zone that the jobs run by.
    handle: (ctx) =>
      deleteBefore(
        ctx,
        ctx.now.toZonedDateTimeISO(ctx.house.config.TIME_ZONE).subtract({ months: 2 }).toInstant(),
        false,
      ),
  },
  'notifications.delete-read': {
    cron: '0 3 * * *',
    handle: (ctx) => deleteBefore(ctx, ctx.now.subtract({ hours: 30 * 24 }), true),
  },
}
