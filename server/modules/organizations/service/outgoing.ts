import { formatPhone } from '../../accounts/index.ts'
import type { Context } from '../../../platform/context.ts'
import type { Outgoing } from '../../../platform/outgoing.ts'
import { selectMembers } from '../queries/members.ts'
import { viewMembership } from '../view.ts'
import type { MemberView } from './members.ts'

/** A member as the members of the organization see them, for who sends it on to the organization; null for who is none. */
export async function memberToSend(
  ctx: Context,
  organizationId: string,
  userId: number,
): Promise<Outgoing<MemberView> | null> {
  const row = await selectMembers(ctx, organizationId).where('memberships.user_id', '=', userId).executeTakeFirst()
  if (!row) return null
  const data = {
    user_id: row.user_id,
    full_name: `${row.first_name} ${row.last_name}`.trim(),
    email: row.email,
    phone: formatPhone(row.phone),
    // Department and manager are for members whom the organization lets see its structure.
    membership: viewMembership(row, false),
  }
  return { data, organizationId, providerId: null, people: [userId] }
}
