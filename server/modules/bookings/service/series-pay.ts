import { notify } from '../../notifications/index.ts'
import { holdPayables } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { findNoticed } from '../queries/notices.ts'
import { insertDuePayments, listOfSeries, secureSeries } from '../queries/series.ts'
import { updateHeld } from '../queries/series-writes.ts'
import { keptUntil } from '../rules-series.ts'
import { settleSessions } from './series-seats.ts'

/**
 * Something of a series was paid: from now on its other bookings wait for their own payment until two days before each. Whose time they have is locked, and they
 * themselves.
 */
export async function secureRest(ctx: Context, seriesId: number): Promise<void> {
  if (!(await secureSeries(ctx, seriesId))) return
  const waiting = (await listOfSeries(ctx, seriesId)).filter(
    (row) =>
      row.status === 'pending' &&
      row.expires_at !== null &&
      Temporal.Instant.compare(row.expires_at, ctx.now) > 0 &&
      !row.requires_approval,
  )
  const changes = waiting.map(({ id, expires_at, starts_at }) => {
    const kept = keptUntil(ctx.now, starts_at, ctx.house.config.HOLD_MINUTES)
    return {
      id,
      status: 'pending' as const,
      expiresAt: Temporal.Instant.compare(kept, expires_at!) > 0 ? kept : expires_at,
    }
  })
  await updateHeld(ctx, changes)
  await settleSessions(
    ctx,
    waiting.map((row) => row.session_id),
  )
  await holdPayables(
    ctx,
    changes.map(({ id, expiresAt }) => ({ source: { kind: 'booking', id }, expiresAt })),
  )
}

/** Whoever has not paid a booking of a series yet is reminded so many hours before its hold ends. */
const remindedHours = 24
const portion = 200

/** Reminds of payments that are due soon, each once; called by the job that reminds of bookings. */
export async function remindToPay(ctx: Context): Promise<void> {
  let told: number
  do {
    told = await inTransaction(ctx, async (tx) => {
      const due = await insertDuePayments(tx, { hours: remindedHours, limit: portion })
      for (const id of due) await tellDue(tx, id)
      return due.length
    })
  } while (told === portion)
}

async function tellDue(ctx: Context, bookingId: number): Promise<void> {
  const noticed = await findNoticed(ctx, bookingId)
  if (!noticed || noticed.buyer.id === null) return
  const { booking, provider, buyer } = noticed
  await notify(ctx, {
    userId: buyer.id!,
    kind: 'booking_payment_due',
    title: 'Pay for your next booking',
    body: '{service} with {provider}: {at}. The time is held for you until {until_at}.',
    params: {
      service: booking.title,
      provider: provider.name,
      at: iso(booking.starts_at),
      until_at: iso(booking.expires_at!),
    },
    people: { provider: provider.id },
    target: { kind: 'booking', id: bookingId },
    mail: { button: 'See, move or cancel the booking', path: `/bookings/${bookingId}/` },
    usefulUntil: booking.expires_at!,
  })
}
