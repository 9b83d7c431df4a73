import { findNoticed, requireParticipant, type Noticed } from '../../bookings/index.ts'
import { CircuitOpen } from '../../../platform/circuit.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, unavailable } from '../../../platform/errors.ts'
import { translate } from '../../../platform/i18n/index.ts'
import { GoogleFailed } from '../client/errors.ts'
import { findEvent, markDirty, wantMeeting } from '../queries/events.ts'
import type { InvitationView } from '../schema.ts'
import { hasPlace, idOf } from './outgoing.ts'
import { inviteesOf } from './places.ts'
import { writeBooking } from './write.ts'

/** How long a request waits for another one that is about the same booking. */
const patienceMs = 15_000

/**
 * Makes the one Meet conference of a booking and invites those of its people whose e-mail is confirmed. Again, or two at once, it is the same conference, and
 * nobody is invited twice; who has confirmed their e-mail meanwhile is invited then. That it is wanted is committed before Google is asked, and a job makes it
 * where this process dies.
 * @throws NOT_FOUND for strangers, CONFLICT for a booking that is over or where Google makes no conferences, SERVICE_UNAVAILABLE without Google
 */
export async function inviteToMeeting(ctx: Context, bookingId: number): Promise<InvitationView> {
  await requireParticipant(ctx, bookingId)
  const noticed = (await findNoticed(ctx, bookingId))!
  requireOpen(ctx, noticed)
  if (!(await hasPlace(ctx, noticed.booking.provider_id))) throw unavailable('Google Meet is not set up here', 3600)
  await inTransaction(ctx, async (tx) => {
    await markDirty(tx, bookingId, idOf(tx, bookingId, noticed.booking.created_at))
    await wantMeeting(tx, bookingId)
    // Finds nothing to do where this request comes to its end.
    const startAfter = ctx.house.clock().add({ seconds: 90 })
    await tx.house.jobs.enqueue(tx, 'google.write', { booking_id: bookingId }, { startAfter })
  })
  const outcome = await write(ctx, bookingId)
  const row = await findEvent(ctx, bookingId)
  if (!row?.meet_url) {
    if (outcome === 'refused') throw conflict('Google does not make a Meet conference for this booking')
    throw unavailable(later, 30)
  }
  return viewOf(ctx, noticed, row.meet_url)
}

const over = 'A booking that was cancelled or has ended needs no meeting'
const later = 'Google does not answer right now; the invitations go out as soon as it does'

function requireOpen(ctx: Context, { booking }: Noticed): void {
  const isOpen = booking.status === 'pending' || booking.status === 'confirmed'
  if (!isOpen || Temporal.Instant.compare(booking.ends_at, ctx.now) <= 0)
    throw conflict(over, { details: [{ message: over, rule: 'status', params: { status: booking.status } }] })
}

async function write(ctx: Context, bookingId: number): Promise<'done' | 'refused' | 'busy'> {
  try {
    return await writeBooking(ctx, bookingId, patienceMs)
  } catch (error) {
    if (!(error instanceof GoogleFailed || error instanceof CircuitOpen)) throw error
    ctx.log.warn({ booking: bookingId, reason: error.message }, 'Google does not make the conference now')
    throw unavailable(later, 30)
  }
}

type Person = InvitationView['invited'][number]
type Missing = InvitationView['not_invited'][number]

const reasons = {
  email_not_confirmed: 'Their e-mail is not confirmed',
  no_account: 'Guests have no account with a confirmed e-mail',
  account_deleted: 'Their account was deleted',
} as const satisfies Record<Missing['reason'], string>

async function viewOf(ctx: Context, noticed: Noticed, meetingUrl: string): Promise<InvitationView> {
  const { booking, provider, buyer } = noticed
  const known = new Map((await inviteesOf(ctx, noticed)).map((one) => [one.id, one]))
  const invited: Person[] = []
  const missing: Missing[] = []
  for (const [side, reader] of [
    ['customer', buyer],
    ['provider', provider],
  ] as const) {
    const person = { user_id: reader.id, name: reader.name, side }
    const invitee = reader.id === null ? undefined : known.get(reader.id)
    if (invitee?.confirmed) {
      invited.push({ ...person, user_id: invitee.id })
      continue
    }
    const isGuest = side === 'customer' && booking.customer_id === null
    const reason = isGuest ? 'no_account' : invitee ? 'email_not_confirmed' : 'account_deleted'
    missing.push({ ...person, reason, message: translate(ctx.locale, reasons[reason]) })
  }
  return { booking_id: booking.id, meeting_url: meetingUrl, invited, not_invited: missing }
}
