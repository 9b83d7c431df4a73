import { audit } from '../../../platform/audit.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalidAll, notFound, type Detail } from '../../../platform/errors.ts'
import { sayChanged } from '../../../platform/socket/topic.ts'
import { getOrganization } from '../../organizations/index.ts'
import { onlinePaymentsAvailable, type Owner } from '../policy.ts'
import { renewProviders, renewServices } from '../queries/listings.ts'
import { forgetListings } from './listings.ts'
import { findService, type ServiceRow } from '../queries/services.ts'
import {
  archiveServiceRow,
  findOwnParts,
  insertService,
  lockService,
  replaceRooms,
  replaceStaff,
  updateServiceRow,
} from '../queries/writes.ts'
import { defaults, given, opensTimes, problemsOf, serviceKey, type Draft } from '../rules.ts'
import type { ServiceChange, ServiceInput, ServiceView } from '../schema/services.ts'
import { termsOf, viewService } from '../view.ts'
import { managementOf, ownerOfNew, requireServiceManager } from './access.ts'

/**
 * What the modules to the right have to say before a service is archived, or before these people give it no more: they throw CONFLICT with the list where bookings
 * of it, or of it with them, are still to come.
 */
export type ServiceGuard = (ctx: Context, serviceId: number, people?: readonly number[]) => Promise<void>

/** One service. The inactive and archived ones are seen by who manages them. @throws NOT_FOUND */
export async function getService(ctx: Context, id: number): Promise<ServiceView> {
  const row = await findService(ctx, id)
  if (!row || (!row.is_listed && !(await managementOf(ctx, row)))) throw notFound('service')
  return viewService(ctx.house.config, row)
}

/**
 * Offers a service: a provider's own, or an organization's with its masters and rooms.
 * @throws PERMISSION_DENIED, NOT_FOUND for a foreign organization, VALIDATION_ERROR, CONFLICT where online payment is asked for and not available
 */
export async function createService(ctx: Context, input: ServiceInput): Promise<ServiceView> {
  const owner = await ownerOfNew(ctx, input.organization_id)
  const { organization_id: _, room_ids = [], staff = [], ...fields } = input
  const draft: Draft = {
    ...defaults,
    cancellation_policy: [],
    currency: owner.organization_id
      ? (await getOrganization(ctx, owner.organization_id)).currency
      : ctx.house.config.DEFAULT_CURRENCY,
    payment: onlinePaymentsAvailable(ctx.house) && fields.price > 0 ? 'online' : 'on_site',
    ...(given(fields) as typeof fields & Partial<Draft>),
  }
  return inTransaction(ctx, async (tx) => {
    await check(tx, owner, draft, { staff, room_ids, payment: fields.payment, no_show_fee: fields.no_show_fee })
    const id = await insertService(tx, owner, draft)
    if (owner.organization_id !== null) {
      await replaceStaff(tx, id, staff)
      await replaceRooms(tx, id, room_ids)
    }
    await renewServices(tx, [id])
    await renewProviders(tx, owner.provider_id === null ? staff : [owner.provider_id])
    await forgetListings(tx)
    await tx.house.jobs.publish(tx, 'service.created', { service_id: id })
    return shown(tx, id)
  })
}

/**
 * Changes a service; what is left out stays, and so does its seller. What was booked keeps what it froze.
 * @throws NOT_FOUND for one that is gone or not to be seen, PERMISSION_DENIED, VALIDATION_ERROR, CONFLICT, also for who is to give it no more and has future bookings of it
 */
export async function updateService(
  ctx: Context,
  id: number,
  change: ServiceChange,
  refuseIfBooked: ServiceGuard,
): Promise<ServiceView> {
  return inTransaction(ctx, async (tx) => {
    const { row, management } = await lockManaged(tx, id)
    const { staff, room_ids, ...fields } = change
    const { id: _, ...terms } = termsOf(row)
    const draft: Draft = { ...terms, ...(given(fields) as Partial<Draft>) }
    await check(tx, row, draft, { staff, room_ids, payment: fields.payment, no_show_fee: fields.no_show_fee })
    const dropped =
      row.organization_id !== null && staff ? staffOf(row).filter((person) => !staff.includes(person)) : []
    if (dropped.length > 0) await refuseIfBooked(tx, id, dropped)
    await updateServiceRow(tx, id, draft)
    const people = row.organization_id !== null && staff ? await replaceStaff(tx, id, staff) : []
    if (row.organization_id !== null && room_ids) await replaceRooms(tx, id, room_ids)
    await renewServices(tx, [id])
    await renewProviders(tx, [...people, ...(draft.is_active === row.is_active ? [] : staffOf(row))])
    await forgetListings(tx)
    await sayChanged(tx, [serviceKey(id)])
    await tx.house.jobs.publish(tx, 'service.updated', { service_id: id })
    const rooms = row.room_ids ?? []
    const needsLessOfRooms =
      room_ids !== undefined &&
      (room_ids.some((room) => !rooms.includes(room)) || (room_ids.length === 0 && rooms.length > 0))
    const joined = people.filter((person) => staff?.includes(person) && !staffOf(row).includes(person))
    const whose = opensTimes(terms, draft) || needsLessOfRooms ? null : joined
    if (draft.is_active && (whose === null || whose.length > 0))
      await tx.house.jobs.publish(tx, 'service.opened', { service_id: id, provider_ids: whose, at: tx.now.toString() })
    const view = await shown(tx, id)
    if (management === 'administrator') {
      const before = viewService(ctx.house.config, row)
      await audit(tx, { action: 'services.update', target: { kind: 'service', id }, ...differences(before, view) })
    }
    return view
  })
}

