import { randomUUID } from 'node:crypto'
import { manageToken, reviewableUntil } from '../../bookings/index.ts'
import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { negotiate, translate } from '../../../platform/i18n/index.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render } from '../../../platform/mail/render.ts'
import { findInvitable, noteInvitation } from '../queries/invitations.ts'
import { isOfSeller } from '../queries/reviews.ts'

/** So many hours after a booking is completed its customer is invited to review it. */
const waitHours = 3
/** What ended longer ago is not asked about any more: a provider may complete a booking late. */
const recentDays = 14

const title = 'How was it?'
const body = 'Tell others how {service} with {provider} was: a few stars, and words if you like.'
const button = 'Write a review'

export type Invitation = { booking_id: number }
export type InvitationMail = { id: string; booking_id: number }

/** Hears of every completed booking. */
export const inviteLater = (ctx: Context, { booking_id }: Invitation): Promise<void> =>
  ctx.house.jobs.enqueue(ctx, 'reviews.invite', { booking_id }, { startAfter: ctx.now.add({ hours: waitHours }) })

/** Invites the customer of a booking to review it, once, by the channels that they want of such invitations; a guest by mail alone. */
export async function invite(ctx: Context, { booking_id }: Invitation): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const booking = await findInvitable(tx, booking_id)
    if (!booking) return
    const until = reviewableUntil(booking)
    const isRecent = Temporal.Instant.compare(booking.ends_at.add({ hours: 24 * recentDays }), tx.now) > 0
    if (!isRecent || until === null || Temporal.Instant.compare(until, tx.now) <= 0) return
    const { customer_id, guest_email, provider_id, organization_id } = booking
    if (customer_id === null && guest_email === null) return
    if (customer_id === null && (await isOfSeller(tx, guest_email!, provider_id, organization_id))) return
    if (!(await noteInvitation(tx, booking_id))) return
    if (customer_id === null) await tx.house.jobs.enqueue(tx, 'reviews.mail', { id: randomUUID(), booking_id })
    else
      await notify(tx, {
        userId: customer_id,
        kind: 'review_invitation',
        title,
        body,
        params: { service: booking.title, provider: booking.provider_name },
        people: { provider: provider_id },
        target: { kind: 'booking', id: booking_id },
        mail: { button, path: `/reviews/write/?booking=${booking_id}` },
      })
  })
}

/** Mails a guest the invitation, with the link of their booking, while there is still something to review. */
export async function mailInvitation(ctx: Context, { id, booking_id }: InvitationMail): Promise<void> {
  const booking = await findInvitable(ctx, booking_id)
  if (!booking || booking.customer_id !== null || booking.guest_email === null) return
  const locale = negotiate(null, booking.provider_locale)
  const params = { service: booking.title, provider: booking.provider_name }
  await deliver(ctx, {
    to: booking.guest_email,
    messageId: id,
    ...render('notification', locale, {
      title: translate(locale, title),
      body: translate(locale, body, params),
      action: {
        link: `${ctx.house.config.PUBLIC_URL}/reviews/write/?token=${manageToken(ctx, booking_id)}`,
        button: translate(locale, button),
      },
    }),
  })
}
