import type { FastifyInstance } from 'fastify'
import { list, operation, type Who } from '../../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../../platform/http/shapes.ts'
import { createUser, exampleUser, getUser, listUsers, removeUser, updateUser, User } from '../../accounts/index.ts'
import { NewUser, PeopleQuery, SearchQuery, UsersQuery, UserUpdate } from '../schema.ts'

const tag = 'Users'
/** Who may ask for accounts. SPEC names members of an organization as well, who see their colleagues: they come in with organizations. */
const who: Who = 'admin:user_management'
const onlySuperAdmins = 'An administrative account, and an administrative role, is a super admin’s alone to touch: 403.'

/** Accounts, for administrators with `user_management`. */
export function userRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/users/',
    who,
    tag,
    summary: 'All accounts',
    query: UsersQuery,
    data: User,
    message: 'Users retrieved successfully',
    example: { data: exampleUser },
    run: (ctx, { query }) => listUsers(ctx, query, query),
  })
  list(app, {
    path: '/users/search/',
    who,
    tag,
    summary: 'Search accounts by name and e-mail',
    description: 'Every word of `q` must be found, as a word or a part of one, ignoring case and accents.',
    query: SearchQuery,
    data: User,
    message: 'Users retrieved successfully',
    example: { data: exampleUser },
    run: (ctx, { query: { q, ...query } }) => listUsers(ctx, { ...query, search: q }, query),
  })
  for (const role of ['customer', 'provider'] as const) {
    list(app, {
      path: `/admin/${role}s/`,
      who,
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
    who,
    tag,
    summary: 'Make an account for somebody',
    description: `A customer unless a role is given. Without a password the person sets one by the password reset. ${onlySuperAdmins}`,
    body: NewUser,
    data: User,
    status: 201,
    message: 'User created successfully',
    errors: ['CONFLICT'],
    example: {
      body: {
        email: 'jane@example.com',
        first_name: 'Jane',
        last_name: 'Smith',
        phone: '(555) 123-4567',
        role: 'provider',
      },
      data: exampleUser,
    },
    run: (ctx, { body }) => createUser(ctx, { ...body, role: body.role ?? 'customer' }),
  })
  operation(app, {
    method: 'GET',
    path: '/users/{id}/',
    who,
    tag,
    summary: 'One account',
    params: IdParams,
    data: User,
    message: 'User retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleUser },
    run: (ctx, { params }) => getUser(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/users/{id}/',
    who,
    tag,
    summary: 'Change an account',
    description: `What is left out stays as it is. A new e-mail waits until it is confirmed. Deactivating ends the person's sessions at once; a new role begins without the permissions of the old one. ${onlySuperAdmins} The last super admin can be neither demoted nor deactivated: 409.`,
    params: IdParams,
    body: UserUpdate,
    data: User,
    message: 'User updated successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { body: { first_name: 'Jane', is_active: true }, data: exampleUser },
    run: (ctx, { params, body }) => updateUser(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/users/{id}/',
    who,
    tag,
    summary: 'Delete an account',
    description: `Erases the person's data, as they would themselves; the books keep what they must, without a name. ${onlySuperAdmins} The last super admin cannot be deleted: 409.`,
    params: IdParams,
    data: Nothing,
    message: 'User deleted successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await removeUser(ctx, params.id)
      return null
    },
  })
}