/** Archives a service: it is offered no more, and its past bookings stand. @throws NOT_FOUND, PERMISSION_DENIED, CONFLICT with future bookings */
export async function archiveService(ctx: Context, id: number, refuseIfBooked: ServiceGuard): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { row, management } = await lockManaged(tx, id)
    await refuseIfBooked(tx, id)
    await archiveServiceRow(tx, id)
    await renewProviders(tx, staffOf(row))
    await forgetListings(tx)
    await sayChanged(tx, [serviceKey(id)])
    await tx.house.jobs.publish(tx, 'service.archived', { service_id: id })
    if (management === 'administrator') {
      const before = { title: row.title, provider_id: row.provider_id, organization_id: row.organization_id }
      await audit(tx, { action: 'services.archive', target: { kind: 'service', id }, before })
    }
  })
}

/** Locks a service that who asks may change. @throws NOT_FOUND for an archived one and for one that they may not even see, PERMISSION_DENIED */
export async function lockManaged(
  ctx: Context,
  id: number,
): Promise<{ row: ServiceRow; management: 'owner' | 'administrator' }> {
  const locked = await lockService(ctx, id)
  if (!locked || locked.archived_at !== null) throw notFound('service')
  if (!locked.is_listed && !(await managementOf(ctx, locked))) throw notFound('service')
  const management = await requireServiceManager(ctx, locked)
  return { row: (await findService(ctx, id))!, management }
}

const shown = async (ctx: Context, id: number): Promise<ServiceView> =>
  viewService(ctx.house.config, (await findService(ctx, id))!)

const staffOf = (row: ServiceRow): number[] => (row.staff ?? []).map((person) => person.id)

type Parts = {
  staff: readonly number[] | undefined
  room_ids: readonly string[] | undefined
  payment: Draft['payment'] | undefined
  no_show_fee: Draft['no_show_fee'] | undefined
}

/** @throws VALIDATION_ERROR with everything that is wrong, CONFLICT where only the payment cannot be had. */
async function check(
  ctx: Context,
  owner: Owner,
  draft: Draft,
  { staff, room_ids, payment, no_show_fee }: Parts,
): Promise<void> {
  const problems = problemsOf(draft)
  problems.push(...(await problemsOfParts(ctx, owner, staff ?? [], room_ids ?? [])))
  if (problems.length > 0) throw invalidAll(problems)
  const field = payment === 'online' ? 'payment' : no_show_fee ? 'no_show_fee' : null
  if (field !== null && !onlinePaymentsAvailable(ctx.house)) {
    const message = 'Online payment is not available here'
    throw conflict(message, { details: [{ field, message, rule: 'no_gateway' }] })
  }
}

/** Staff and rooms are the organization's own; somebody's own service is given by themselves, and takes no rooms. */
async function problemsOfParts(
  ctx: Context,
  owner: Owner,
  staff: readonly number[],
  roomIds: readonly string[],
): Promise<Detail[]> {
  const strangers: Detail = { field: 'staff', message: 'Only members of the organization can be staff', rule: 'member' }
  const foreign: Detail = { field: 'room_ids', message: 'Only rooms of the organization can be used', rule: 'room' }
  if (owner.organization_id === null)
    return [
      ...(staff.some((id) => id !== owner.provider_id) ? [strangers] : []),
      ...(roomIds.length > 0 ? [foreign] : []),
    ]
  if (staff.length + roomIds.length === 0) return []
  const own = await findOwnParts(ctx, owner.organization_id, staff, roomIds)
  return [
    ...(own.people.length < staff.length ? [strangers] : []),
    ...(own.rooms.length < roomIds.length ? [foreign] : []),
  ]
}

/** The fields that an administrator changed, before and after, for the audit log. */
function differences(before: ServiceView, after: ServiceView): { before: object; after: object } {
  const keys = (Object.keys(after) as (keyof ServiceView)[]).filter(
    (key) => key !== 'updated_at' && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
  const pick = (view: ServiceView): object => Object.fromEntries(keys.map((key) => [key, view[key]]))
  return { before: pick(before), after: pick(after) }
}
