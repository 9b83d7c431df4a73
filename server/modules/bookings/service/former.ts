import { leaveFor } from '../../chat/index.ts'
import { withdrawNames } from '../../notifications/index.ts'
import { organizationsLeft } from '../../organizations/index.ts'
import { findResources, lockResources } from '../../scheduling/index.ts'
import { hasPermission, type Context } from '../../../platform/context.ts'
import { listGivenFor, listPeopleBeside } from '../queries/former.ts'
import { tellEnded } from './waiting.ts'

/**
 * A master who has left an organization keeps the figures of what they gave for it: when, what, for how much. Whom they gave it to is the organization's: names,
 * phone, e-mail, words and links of its customers are theirs no more.
 */

type Given = { provider_id: number; customer_id: number | null; organization_id: string | null }

/** What is left of a row that names people, once whoever reads it has left. */
const nameless = {
  customer_id: null,
  customer_name: '',
  guest_name: null,
  guest_phone: null,
  guest_email: null,
  note: '',
  meeting_url: null,
  cancel_reason: null,
}

/** These rows as who asks may see them: of what they gave for an organization that they have left, without the people. */
export async function asSeen<Row extends Given>(ctx: Context, rows: readonly Row[]): Promise<Row[]> {
  const { actor } = ctx
  if (!actor || hasPermission(actor, 'booking_management')) return [...rows]
  const isGiven = (row: Row): row is Row & { organization_id: string } =>
    row.organization_id !== null && row.provider_id === actor.userId && row.customer_id !== actor.userId
  const left = await organizationsLeft(ctx, [...new Set(rows.filter(isGiven).map((row) => row.organization_id))])
  if (left.size === 0) return [...rows]
  return rows.map((row) => (isGiven(row) && left.has(row.organization_id) ? withoutPeople(row) : row))
}

/** The same for one row. */
export const oneAsSeen = async <Row extends Given>(ctx: Context, row: Row): Promise<Row> =>
  (await asSeen(ctx, [row]))[0]!

/** Only what the row has: a list shows less than a detail. */
function withoutPeople<Row extends object>(row: Row): Row {
  const blank = Object.entries(nameless).filter(([key]) => key in row)
  return { ...row, ...Object.fromEntries(blank) }
}

/**
 * Hears that somebody left an organization: the chats with its customers that they had on its behalf are theirs no more, nor the names in what they were told of
 * its bookings; whoever waits for them there is told.
 */
export async function membershipEnded(
  ctx: Context,
  { organization_id, user_id }: { organization_id: string; user_id: number },
): Promise<void> {
  // Whoever is booking them at this moment has seen whether the two have a chat: they are waited for, and known from then on.
  const [resource] = await findResources(ctx, [{ userId: user_id }])
  if (resource) await lockResources(ctx, [resource])
  const given = await listGivenFor(ctx, user_id, organization_id)
  await withdrawNames(ctx, user_id, { kind: 'booking', ids: given.bookings })
  await withdrawNames(ctx, user_id, { kind: 'booking_series', ids: given.series })
  const except = await listPeopleBeside(ctx, user_id, organization_id)
  await leaveFor(ctx, { userId: user_id, organizationId: organization_id, except })
  await tellEnded(ctx, { organizationId: organization_id, leaverId: user_id })
}
