import { Type, type Static } from 'typebox'
import { permissions, roles } from '../../platform/context.ts'
import { Email, Id, Instant, Line, Nullable, OneOf, pageQuery, TimeZone, Uuid } from '../../platform/http/shapes.ts'
import { Name, NewPassword, Phone, Role, User, userOrderings } from '../accounts/index.ts'
import { DayOfYear, Invitation, Membership, MembershipChange, memberRoles } from '../organizations/index.ts'

const Permission = OneOf(permissions, { title: 'Permission' })

export const OwnName = Type.Object({ first_name: Name, last_name: Name })
export const OwnNameChange = Type.Partial(OwnName)

const Permissions = Type.Array(Permission, { minItems: 1, maxItems: 50 })
export const PermissionsOf = Type.Object({ admin_user_id: Id, permissions: Permissions })
export const ManagePermissions = Type.Object({
  admin_user_id: Id,
  permissions: Permissions,
  action: OneOf(['grant', 'revoke']),
})

export const PermissionChange = Type.Object(
  {
    admin_user_id: Id,
    admin_user_email: Email,
    action: OneOf(['grant', 'revoke']),
    updated_permissions: Type.Array(Permission),
  },
  { title: 'PermissionChange' },
)

const Grant = Type.Object({
  id: Id,
  permission: Permission,
  permission_display: Type.String(),
  is_active: Type.Boolean(),
  granted_by_email: Nullable(Type.String()),
  granted_at: Instant,
  revoked_by_email: Nullable(Type.String()),
  revoked_at: Nullable(Instant),
})

export const Administrator = Type.Object(
  {
    id: Id,
    email: Email,
    role: Role,
    role_display: Type.String(),
    phone: Nullable(Type.String()),
    is_active: Type.Boolean(),
    profile: Type.Object({ first_name: Type.String(), last_name: Type.String() }),
    permissions: Type.Array(Grant),
  },
  { title: 'Administrator' },
)

const userFilters = {
  search: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Words and parts of words of name and e-mail, ignoring case and accents; each must be found.',
    }),
  ),
  is_active: Type.Optional(Type.Boolean()),
  ordering: Type.Optional(OneOf(userOrderings, { description: 'The newest first unless it is said otherwise.' })),
}
export const PeopleQuery = Type.Object({ ...pageQuery, ...userFilters })

const organization_id = Type.Optional(
  Type.String({ ...Uuid, description: 'Which of your organizations is meant. It counts for members only.' }),
)
export const OfOrganization = Type.Object({ organization_id })
export const UsersQuery = Type.Object({
  ...pageQuery,
  ...userFilters,
  is_active: Type.Optional(Type.Boolean({ description: 'It counts for administrators only.' })),
  role: Type.Optional(OneOf(roles, { description: 'It counts for administrators only.' })),
  organization_id,
  department_id: Type.Optional(
    Type.String({ ...Uuid, description: 'Of this department or one below it. It counts for members only.' }),
  ),
  manager_id: Type.Optional(Type.Integer({ ...Id, description: 'Led by this person. It counts for members only.' })),
})
export type UsersQuery = Static<typeof UsersQuery>
const { search: _search, ordering: _ordering, ...searchable } = UsersQuery.properties
export const SearchQuery = Type.Object({
  ...searchable,
  q: Type.String({ minLength: 1, maxLength: 200 }),
})

export const BirthdaysQuery = Type.Object({
  ...pageQuery,
  organization_id,
  days: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 366, default: 30, description: 'How far ahead; 0 is today only.' }),
  ),
})

/** A person as an administrator of accounts sees them (all of `User`), or as a colleague does (`id`, `email`, `phone`, `profile` in part, and `birthday` and `membership`). */
const { id, email, phone, profile, ...ofAccount } = User.properties
const { first_name, last_name, time_zone, photo_url, ...ofProfile } = profile.properties
export const Person = Type.Object(
  {
    id,
    email,
    phone,
    profile: Type.Object({
      first_name,
      last_name,
      time_zone,
      photo_url,
      ...Type.Partial(Type.Object(ofProfile)).properties,
    }),
    ...Type.Partial(Type.Object(ofAccount)).properties,
    birthday: Type.Optional(Nullable(DayOfYear)),
    membership: Type.Optional(Membership),
  },
  { title: 'Person' },
)
export type Person = Static<typeof Person>

/** What adding a person answers: the account made, or, for an organization's admin, the invitation sent. */
export const NewPerson = Type.Object(
  { ...Type.Partial(Person).properties, email, invitation: Type.Optional(Invitation) },
  { title: 'NewPerson' },
)
export type NewPerson = Static<typeof NewPerson>

/** The role of an account, or that of a member: which one is meant follows from who asks. */
const AnyRole = Type.Optional(
  OneOf([...new Set([...roles, ...memberRoles])], {
    description: `Of the account (${roles.join(', ')}) for administrators, of the membership (${memberRoles.join(', ')}) for an organization’s admins.`,
  }),
)

export const NewUser = Type.Object({
  email: Email,
  password: Type.Optional(NewPassword),
  first_name: Type.Optional(Name),
  last_name: Type.Optional(Name),
  phone: Type.Optional(Phone),
  role: AnyRole,
  time_zone: Type.Optional(TimeZone),
  position: MembershipChange.properties.position,
  organization_id,
})
export type NewUser = Static<typeof NewUser>

export const UserUpdate = Type.Object({
  email: Type.Optional(Email),
  first_name: Type.Optional(Name),
  last_name: Type.Optional(Name),
  phone: Type.Optional(Nullable(Phone)),
  is_active: Type.Optional(Type.Boolean()),
  ...MembershipChange.properties,
  role: AnyRole,
  organization_id,
})
export type UserUpdate = Static<typeof UserUpdate>

/** What the console needs to make an administrator: the options by their names. */
export const ConsoleAccount = Type.Object({
  email: Email,
  password: NewPassword,
  first_name: Name,
  last_name: Name,
  phone: Type.Optional(Phone),
})
export type ConsoleAccount = Static<typeof ConsoleAccount>

export const AuditQuery = Type.Object({
  ...pageQuery,
  actor_id: Type.Optional(Id),
  action: Type.Optional(Line(200, 1)),
  outcome: Type.Optional(OneOf(['done', 'refused'])),
  target: Type.Optional(
    Type.String({
      pattern: '^[^\\u0000-\\u001f:]{1,50}(:[^\\u0000-\\u001f]{1,200})?$',
      maxLength: 251,
      description: 'A kind, or a kind and an id: `user`, `user:12`.',
      examples: ['user:12'],
    }),
  ),
  from: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'At this instant or later.' })),
  to: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'Before this instant.' })),
  before_id: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Entries older than this one: the way to read far back, as quick as the first page.',
    }),
  ),
})
export type AuditQuery = Static<typeof AuditQuery>

const Values = Nullable(Type.Record(Type.String(), Type.Unknown()))

export const AuditEntry = Type.Object(
  {
    id: Id,
    at: Instant,
    actor: Nullable(Type.Object({ id: Id, email: Nullable(Type.String()), role: Nullable(Type.String()) })),
    action: Type.String(),
    outcome: OneOf(['done', 'refused']),
    target: Nullable(Type.Object({ kind: Type.String(), id: Type.String() })),
    before: Values,
    after: Values,
    address: Nullable(Type.String()),
    user_agent: Nullable(Type.String()),
    request_id: Nullable(Type.String()),
  },
  { title: 'AuditEntry' },
)
export type AuditEntry = Static<typeof AuditEntry>
