import { getServiceForBooking } from '../../catalog/index.ts'
import { notify } from '../../notifications/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import {
  deletePassed,
  endPassed,
  endWaiting,
  endWaitingFor,
  insertWaiting,
  lockWaiter,
  selectWaiting,
  type Ended,
} from '../queries/waiting.ts'
import type { WaitingInput, WaitingView } from '../schema-extras.ts'

const mostOpen = 20
const longestDays = 92

type Row = Awaited<ReturnType<ReturnType<typeof selectWaiting>['executeTakeFirstOrThrow']>>

const view = (row: Row): WaitingView => ({
  id: row.id,
  service: { id: row.service_id, title: row.title },
  provider: row.provider_id === null ? null : { id: row.provider_id, name: row.provider_name },
  from: iso(row.from_at),
  to: iso(row.to_at),
  seats: row.seats,
  offered_at: isoOrNull(row.offered_at),
  created_at: iso(row.created_at),
})

/**
 * Waits for a start of a service in a span, with a certain provider or with any.
 * @throws NOT_FOUND for a service that is not offered, VALIDATION_ERROR for a span or a wish that cannot be, PERMISSION_DENIED for one's own service, CONFLICT when
 * one waits for too much already, or for the very same.
 */
export async function wait(ctx: Context, input: WaitingInput): Promise<WaitingView> {
  const { userId, role } = actorOf(ctx)
  if (role !== 'customer' && role !== 'provider')
    throw denied('Customers and providers book; an administrator books for a guest')
  const service = await getServiceForBooking(ctx, input.service)
  if (!service.isActive) throw notFound('service')
  const [only, ...others] = service.providerIds
  if (service.seller.providerId === userId || (only === userId && others.length === 0))
    throw denied('Nobody books their own service')
  const from = Temporal.Instant.from(input.from)
  const to = Temporal.Instant.from(input.to)
  const latest = Temporal.Instant.compare(from, ctx.now) < 0 ? ctx.now : from
  if (Temporal.Instant.compare(from, to) >= 0)
    throw invalid('to', 'This must be after the beginning of the span', 'span_order')
  if (Temporal.Instant.compare(to, ctx.now) <= 0) throw invalid('to', 'This time has passed', 'past')
  if (to.epochMilliseconds - latest.epochMilliseconds > longestDays * 86_400_000)
    throw invalid('to', 'The span must be at most {days} days long', 'span_length', { days: longestDays })
  if (input.provider_id && !service.providerIds.includes(input.provider_id))
    throw invalid('provider_id', 'This person does not offer the service', 'not_staff')
  if (input.provider_id === userId) throw denied('Nobody books their own service')
  const seats = input.seats ?? 1
  if (seats > service.capacity)
    throw invalid('seats', 'The service does not have so many seats', 'capacity', { capacity: service.capacity })
  return inTransaction(ctx, async (tx) => {
    await lockWaiter(tx, userId)
    const open = await selectWaiting(tx, userId).limit(mostOpen).execute()
    if (open.length === mostOpen) throw conflict('You wait for too much already', { params: { most: mostOpen } })
    const same = open.find(
      (one) =>
        one.service_id === service.id &&
        one.provider_id === (input.provider_id ?? null) &&
        one.from_at.equals(from) &&
        one.to_at.equals(to),
    )
    if (same) throw conflict('You wait for this already', { params: { id: same.id } })
    const id = await insertWaiting(tx, {
      service_id: service.id,
      provider_id: input.provider_id ?? null,
      customer_id: userId,
      from_at: from,
      to_at: to,
      seats,
    })
    return view(await selectWaiting(tx, userId).where('waiting_list.id', '=', id).executeTakeFirstOrThrow())
  })
}

/** What one still waits for. */
export async function listWaiting(ctx: Context, request: PageRequest): Promise<Page<WaitingView>> {
  const { userId } = actorOf(ctx)
  const page = await pageOf(ctx, request, `waiting list of ${userId}`, selectWaiting(ctx, userId))
  return { ...page, results: page.results.map(view) }
}

/** Hears that a service is offered no more: whoever waits for it is told, instead of waiting for nothing. */
export const serviceArchived = (ctx: Context, { service_id }: { service_id: number }): Promise<void> =>
  tellEnded(ctx, { serviceId: service_id })

/** Hears that an organization is no more, and none of its services is offered. */
export const organizationArchived = (ctx: Context, { organization_id }: { organization_id: string }): Promise<void> =>
  tellEnded(ctx, { organizationId: organization_id })

/** Tells whoever waits for one of these services that it is offered no more. */
export async function tellEnded(ctx: Context, which: Ended): Promise<void> {
  for (const { customer_id: userId, service_id: id, title: service } of await endWaitingFor(ctx, which))
    await notify(ctx, {
      userId,
      kind: 'waiting_list_ended',
      title: 'What you wait for is not offered any more',
      body: '{service}: you are off its waiting list.',
      params: { service },
      target: { kind: 'service', id },
    })
}

/** Waits no more. @throws NOT_FOUND for what is another's, or over. */
export async function stopWaiting(ctx: Context, id: number): Promise<void> {
  const ended = await inTransaction(ctx, (tx) => endWaiting(tx, actorOf(tx).userId, id))
  if (!ended) throw notFound('waiting list entry')
}

/**
 * Every night: what was waited for in spans that have passed has ended, freed times that have passed are forgotten the day after, and what had ended a year ago is nobody's
 * business any more.
 */
export async function cleanWaiting(ctx: Context): Promise<void> {
  await endPassed(ctx)
  await deletePassed(ctx, { freed: ctx.now.subtract({ hours: 24 }), ended: ctx.now.subtract({ hours: 365 * 24 }) })
}
