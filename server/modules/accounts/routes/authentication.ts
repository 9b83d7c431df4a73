import type { FastifyInstance } from 'fastify'
import { actorOf } from '../../../platform/context.ts'
import { operation } from '../../../platform/http/operation.ts'
import { Nothing } from '../../../platform/http/shapes.ts'
import { registrationProblems, roleDisplay } from '../rules.ts'
import { exampleUser, User, type UserView } from '../schema/people.ts'
import { RefreshBody, Register, RegisterByRole, SignIn, SignOutBody, TokenPair } from '../schema/sign-in.ts'
import { SignedInOrChallenge } from '../schema/two-factor.ts'
import { register, registerAs } from '../service/register.ts'
import { refreshTokens, signIn, signOut, type Door } from '../service/sign-in.ts'

const tag = 'Authentication'
export const exampleTokens = { access: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', refresh: 'Zk3v0cT1mX9rQ2' }
const roleNames = { customer: 'Customer', provider: 'Provider', management: 'Manager' } as const
/** What a sign-in says, by the role. */
export const greeting = (role: string): string =>
  role === 'customer'
    ? 'Customer login successful'
    : role === 'provider'
      ? 'Provider login successful'
      : 'Admin login successful'

/** Somebody new has confirmed no e-mail and said nothing of themselves. */
const exampleRegistered = (email: string, role: 'customer' | 'provider' | 'management'): UserView => ({
  ...exampleUser,
  email,
  role,
  role_display: roleDisplay[role],
  email_confirmed: false,
  profile: { ...exampleUser.profile, bio: '', time_zone: 'UTC', locale: null },
  provider_profile:
    role === 'provider'
      ? {
          experience_years: 0,
          hourly_rate: null,
          currency: 'USD',
          headline: '',
          languages: [],
          city: '',
          slug: null,
          rating: null,
          review_count: 0,
          is_verified: false,
        }
      : null,
})

/** Registering, signing in and out, and the exchange of tokens. */
export function authenticationRoutes(app: FastifyInstance): void {
  for (const role of ['customer', 'provider', 'management'] as const) {
    operation(app, {
      method: 'POST',
      path: `/auth/register/${role}/`,
      who: 'public',
      tag,
      limit: 'auth',
      status: 201,
      summary: `Register a ${role === 'management' ? 'manager' : role}`,
      description:
        role === 'management'
          ? 'A manager has no permissions until a super admin grants some. Closed in production unless MANAGEMENT_REGISTRATION=open.'
          : 'A mail with a code and a link asks to confirm the e-mail; signing in does not need it.',
      body: RegisterByRole,
      check: registrationProblems,
      data: User,
      message: `${roleNames[role]} registered successfully`,
      errors: role === 'management' ? ['CONFLICT', 'PERMISSION_DENIED'] : ['CONFLICT'],
      example: {
        body: {
          email: `${role}@example.com`,
          password: 'password123',
          confirm_password: 'password123',
          first_name: 'Jane',
          last_name: 'Smith',
          phone: '(555) 123-4567',
        },
        data: exampleRegistered(`${role}@example.com`, role),
      },
      run: (ctx, { body }) => registerAs(ctx, role, body),
    })
  }
  operation(app, {
    method: 'POST',
    path: '/auth/register/',
    who: 'public',
    tag,
    limit: 'auth',
    status: 201,
    summary: 'Register (a customer by default)',
    description: 'Takes `full_name`, or first and last name; `role` may be `customer` or `provider`.',
    body: Register,
    check: registrationProblems,
    data: User,
    message: (user) => ({
      message: user.role === 'provider' ? 'Provider registered successfully' : 'Customer registered successfully',
      params: {},
    }),
    errors: ['CONFLICT'],
    example: {
      body: { email: 'jane@example.com', password: 'password123', full_name: 'Jane Smith' },
      data: exampleRegistered('jane@example.com', 'customer'),
    },
    run: (ctx, { body }) => register(ctx, body),
  })
  for (const door of ['customer', 'provider', 'management', 'any'] as const satisfies Door[]) {
    operation(app, {
      method: 'POST',
      path: door === 'any' ? '/auth/login/' : `/auth/login/${door}/`,
      who: 'public',
      tag,
      limit: 'auth',
      secret: true,
      summary:
        door === 'any'
          ? 'Sign in, any role'
          : door === 'management'
            ? 'Sign in, the four administrative roles'
            : `Sign in, ${door}s only`,
      description:
        'Needs no confirmed e-mail. The wrong endpoint for a role answers 403, but only after the password proved right. Where a second factor is on, `data` has no tokens but `two_factor_required: true` and a `challenge` for `auth/login/two-factor/`.',
      body: SignIn,
      data: SignedInOrChallenge,
      message: (data) => ({
        message: 'challenge' in data ? 'Give the code of your second factor' : greeting(data.role),
        params: {},
      }),
      errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED'],
      example: {
        body: { email: 'jane@example.com', password: 'password123' },
        data: { ...exampleTokens, role: 'provider', user: exampleUser },
      },
      run: (ctx, { body }) => signIn(ctx, door, body.email, body.password),
    })
  }
  for (const path of ['/auth/token/refresh/', '/auth/refresh/']) {
    operation(app, {
      method: 'POST',
      path,
      who: 'public',
      tag,
      limit: 'auth',
      secret: true,
      summary: 'Exchange the refresh token for a new pair',
      description:
        'Ends the token that is given. Using an ended one again ends the whole session, its access tokens too: clients keep one exchange under way at a time.',
      body: RefreshBody,
      data: TokenPair,
      message: 'Token refreshed successfully',
      errors: ['AUTHENTICATION_FAILED'],
      example: { body: { refresh: exampleTokens.refresh }, data: exampleTokens },
      run: (ctx, { body }) => refreshTokens(ctx, body.refresh),
    })
  }
  operation(app, {
    method: 'POST',
    path: '/auth/logout/',
    who: 'any',
    withoutSecondFactor: true,
    tag,
    summary: 'End this session',
    description:
      "The access token's session ends at once, on every node, whether or not the refresh token is sent along.",
    body: SignOutBody,
    data: Nothing,
    message: 'Logout successful',
    example: { body: { refresh: exampleTokens.refresh }, data: null },
    run: async (ctx, { body }) => {
      await signOut(ctx, actorOf(ctx), body.refresh)
      return null
    },
  })
}
