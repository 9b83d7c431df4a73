import type { FastifyInstance } from 'fastify'
import { Type, type TSchema } from 'typebox'
import { actorOf, type Context } from '../../../platform/context.ts'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, iso, Nothing, Nullable, PageQuery, Uuid } from '../../../platform/http/shapes.ts'
import { exampleUser, Me, ProfileChange, User } from '../schema/people.ts'
import { PasswordBody, Session } from '../schema/sign-in.ts'
import { changeProfile, guardProfile, problemsOf } from '../service/change-profile.ts'
import { deleteOwnAccount } from '../service/delete-account.ts'
import { getOwnUser, listOwnSessions, endOwnSession } from '../service/profile.ts'
import { capabilitiesOf } from '../rules.ts'

const tag = 'Profile'

/** How a membership is shown and found: given by `app.ts`, since organizations stand to the right. */
export type MembershipParts = {
  shape: TSchema
  example: object
  of: (ctx: Context, userId: number, organizationId: string | undefined) => Promise<{ role: string } | null>
}

/** The signed-in person's own profile and sessions. */
export function profileRoutes(app: FastifyInstance, membership: MembershipParts): void {
  const shown = Nullable(Type.Unsafe<object>(membership.shape))
  operation(app, {
    method: 'GET',
    path: '/auth/me/',
    who: 'any',
    withoutSecondFactor: true,
    tag,
    summary: 'The signed-in person',
    description:
      '`capabilities` are stable words for what this person may do; menus follow them; where a membership gives one (`webhooks`), it is that of the membership shown. `membership` is that of the organization asked for, else the oldest, or null.',
    query: Type.Object({ organization_id: Type.Optional(Uuid) }),
    data: Type.Object({ ...Me.properties, membership: shown }, { title: 'Me' }),
    message: 'User retrieved successfully',
    example: {
      data: {
        ...exampleUser,
        capabilities: [
          'profile',
          'notifications',
          'bookings',
          'calendars',
          'services',
          'schedules',
          'withdrawals',
          'documents',
          'webhooks',
        ],
        membership: membership.example,
      },
    },
    run: async (ctx, { query }) => {
      const own = await membership.of(ctx, actorOf(ctx).userId, query.organization_id)
      return {
        ...(await getOwnUser(ctx)),
        capabilities: capabilitiesOf(actorOf(ctx), own?.role),
        membership: own,
      }
    },
  })
  for (const path of ['/auth/profile/', '/profile/']) {
    operation(app, {
      method: 'GET',
      path,
      who: 'any',
      withoutSecondFactor: true,
      tag,
      summary: path === '/profile/' ? 'Own profile (salon path)' : 'Own profile',
      data: User,
      message: 'Profile retrieved successfully',
      example: { data: exampleUser },
      run: getOwnUser,
    })
  }
  for (const method of ['PUT', 'PATCH'] as const) {
    operation(app, {
      method,
      path: '/auth/profile/',
      who: 'any',
      tag,
      summary: method === 'PUT' ? 'Replace your own profile' : 'Change your own profile',
      description: `${
        method === 'PUT' ? 'What is left out gets its default; e-mail and name stay.' : 'What is left out stays.'
      } Another e-mail waits as \`pending_email\` until the code or link that it is sent comes back; the old address is told and can undo it for 72 hours. \`provider_profile\` counts for providers only.`,
      body: ProfileChange,
      data: User,
      message: 'Profile updated successfully',
      errors: ['CONFLICT', 'RATE_LIMITED'],
      example: {
        body: {
          phone: '(555) 987-6543',
          profile: { first_name: 'Jane', last_name: 'Smith', bio: 'About me' },
          provider_profile: { experience_years: 5, hourly_rate: 50 },
        },
        data: { ...exampleUser, phone: '(555) 987-6543' },
      },
      check: problemsOf,
      guard: (ctx, { body }) => guardProfile(ctx, body),
      run: (ctx, { body }) => changeProfile(ctx, body, method === 'PUT'),
    })
  }
  operation(app, {
    method: 'DELETE',
    path: '/auth/profile/',
    who: 'any',
    tag,
    limit: 'auth',
    secret: true,
    summary: 'Delete your own account',
    description:
      'Erases your personal data for good and ends all sessions; what the books must keep is kept without your name. Needs the password, or a sign-in of the last 5 minutes where there is none.',
    body: PasswordBody,
    data: Nothing,
    message: 'Account deleted successfully',
    errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { password: 'password123' }, data: null },
    run: async (ctx, { body }) => {
      await deleteOwnAccount(ctx, body.password)
      return null
    },
  })
  list(app, {
    path: '/auth/sessions/',
    who: 'any',
    tag,
    summary: 'Own sessions',
    description: 'Each is one sign-in; `is_current` marks the one that asks.',
    query: PageQuery,
    data: Session,
    message: 'Sessions retrieved successfully',
    example: {
      data: {
        id: 1,
        created_at: '2026-01-12T08:00:00Z',
        last_used_at: '2026-01-12T09:30:00Z',
        expires_at: '2026-02-11T09:30:00Z',
        address: '203.0.113.7',
        user_agent: 'Banister/1.0 (Android)',
        is_current: true,
      },
    },
    run: async (ctx, { query }) => {
      const page = await listOwnSessions(ctx, query)
      const results = page.results.map((row) => ({
        ...row,
        created_at: iso(row.created_at),
        last_used_at: iso(row.last_used_at),
        expires_at: iso(row.expires_at),
        is_current: row.id === actorOf(ctx).sessionId,
      }))
      return { ...page, results }
    },
  })
  operation(app, {
    method: 'DELETE',
    path: '/auth/sessions/{id}/',
    who: 'any',
    tag,
    summary: 'End one of your sessions',
    params: IdParams,
    data: Nothing,
    message: 'Session ended successfully',
    example: { data: null },
    run: async (ctx, { params }) => {
      await endOwnSession(ctx, params.id)
      return null
    },
  })
}
