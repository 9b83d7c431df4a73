import { sql } from 'kysely'
import { administrativeRoles, type Context, type Permission } from '../../../platform/context.ts'

/** All SQL on what administrators may do. */

/**
 * Grants, and answers what was not granted before. One row for each permission, whoever else grants at the same time; granting again after a revocation
 * names the new granter, and the audit log keeps the older story. Sorted, so that two grants lock the rows in one order.
 */
export async function grantRows(
  ctx: Context,
  userId: number,
  permissions: readonly Permission[],
  grantedBy: number | null,
): Promise<Permission[]> {
  if (permissions.length === 0) return []
  const rows = permissions
    .toSorted()
    .map((permission) => ({ user_id: userId, permission, granted_by: grantedBy, granted_at: ctx.now }))
  const changed = await ctx.db
    .insertInto('admin_permissions')
    .values(rows)
    .onConflict((on) =>
      on
        .constraint('admin_permissions_once')
        .doUpdateSet({
          is_active: true,
          granted_by: grantedBy,
          granted_at: ctx.now,
          revoked_by: null,
          revoked_at: null,
        })
        .where('admin_permissions.is_active', '=', false),
    )
    .returning('permission')
    .execute()
  return changed.map(({ permission }) => permission as Permission)
}

/** Revokes the ones named, or all; answers what was granted until now. The row stays, with who granted it and who revoked it. */
export async function revokeRows(
  ctx: Context,
  userId: number,
  permissions: readonly Permission[] | 'all',
  revokedBy: number | null,
): Promise<Permission[]> {
  let query = ctx.db
    .updateTable('admin_permissions')
    .set({ is_active: false, revoked_by: revokedBy, revoked_at: ctx.now })
    .where('user_id', '=', userId)
    .where('is_active', '=', true)
  if (permissions !== 'all') query = query.where('permission', '=', sql<string>`ANY(${[...permissions]}::text[])`)
  return (await query.returning('permission').execute()).map(({ permission }) => permission as Permission)
}

/** What this person has been granted and not been revoked, sorted. */
export async function activePermissions(ctx: Context, userId: number): Promise<Permission[]> {
  const rows = await ctx.db
    .selectFrom('admin_permissions')
    .where('user_id', '=', userId)
    .where('is_active', '=', true)
    .select('permission')
    .orderBy('permission')
    .execute()
  return rows.map(({ permission }) => permission as Permission)
}

/** Everybody with an administrative role, in the order of their ids. */
export const selectAdministrators = (ctx: Context) =>
  ctx.db
    .selectFrom('users')
    .where('role', '=', sql<string>`ANY(${[...administrativeRoles]}::text[])`)
    .where('deleted_at', 'is', null)
    .select(['id', 'email', 'role', 'phone', 'is_active', 'first_name', 'last_name'])
    .orderBy('id')
    .execute()

/** Every grant of administrators, the revoked ones too, with the e-mails of who granted and who revoked; those of erased people are gone. */
export const selectGrants = (ctx: Context) =>
  ctx.db
    .selectFrom('admin_permissions as p')
    .innerJoin('users as u', 'u.id', 'p.user_id')
    .leftJoin('users as granter', (on) =>
      on.onRef('granter.id', '=', 'p.granted_by').on('granter.deleted_at', 'is', null),
    )
    .leftJoin('users as revoker', (on) =>
      on.onRef('revoker.id', '=', 'p.revoked_by').on('revoker.deleted_at', 'is', null),
    )
    .where('u.role', '=', sql<string>`ANY(${[...administrativeRoles]}::text[])`)
    .where('u.role', '<>', 'super_admin')
    .where('u.deleted_at', 'is', null)
    .select([
      'p.id',
      'p.user_id',
      'p.permission',
      'p.is_active',
      'p.granted_at',
      'p.revoked_at',
      'granter.email as granted_by_email',
      'revoker.email as revoked_by_email',
    ])
    .orderBy('p.id')
    .execute()

/** The super admins who can sign in, locked in the order of their ids: whoever takes one away waits here, and then counts those that are left. */
export async function lockSuperAdmins(ctx: Context): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('users')
    .where('role', '=', 'super_admin')
    .where('is_active', '=', true)
    .where('deleted_at', 'is', null)
    .select('id')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return rows.map(({ id }) => id)
}
