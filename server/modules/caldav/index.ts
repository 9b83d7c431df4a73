import type { FastifyInstance } from 'fastify'
import type { Context } from '../../platform/context.ts'
import type { ExportOf } from '../../platform/export.ts'
import { forgetProperties, selectProperties } from './queries.ts'
import { caldavRoutes } from './routes.ts'

/** Calendar programs (RFC 4791, 6578, parts of 6638): everything below `/dav/`. */
export function routes(app: FastifyInstance): void {
  caldavRoutes(app)
}

/** Hears that an account was erased: how they had their calendars arranged is personal. */
export async function accountDeleted(ctx: Context, event: { user_id: number }): Promise<void> {
  await forgetProperties(ctx, event.user_id)
}

/** How somebody's calendar programs have arranged their calendars. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'calendars/programs.json', json: await selectProperties(ctx, userId).execute() }
}
