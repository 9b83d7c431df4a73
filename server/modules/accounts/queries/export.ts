import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'
import { photoFile } from '../../files/index.ts'
import { viewUser } from '../view.ts'
import { selectAppPasswords } from './app-passwords.ts'
import { findUser } from './people.ts'

const sessionsAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('sessions')
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'created_at', 'last_used_at', 'expires_at', 'ended_at', 'address', 'user_agent'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** Who somebody is here: profile and photo, sign-ins and where they came from, permissions, second factor. No secret, no hash. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  const row = await findUser(ctx, userId)
  if (!row) return
  yield { name: 'account/profile.json', json: viewUser(ctx.house.config, row) }
  if (row.photo_key !== null)
    yield { name: 'account/photo.' + row.photo_key.split('.').at(-1)!, ...photoFile(row.photo_key) }
  yield { name: 'account/sessions.json', rows: inPieces((after, limit) => sessionsAfter(ctx, userId, after, limit)) }
  const addresses = ctx.db.selectFrom('known_addresses').where('user_id', '=', userId)
  yield { name: 'account/addresses.json', json: await addresses.select(['address', 'last_signed_in_at']).execute() }
  const permissions = ctx.db.selectFrom('admin_permissions').where('user_id', '=', userId)
  yield {
    name: 'account/permissions.json',
    json: await permissions.select(['permission', 'is_active', 'granted_at', 'revoked_at']).execute(),
  }
  const factor = ctx.db.selectFrom('two_factor').where('user_id', '=', userId)
  yield { name: 'account/two-factor.json', json: await factor.select(['created_at', 'confirmed_at']).execute() }
  yield { name: 'account/programs.json', json: await selectAppPasswords(ctx, userId).execute() }
}
