import { randomUUID } from 'node:crypto'
import { findNoticed, type Noticed } from '../../bookings/index.ts'
import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { momentText, negotiate, translate, withMoments } from '../../../platform/i18n/index.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render } from '../../../platform/mail/render.ts'
import { findEvent, insertInvitations } from '../queries/events.ts'
import { attendeesOf, inviteesOf } from './places.ts'

/** Who is mailed the link of a conference. `id` names the mail, so that a repeated one is recognized. */
export type InvitationMail = { id: string; booking_id: number; user_id: number; url: string }

const isOpen = ({ booking }: Noticed): boolean => booking.status === 'pending' || booking.status === 'confirmed'

/** Who takes part, and what is said to them. */
const sideOf = ({ provider }: Noticed, userId: number) =>
  provider.id === userId ? '{service} for {customer}: {at}' : '{service} with {provider}: {at}'

const paramsOf = ({ booking, provider, buyer }: Noticed): Record<string, string> => ({
  service: booking.title,
  provider: provider.name,
  customer: buyer.name,
  at: iso(booking.starts_at),
})

/** Tells, in the transaction of `ctx`, everybody of a booking whose e-mail is confirmed of its conference: each once, by mail and in their list. */
export async function tellInvited(ctx: Context, bookingId: number, url: string): Promise<void> {
  const noticed = await findNoticed(ctx, bookingId)
  if (!noticed || !isOpen(noticed)) return
  const ids = attendeesOf(await inviteesOf(ctx, noticed)).map(({ userId }) => userId)
  for (const userId of await insertInvitations(ctx, bookingId, ids, url)) {
    await ctx.house.jobs.enqueue(ctx, 'google.invite', {
      id: randomUUID(),
      booking_id: bookingId,
      user_id: userId,
      url,
    })
    await notify(ctx, {
      userId,
      kind: 'booking_meeting',
      title: 'Your booking takes place on Google Meet',
      body: sideOf(noticed, userId),
      params: paramsOf(noticed),
      people: { provider: noticed.provider.id, customer: noticed.buyer.id },
      target: { kind: 'booking', id: bookingId },
      usefulUntil: noticed.booking.starts_at,
      mail: false,
    })
  }
}

/** Mails somebody the link, in their language and by their clock; not where the booking was cancelled meanwhile, nor to an e-mail that is not confirmed. */
export async function mailInvitation(ctx: Context, mail: InvitationMail): Promise<void> {
  const noticed = await findNoticed(ctx, mail.booking_id)
  const row = await findEvent(ctx, mail.booking_id)
  if (!noticed || !isOpen(noticed) || row?.meet_url !== mail.url) return
  const [invitee] = attendeesOf(await inviteesOf(ctx, noticed)).filter(({ userId }) => userId === mail.user_id)
  if (!invitee) return
  const reader = noticed.provider.id === mail.user_id ? noticed.provider : noticed.buyer
  const locale = negotiate(null, reader.locale)
  const rendered = render('notification', locale, {
    title: translate(locale, 'Your booking takes place on Google Meet'),
    body: [
      translate(locale, sideOf(noticed, mail.user_id), withMoments(locale, reader.timeZone, paramsOf(noticed))),
      translate(locale, 'Ends: {moment}', { moment: momentText(locale, noticed.booking.ends_at, reader.timeZone) }),
    ].join('\n\n'),
    action: { link: mail.url, button: translate(locale, 'Join with Google Meet') },
  })
  await deliver(ctx, { to: invitee.email, ...rendered, messageId: mail.id })
}
