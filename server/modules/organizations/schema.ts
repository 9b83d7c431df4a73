import { Type, type Static } from 'typebox'
import {
  CalendarDate,
  Email,
  Id,
  Instant,
  Line,
  Nullable,
  OneOf,
  Text,
  TimeZone,
  Uuid,
} from '../../platform/http/shapes.ts'

/** A member's role inside an organization (SPEC section 3): beside the role of the account, and giving none. */
export const memberRoles = ['admin', 'it', 'employee'] as const
export type MemberRole = (typeof memberRoles)[number]

export const MemberRoleShape = OneOf(memberRoles, { title: 'MemberRole' })
const Slug = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])$',
  maxLength: 60,
  examples: ['lavender-spa'],
})
const Currency = Type.String({ pattern: '^[A-Z]{3}$', maxLength: 3, examples: ['USD'] })

export const OrganizationInput = Type.Object({
  name: Line(200, 1),
  description: Type.Optional(Text(5000)),
  slug: Type.Optional(Nullable(Slug)),
  time_zone: Type.Optional(TimeZone),
  currency: Type.Optional(Currency),
  city: Type.Optional(Line(100)),
  address: Type.Optional(Line(300)),
})
export type OrganizationInput = Static<typeof OrganizationInput>

export const Organization = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    description: Type.String(),
    slug: Nullable(Type.String()),
    time_zone: Type.String(),
    currency: Type.String(),
    city: Type.String(),
    address: Type.String(),
    member_count: Type.Integer(),
    role: MemberRoleShape,
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Organization' },
)
export type OrganizationView = Static<typeof Organization>

/** A membership: what the planner keeps of a person in one organization. */
export const Membership = Type.Object(
  {
    organization_id: Uuid,
    organization_name: Type.String(),
    role: MemberRoleShape,
    position: Type.String(),
    department_id: Nullable(Uuid),
    department_name: Nullable(Type.String()),
    manager_id: Nullable(Id),
    access_org_structure: Type.Boolean(),
    access_tickets: Type.Boolean(),
    access_availability_slots: Type.Boolean(),
    show_local_time: Type.Boolean(),
    show_moscow_time: Type.Boolean(),
    joined_at: Instant,
  },
  { title: 'Membership' },
)
export type MembershipView = Static<typeof Membership>

export const Member = Type.Object(
  {
    user_id: Id,
    full_name: Type.String(),
    email: Type.String(),
    phone: Nullable(Type.String()),
    membership: Membership,
  },
  { title: 'Member' },
)

/** Month and day of a birthday: nobody's age is a colleague's to know. */
export const DayOfYear = Type.String({ pattern: '^\\d\\d-\\d\\d$', maxLength: 5, examples: ['05-17'] })

/** A person as colleagues see them; the fields that a `User` has too bear the same names. */
export const Colleague = Type.Object(
  {
    id: Id,
    email: Type.String(),
    phone: Nullable(Type.String()),
    profile: Type.Object({
      first_name: Type.String(),
      last_name: Type.String(),
      time_zone: Type.String(),
      photo_url: Nullable(Type.String()),
    }),
    birthday: Nullable(DayOfYear),
    membership: Membership,
  },
  { title: 'Colleague' },
)
export type ColleagueView = Static<typeof Colleague>

/** A colleague whose birthday comes, and when: 29 February is kept on 28 February in years that have none. */
export const Birthday = Type.Object({ ...Colleague.properties, next_birthday: CalendarDate }, { title: 'Birthday' })
export type BirthdayView = Static<typeof Birthday>

/** What an organization's admin may change of a membership. */
export const MembershipChange = Type.Object({
  role: Type.Optional(MemberRoleShape),
  position: Type.Optional(Line(200)),
  department_id: Type.Optional(Nullable(Uuid)),
  manager_id: Type.Optional(Nullable(Id)),
  access_org_structure: Type.Optional(Type.Boolean()),
  access_tickets: Type.Optional(Type.Boolean()),
  access_availability_slots: Type.Optional(Type.Boolean()),
  show_local_time: Type.Optional(Type.Boolean()),
  show_moscow_time: Type.Optional(Type.Boolean()),
})
export type MembershipChange = Static<typeof MembershipChange>

export const InvitationInput = Type.Object({
  email: Email,
  role: Type.Optional(MemberRoleShape),
  position: Type.Optional(Line(200)),
})

export const Invitation = Type.Object(
  {
    id: Uuid,
    organization_id: Uuid,
    organization_name: Type.String(),
    email: Type.String(),
    role: MemberRoleShape,
    position: Type.String(),
    created_at: Instant,
    expires_at: Instant,
  },
  { title: 'Invitation' },
)
export type InvitationView = Static<typeof Invitation>

/** The token of the mail, or the id of one of one's own open invitations. */
export const AcceptInvitation = Type.Object({
  token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  invitation_id: Type.Optional(Uuid),
})

const id = '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d'
export const exampleOrganization = {
  id,
  name: 'Lavender Spa',
  description: 'Massage and care in the old town',
  slug: 'lavender-spa',
  time_zone: 'Europe/Kyiv',
  currency: 'UAH',
  city: 'Kyiv',
  address: '1 Khreshchatyk Street',
  member_count: 12,
  role: 'admin',
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies OrganizationView

export const exampleMembership = {
  organization_id: id,
  organization_name: 'Lavender Spa',
  role: 'employee',
  position: 'Massage therapist',
  department_id: null,
  department_name: null,
  manager_id: null,
  access_org_structure: true,
  access_tickets: true,
  access_availability_slots: false,
  show_local_time: true,
  show_moscow_time: true,
  joined_at: '2026-01-12T08:00:00Z',
} satisfies MembershipView

export const exampleColleague = {
  id: 2,
  email: 'ada@example.com',
  phone: '(555) 123-4567',
  profile: { first_name: 'Ada', last_name: 'Moroz', time_zone: 'Europe/Kyiv', photo_url: null },
  birthday: '05-17',
  membership: exampleMembership,
} satisfies ColleagueView

export const exampleInvitation = {
  id,
  organization_id: id,
  organization_name: 'Lavender Spa',
  email: 'ada@example.com',
  role: 'employee',
  position: 'Massage therapist',
  created_at: '2026-01-12T08:00:00Z',
  expires_at: '2026-01-26T08:00:00Z',
} satisfies InvitationView
