import { iso } from '../../platform/http/shapes.ts'
import type { Config } from '../../platform/config.ts'
import { formatPhone } from '../accounts/index.ts'
import { photoUrl } from '../files/index.ts'
import type { ColleagueRow } from './queries/colleagues.ts'
import type { MembershipRow } from './queries/members.ts'
import type { ColleagueView, InvitationView, MemberRole, MembershipView, OrganizationView } from './schema.ts'

type OrganizationRow = Omit<OrganizationView, 'created_at' | 'updated_at' | 'role'> & {
  role: string
  created_at: Temporal.Instant
  updated_at: Temporal.Instant
}

export const viewOrganization = (row: OrganizationRow): OrganizationView => ({
  ...row,
  role: row.role as MemberRole,
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
})

/** A membership as it is shown; department and manager only to whoever may see the structure. */
export const viewMembership = (row: MembershipRow, showStructure = true): MembershipView => ({
  organization_id: row.organization_id,
  organization_name: row.organization_name,
  role: row.role as MemberRole,
  position: row.position,
  department_id: showStructure ? row.department_id : null,
  department_name: showStructure ? row.department_name : null,
  manager_id: showStructure ? row.manager_id : null,
  access_org_structure: row.access_org_structure,
  access_tickets: row.access_tickets,
  access_availability_slots: row.access_availability_slots,
  show_local_time: row.show_local_time,
  show_moscow_time: row.show_moscow_time,
  joined_at: iso(row.joined_at),
})

/** A person as colleagues see them: how to reach and recognize them, and what they do here; nothing of their account or their sales. */
export const viewColleague = (config: Config, row: ColleagueRow, structures: readonly string[]): ColleagueView => ({
  id: row.user_id,
  email: row.email,
  phone: formatPhone(row.phone),
  profile: {
    first_name: row.first_name,
    last_name: row.last_name,
    time_zone: row.time_zone,
    photo_url: row.photo_key === null ? null : photoUrl(config, row.photo_key),
  },
  birthday: row.birthday === null ? null : row.birthday.toString().slice(5),
  membership: viewMembership(row, structures.includes(row.organization_id)),
})

type InvitationRow = {
  id: string
  organization_id: string
  organization_name: string
  email: string
  role: string
  position: string
  created_at: Temporal.Instant
  expires_at: Temporal.Instant
}

export const viewInvitation = (row: InvitationRow): InvitationView => ({
  id: row.id,
  organization_id: row.organization_id,
  organization_name: row.organization_name,
  email: row.email,
  role: row.role as MemberRole,
  position: row.position,
  created_at: iso(row.created_at),
  expires_at: iso(row.expires_at),
})
