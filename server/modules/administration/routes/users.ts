import type { FastifyInstance } from 'fastify'
import { list, operation, type Who } from '../../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../../platform/http/shapes.ts'
import { actorOf, isAdministrative } from '../../../platform/context.ts'
import { countOfDay } from '../../../platform/limits.ts'
import { exampleUser, listUsers, resetTwoFactor, User } from '../../accounts/index.ts'
import { Birthday, exampleColleague, exampleInvitation, listBirthdays } from '../../organizations/index.ts'
import {
  createPerson,
  getPerson,
  listPeople,
  problemsOf,
  problemsOfNew,
  removePerson,
  updatePerson,
} from '../people.ts'
import {
  BirthdaysQuery,
  NewPerson,
  NewUser,
  OfOrganization,
  PeopleQuery,
  Person,
  SearchQuery,
  UsersQuery,
  UserUpdate,
} from '../schema.ts'

const tag = 'Users'
/** Members of an organization see their colleagues, its admins invite, change memberships and end them; only `user_management` touches an account. */
const whoSees: Who = 'admin:user_management|org'
const whoManages: Who = 'admin:user_management|org:admin'
const whoSeesAccounts: Who = 'admin:user_management'
const onlySuperAdmins = 'An administrative account, and an administrative role, is a super admin’s alone to touch: 403.'
const colleagues =
  'Members of an organization see the people of their organizations and nobody else: how to reach them and their `membership`, nothing of their accounts.'
const whichOrganization =
  '`organization_id` says in which organization; it can be left out where there is only one that fits.'

/** Accounts for administrators with `user_management`, colleagues for members of an organization. */
export function userRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/users/',
    who: whoSees,
    tag,
    summary: 'All accounts, or your colleagues',
    description: colleagues,
    query: UsersQuery,
    data: Person,
    message: 'Users retrieved successfully',
    example: { data: exampleUser },
    run: (ctx, { query }) => listPeople(ctx, query, query),
  })
  list(app, {
    path: '/users/search/',
    who: whoSees,
    tag,
    summary: 'Search people by name, e-mail, position and department',
    description: `Every word of \`q\` must be found, as a word or a part of one, ignoring case and accents; accounts are found by name and e-mail alone. ${colleagues}`,
    query: SearchQuery,
    data: Person,
    message: 'Users retrieved successfully',
    example: { data: exampleColleague },
    run: (ctx, { query: { q, ...query } }) => listPeople(ctx, { ...query, search: q }, query),
  })
  list(app, {
    path: '/users/birthdays/',
    who: whoSees,
    tag,
    summary: 'Whose birthday comes',
    description: `The next first, from your today on. Colleagues learn month and day, never the year; 29 February is kept on 28 February in years that have none. ${colleagues}`,
    query: BirthdaysQuery,
    data: Birthday,
    message: 'Birthdays retrieved successfully',
    example: { data: { ...exampleColleague, next_birthday: '2026-05-17' } },
    run: (ctx, { query }) => listBirthdays(ctx, query, query),
  })
  for (const role of ['customer', 'provider'] as const) {
    list(app, {
      path: `/admin/${role}s/`,
      who: whoSeesAccounts,
      tag: 'Administration',
      summary: role === 'customer' ? 'Customers' : 'Providers',
      query: PeopleQuery,
      data: User,
      message: role === 'customer' ? 'Customers retrieved successfully' : 'Providers retrieved successfully',
      example: {
        data:
          role === 'provider'
            ? exampleUser
            : { ...exampleUser, role, role_display: 'Customer', provider_profile: null },
      },
      run: (ctx, { query }) => listUsers(ctx, { ...query, role }, query),
    })
  }
  operation(app, {
    method: 'POST',
    path: '/users/',
    who: whoManages,
    tag,
    summary: 'Make an account for somebody, or invite a colleague',
    description: `An administrator makes an account, with first and last name: a customer unless a role is given; without a password the person sets one by the password reset. ${onlySuperAdmins} An organization’s admin invites by e-mail, with a \`role\` of the membership and a \`position\`; the answer bears the \`invitation\`. ${whichOrganization}`,
    body: NewUser,
    check: problemsOfNew,
    data: NewPerson,
    status: 201,
    message: ({ invitation }) => ({
      message: invitation ? 'Invitation sent successfully' : 'User created successfully',
      params: {},
    }),
    errors: ['CONFLICT'],
    // An administrator makes accounts, who are trusted with as many as it takes; whoever is none invites strangers.
    guard: async (ctx) => {
      if (!isAdministrative(actorOf(ctx).role))
        await countOfDay(ctx, 'invitations', ctx.house.config.INVITATIONS_PER_DAY)
    },
    example: {
      body: { email: 'ada@example.com', role: 'employee', position: 'Massage therapist' },
      data: { email: 'ada@example.com', invitation: exampleInvitation },
    },
    run: (ctx, { body }) => createPerson(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/users/{id}/',
    who: whoSees,
    tag,
    summary: 'One account, or a colleague',
    description: `${colleagues} A stranger is 404.`,
    params: IdParams,
    query: OfOrganization,
    data: Person,
    message: 'User retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleUser },
    run: (ctx, { params, query }) => getPerson(ctx, params.id, query.organization_id),
  })
  operation(app, {
    method: 'PUT',
    path: '/users/{id}/',
    who: whoManages,
    tag,
    summary: 'Change an account, or a membership',
    description: `What is left out stays as it is. A new e-mail waits until it is confirmed. Deactivating ends the person's sessions at once; a new role begins without the permissions of the old one. ${onlySuperAdmins} The last super admin can be neither demoted nor deactivated: 409. An organization’s admin changes \`role\`, \`position\`, \`department_id\`, \`manager_id\` and the access flags of a colleague’s membership; fields of the account are refused: 403. ${whichOrganization}`,
    params: IdParams,
    body: UserUpdate,
    check: problemsOf,
    data: Person,
    message: 'User updated successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { body: { first_name: 'Jane', is_active: true }, data: exampleUser },
    run: (ctx, { params, body }) => updatePerson(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/users/{id}/',
    who: whoManages,
    tag,
    summary: 'Delete an account, or end a membership',
    description: `Erases the person's data, as they would themselves; the books keep what they must, without a name. ${onlySuperAdmins} The last super admin cannot be deleted: 409. An organization’s admin ends the colleague’s membership; the account stays. Who has future bookings for the organization stays a member: 409 with their list; \`POST bookings/hand-over/\` passes them on. ${whichOrganization}`,
    params: IdParams,
    query: OfOrganization,
    data: Nothing,
    message: 'User deleted successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params, query }) => {
      await removePerson(ctx, params.id, query.organization_id)
      return null
    },
  })
  operation(app, {
    method: 'DELETE',
    path: '/users/{id}/two-factor/',
    who: ['super_admin'],
    tag,
    summary: 'Turn off somebody’s second factor',
    description:
      'For somebody who has lost it. All their sessions end, they are told by mail, and it stands in the audit log. One’s own is turned off with the password and a code: 409.',
    params: IdParams,
    data: Nothing,
    message: 'Second factor turned off successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await resetTwoFactor(ctx, params.id)
      return null
    },
  })
}
