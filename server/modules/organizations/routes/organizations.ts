import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { formatPhone } from '../../accounts/index.ts'
import type { Context } from '../../../platform/context.ts'
import { list, operation } from '../../../platform/http/operation.ts'
import { Id, Nothing, PageQuery, pageQuery, Uuid, UuidParams } from '../../../platform/http/shapes.ts'
import { countOfDay } from '../../../platform/limits.ts'
import { departmentRoutes } from './departments.ts'
import { invitationPage } from './invitation-page.ts'
import {
  AcceptInvitation,
  exampleInvitation,
  exampleMembership,
  exampleOrganization,
  Invitation,
  InvitationInput,
  Member,
  Membership,
  MembershipChange,
  MemberRoleShape,
  Organization,
  OrganizationInput,
} from '../schema.ts'
import {
  acceptInvitation,
  cancelInvitation,
  invite,
  listInvitations,
  listOwnInvitations,
} from '../service/invitations.ts'
import { changeMembership, endMembership, listMembers, type MemberGuard } from '../service/members.ts'
import {
  archiveOrganization,
  createOrganization,
  getOrganization,
  listOrganizations,
  updateOrganization,
} from '../service/organizations.ts'

const tag = 'Organizations'
const MemberParams = Type.Object({ id: Uuid, user_id: Id })
const InvitationParams = Type.Object({ id: Uuid, invitation_id: Uuid })
const exampleInput = { name: 'Lavender Spa', time_zone: 'Europe/Kyiv', currency: 'UAH', city: 'Kyiv' }

/** What the modules to the right have to say before an organization is archived: they throw where it is still in use. */
export type ArchiveGuard = (ctx: Context, organizationId: string) => Promise<void>

export function routes(app: FastifyInstance, refuseIfUsed: ArchiveGuard, refuseIfBooked: MemberGuard): void {
  list(app, {
    path: '/organizations/',
    who: 'any',
    tag,
    summary: 'Own organizations',
    query: PageQuery,
    data: Organization,
    message: 'Organizations retrieved successfully',
    example: { data: exampleOrganization },
    run: (ctx, { query }) => listOrganizations(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/organizations/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Found an organization',
    description: 'Whoever founds it is its first admin. Without a time zone it takes the founder’s.',
    body: OrganizationInput,
    data: Organization,
    message: 'Organization created successfully',
    example: { body: exampleInput, data: exampleOrganization },
    run: (ctx, { body }) => createOrganization(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/organizations/{id}/',
    who: 'any',
    tag,
    summary: 'One of your organizations',
    description: 'For an outsider it does not exist.',
    params: UuidParams,
    data: Organization,
    message: 'Organization retrieved successfully',
    example: { data: exampleOrganization },
    run: (ctx, { params }) => getOrganization(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/organizations/{id}/',
    who: 'any',
    tag,
    summary: 'Change an organization',
    description: 'For its admins. What is left out stays as it is.',
    params: UuidParams,
    body: OrganizationInput,
    data: Organization,
    message: 'Organization updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: exampleInput, data: exampleOrganization },
    run: (ctx, { params, body }) => updateOrganization(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/organizations/{id}/',
    who: 'any',
    tag,
    summary: 'Archive an organization',
    description:
      'For its admins. Its past bookings stand; with future ones, or while a room of it is taken at times to come, it is refused with their list.',
    params: UuidParams,
    data: Nothing,
    message: 'Organization deleted successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await archiveOrganization(ctx, params.id, refuseIfUsed)
      return null
    },
  })
  memberRoutes(app, refuseIfBooked)
  departmentRoutes(app)
  invitationPage(app)
  invitationRoutes(app)
}

function memberRoutes(app: FastifyInstance, refuseIfBooked: MemberGuard): void {
  list(app, {
    path: '/organizations/{id}/members/',
    who: 'any',
    tag,
    summary: 'Members of an organization',
    description: 'For its members.',
    params: UuidParams,
    query: Type.Object({ ...pageQuery, role: Type.Optional(MemberRoleShape) }),
    data: Member,
    message: 'Members retrieved successfully',
    example: {
      data: {
        user_id: 2,
        full_name: 'Ada Moroz',
        email: 'ada@example.com',
        phone: null,
        membership: exampleMembership,
      },
    },
    run: (ctx, { params, query }) => listMembers(ctx, params.id, query, formatPhone),
  })
  operation(app, {
    method: 'PUT',
    path: '/organizations/{id}/members/{user_id}/',
    who: 'any',
    tag,
    summary: 'Change a membership',
    description:
      'Role, position, department, manager and access flags; for the organization’s admins. The last admin keeps that role.',
    params: MemberParams,
    body: MembershipChange,
    data: Membership,
    message: 'Membership updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: {
      body: { role: 'it', position: 'Support' },
      data: { ...exampleMembership, role: 'it', position: 'Support' },
    },
    run: (ctx, { params, body }) => changeMembership(ctx, params.id, params.user_id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/organizations/{id}/members/{user_id}/',
    who: 'any',
    tag,
    summary: 'End a membership',
    description:
      'An admin ends anybody’s, everybody their own. The last admin cannot leave. Who has future bookings for the organization stays: it is refused with their list; `POST bookings/hand-over/` passes them on to others or cancels them.',
    params: MemberParams,
    data: Nothing,
    message: 'Membership ended successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await endMembership(ctx, params.id, params.user_id, refuseIfBooked)
      return null
    },
  })
}

function invitationRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/organizations/{id}/invitations/',
    who: 'any',
    tag,
    summary: 'Open invitations',
    description: 'For the organization’s admins.',
    params: UuidParams,
    query: PageQuery,
    data: Invitation,
    message: 'Invitations retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleInvitation },
    run: (ctx, { params, query }) => listInvitations(ctx, params.id, query),
  })
  operation(app, {
    method: 'POST',
    path: '/organizations/{id}/invitations/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Invite by e-mail',
    description:
      'For the organization’s admins. The link in the mail holds for two weeks and only for the invited address; a new invitation takes the place of an open one.',
    params: UuidParams,
    body: InvitationInput,
    data: Invitation,
    message: 'Invitation sent successfully',
    errors: ['PERMISSION_DENIED'],
    guard: (ctx) => countOfDay(ctx, 'invitations', ctx.house.config.INVITATIONS_PER_DAY),
    example: {
      body: { email: 'ada@example.com', role: 'employee', position: 'Massage therapist' },
      data: exampleInvitation,
    },
    run: (ctx, { params, body }) => invite(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/organizations/{id}/invitations/{invitation_id}/',
    who: 'any',
    tag,
    summary: 'Take an invitation back',
    params: InvitationParams,
    data: Nothing,
    message: 'Invitation cancelled successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await cancelInvitation(ctx, params.id, params.invitation_id)
      return null
    },
  })
  list(app, {
    path: '/organizations/invitations/',
    who: 'any',
    tag,
    summary: 'Invitations to you',
    description: 'The open ones, once your e-mail is confirmed.',
    query: PageQuery,
    data: Invitation,
    message: 'Invitations retrieved successfully',
    example: { data: exampleInvitation },
    run: (ctx, { query }) => listOwnInvitations(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/organizations/invitations/accept/',
    who: 'any',
    tag,
    summary: 'Accept an invitation',
    description:
      'By the person whose e-mail was invited: with the token of the mail, or with `invitation_id` once the e-mail is confirmed.',
    body: AcceptInvitation,
    data: Membership,
    message: 'Invitation accepted successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED'],
    example: { body: { token: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d.5f2d' }, data: exampleMembership },
    run: (ctx, { body }) => acceptInvitation(ctx, body),
  })
}
