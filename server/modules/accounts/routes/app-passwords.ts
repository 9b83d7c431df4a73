import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { iso, isoOrNull, Nothing, PageQuery, UuidParams } from '../../../platform/http/shapes.ts'
import { AppPassword, AppPasswordBody, AppPasswordMade, exampleAppPassword } from '../schema/app-passwords.ts'
import { createAppPassword, endAppPassword, listAppPasswords } from '../service/app-passwords.ts'

const tag = 'Profile'

/** Passwords for calendar programs. */
export function appPasswordRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/auth/app-passwords/',
    who: 'any',
    tag,
    summary: 'Own app passwords',
    description: 'Of each its name and its last use, which is told within some minutes; the newest first.',
    query: PageQuery,
    data: AppPassword,
    message: 'App passwords retrieved successfully',
    example: { data: exampleAppPassword },
    run: async (ctx, { query }) => {
      const page = await listAppPasswords(ctx, query)
      const results = page.results.map((row) => ({
        ...row,
        created_at: iso(row.created_at),
        last_used_at: isoOrNull(row.last_used_at),
      }))
      return { ...page, results }
    },
  })
  operation(app, {
    method: 'POST',
    path: '/auth/app-passwords/',
    who: 'any',
    tag,
    status: 201,
    limit: 'auth',
    secret: true,
    summary: 'Make an app password',
    description:
      'For a calendar program (CalDAV): the answer has all that it asks for, the password this once. It opens your calendars and nothing of this API, and ends with a new password of your account. Needs the password, or a sign-in of the last 5 minutes. At most 50.',
    body: AppPasswordBody,
    data: AppPasswordMade,
    message: 'App password created successfully',
    errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'CONFLICT'],
    example: {
      body: { name: 'My phone', password: 'password123' },
      data: {
        ...exampleAppPassword,
        user_name: 'jane@example.com',
        app_password: 'k2xmd-7pqan-h4wvb-c6rtz',
        server_url: 'https://example.com/dav/',
      },
    },
    run: async (ctx, { body }) => {
      const made = await createAppPassword(ctx, body)
      return {
        id: made.id,
        name: made.name,
        created_at: iso(made.createdAt),
        last_used_at: null,
        last_used_address: '',
        user_name: made.email,
        app_password: made.appPassword,
        server_url: `${ctx.house.config.PUBLIC_URL.replace(/\/$/, '')}/dav/`,
      }
    },
  })
  operation(app, {
    method: 'DELETE',
    path: '/auth/app-passwords/{id}/',
    who: 'any',
    tag,
    summary: 'End an app password',
    description: 'From now on it opens nothing.',
    params: UuidParams,
    data: Nothing,
    message: 'App password ended successfully',
    example: { data: null },
    run: async (ctx, { params }) => {
      await endAppPassword(ctx, params.id)
      return null
    },
  })
}
