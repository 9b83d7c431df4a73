import { mailTerms } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { momentText, negotiate, translate, withMoments, type Locale } from '../../../platform/i18n/index.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render } from '../../../platform/mail/render.ts'
import { fromMinor } from '../../../platform/money.ts'
import { calendarFile } from '../calendar-file.ts'
import { feeStatus } from '../no-show-rules.ts'
import { findNoticed, type Noticed } from '../queries/notices.ts'
import { toBuyer, type Facts, type NoticeKind } from '../sentences.ts'
import { entryOf, placeOf } from './calendar.ts'
import { manageLink } from './manage.ts'
import { paramsOf } from './notices.ts'

export type BookingMail = { id: string; booking_id: number; kind: NoticeKind; facts: Facts; starts_at: string }

/** Does what a mail says still hold? Meanwhile the booking may have been cancelled or moved, of which another mail tells. */
function stillHolds({ booking }: Noticed, { kind, facts, starts_at }: BookingMail): boolean {
  const isAt = (at: string): boolean => booking.starts_at.equals(Temporal.Instant.from(at))
  if (kind === 'cancelled') return booking.status === 'cancelled'
  if (kind === 'proposed') return booking.proposed_at !== null && booking.status !== 'cancelled'
  if (kind === 'reassigned') return booking.status !== 'cancelled' && isAt(starts_at)
  if (kind === 'reminder') return booking.status === 'confirmed' && isAt(starts_at)
  // Moved on, of which another mail tells; or moved back, of which nobody need know.
  if (kind === 'rescheduled' && (!isAt(starts_at) || (facts.from && isAt(facts.from)))) return false
  return booking.status !== 'cancelled'
}

const comesWithFile: readonly NoticeKind[] = ['created', 'confirmed', 'rescheduled', 'reassigned']

/** Mails who bought a booking about one of its steps: in their language, by their clock, with a link of their own for guests, and the calendar file once it is confirmed. */
export async function mailNotice(ctx: Context, mail: BookingMail): Promise<void> {
  const noticed = await findNoticed(ctx, mail.booking_id)
  if (!noticed || !stillHolds(noticed, mail)) return
  const { booking, buyer } = noticed
  if (buyer.email === null) return
  // A reminder is the one of these mails that is not essential; a guest asked for it by booking.
  const terms =
    mail.kind === 'reminder' && buyer.id !== null ? await mailTerms(ctx, buyer.id, 'booking_reminder') : null
  if (mail.kind === 'reminder' && buyer.id !== null && !terms) return
  const way = terms?.unsubscribe
  const locale = negotiate(null, buyer.locale)
  const { title, body } = toBuyer(mail.kind, mail.facts)
  const rendered = render('notification', locale, {
    title: translate(locale, title),
    body: [
      translate(locale, body, withMoments(locale, buyer.timeZone, paramsOf(noticed, mail.facts))),
      ...details(noticed, locale),
    ].join('\n\n'),
    action: {
      link:
        booking.customer_id === null
          ? manageLink(ctx, booking.id)
          : `${ctx.house.config.PUBLIC_URL}/bookings/${booking.id}/`,
      button: translate(locale, 'See, move or cancel the booking'),
    },
    ...(way ? { unsubscribe: { link: way.link, label: way.label } } : {}),
  })
  const attached = comesWithFile.includes(mail.kind) && booking.status === 'confirmed'
  await deliver(ctx, {
    to: buyer.email,
    ...rendered,
    messageId: mail.id,
    ...(way ? { headers: way.headers } : {}),
    ...(attached
      ? {
          attachments: [
            {
              filename: 'booking.ics',
              content: calendarFile(await entryOf(ctx, noticed, 'buyer')),
              contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
            },
          ],
        }
      : {}),
  })
}

/** Where it is, and until when: what one looks for on the way. */
function details(noticed: Noticed, locale: Locale): string[] {
  const place = placeOf(noticed)
  const { ends_at, meeting_url, no_show_fee_minor, currency } = noticed.booking
  const fee =
    feeStatus(noticed.booking) === 'agreed' && no_show_fee_minor !== null
      ? translate(locale, 'If you do not come, a fee of {amount} {currency} is charged.', {
          amount: fromMinor(no_show_fee_minor, currency),
          currency,
        })
      : null
  return [
    translate(locale, 'Ends: {moment}', { moment: momentText(locale, ends_at, noticed.buyer.timeZone) }),
    ...(fee ? [fee] : []),
    ...(place === '' || place === meeting_url ? [] : [translate(locale, 'Where: {place}', { place })]),
  ]
}
