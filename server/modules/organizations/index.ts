import type { Context } from '../../platform/context.ts'
import { forgetMember } from './service/members.ts'
import { cleanInvitations, mailInvitation } from './jobs.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'organization.changed': { organization_id: string }
    'organization.archived': { organization_id: string }
    'membership.begun': { organization_id: string; user_id: number }
    'membership.ended': { organization_id: string; user_id: number }
  }
  interface JobData {
    'organizations.mail_invitation': { invitation_id: string }
    'organizations.clean_invitations': Record<string, never>
  }
}

export { exportOf } from './queries/export.ts'
export { addRating as addOrganizationRating } from './queries/members.ts'
export { routes, type ArchiveGuard } from './routes/organizations.ts'
export {
  belongs,
  chooseOrganization,
  findMembership,
  organizationIdsOf,
  organizationsLeft,
  requireMember,
  requireOrgRole,
  requireStillMember,
} from './service/access.ts'
export {
  changeColleague,
  endColleague,
  getColleague,
  inviteColleague,
  listBirthdays,
  listColleagues,
} from './service/colleagues.ts'
export { departmentIdsOf, membersOfDepartment } from './service/departments.ts'
export { adminIdsOf, membershipToShow, type MemberGuard } from './service/members.ts'
export { memberToSend } from './service/outgoing.ts'
export { organizationKey } from './rules.ts'
export { getOrganization } from './service/organizations.ts'
export {
  Birthday,
  DayOfYear,
  exampleColleague,
  exampleInvitation,
  exampleMembership,
  Invitation,
  Member,
  Membership,
  MembershipChange,
  memberRoles,
  type MemberRole,
  type MembershipView,
} from './schema.ts'

export const jobs = {
  'organizations.mail_invitation': { queue: 'mail' as const, handle: mailInvitation },
  'organizations.clean_invitations': { cron: '0 3 * * *', handle: cleanInvitations },
}

/** Hears that an account was erased: its memberships end, and no organization is left without an admin. */
export const accountDeleted = (ctx: Context, { user_id }: { user_id: number }): Promise<void> =>
  forgetMember(ctx, user_id)
