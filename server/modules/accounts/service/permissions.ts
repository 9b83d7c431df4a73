import { audit } from '../../../platform/audit.ts'
import { actorOf, isAdministrative, type Context, type Permission, type Role } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import {
  activePermissions,
  grantRows,
  lockSuperAdmins,
  revokeRows,
  selectAdministrators,
  selectGrants,
} from '../queries/permissions.ts'
import { lockUser } from '../queries/users.ts'
import { accountantPermissions, formatPhone, permissionDisplay, roleDisplay } from '../rules.ts'

export type PermissionAction = 'grant' | 'revoke'
export type PermissionChange = {
  admin_user_id: number
  admin_user_email: string
  action: PermissionAction
  updated_permissions: Permission[]
}

/**
 * Grants permissions to an administrator, or revokes them; tokens that are out feel it with their next request. `updated_permissions` are those that this
 * changed, in the order asked for: what was granted (or not granted) already is not among them (SPEC section 3).
 * @throws PERMISSION_DENIED to all but super admins; NOT_FOUND; VALIDATION_ERROR for a person without an administrative role; CONFLICT for a super admin, who
 * implicitly has every permission, so that a grant would mean nothing and a revocation would be a promise not kept.
 */
export async function changePermissions(
  ctx: Context,
  action: PermissionAction,
  userId: number,
  permissions: readonly Permission[],
): Promise<PermissionChange> {
  const actor = actorOf(ctx)
  if (actor.role !== 'super_admin') throw denied('Only a super admin may do this')
  return inTransaction(ctx, async (tx) => {
    const user = await lockUser(tx, userId)
    if (!user) throw notFound('administrator')
    if (!isAdministrative(user.role as Role))
      throw invalid('admin_user_id', 'This user is not an administrator', 'administrator')
    if (user.role === 'super_admin')
      throw conflict('A super admin has every permission: there is nothing to grant or to revoke')
    const before = await activePermissions(tx, userId)
    const changed =
      action === 'grant'
        ? await grantRows(tx, userId, [...new Set(permissions)], actor.userId)
        : await revokeRows(tx, userId, permissions, actor.userId)
    const after = await activePermissions(tx, userId)
    await audit(tx, {
      action: `permissions.${action}`,
      target: { kind: 'user', id: userId },
      before: { permissions: before },
      after: { permissions: after },
    })
    const updated = [...new Set(permissions)].filter((permission) => changed.includes(permission))
    return { admin_user_id: userId, admin_user_email: user.email, action, updated_permissions: updated }
  })
}

/** Every administrator with what they have been granted, revoked grants with `is_active: false`; super admins have no grants, for they need none. */
export async function listAdministrators(ctx: Context) {
  const [people, grants] = await Promise.all([selectAdministrators(ctx), selectGrants(ctx)])
  const grantsOf = Map.groupBy(grants, ({ user_id }) => user_id)
  return people.map(({ id, email, role, phone, is_active, first_name, last_name }) => ({
    id,
    email,
    role: role as Role,
    role_display: roleDisplay[role as Role],
    phone: formatPhone(phone),
    is_active,
    profile: { first_name, last_name },
    permissions: (grantsOf.get(id) ?? []).map((grant) => ({
      id: grant.id,
      permission: grant.permission as Permission,
      permission_display: permissionDisplay[grant.permission as Permission],
      is_active: grant.is_active,
      granted_by_email: grant.granted_by_email,
      granted_at: grant.granted_at.toString(),
      revoked_by_email: grant.revoked_by_email,
      revoked_at: grant.revoked_at?.toString() ?? null,
    })),
  }))
}

/** A new role starts as everybody does who has it from the beginning: the grants of the old one end, and an accountant gets the money permissions. */
export async function restartPermissions(ctx: Context, userId: number, role: Role): Promise<void> {
  const by = ctx.actor?.userId ?? null
  await revokeRows(ctx, userId, 'all', by)
  if (role === 'accountant') await grantRows(ctx, userId, accountantPermissions, by)
}

/**
 * To be called within the transaction that removes, demotes or deactivates somebody, before anything of theirs is locked: at least one super admin who can
 * sign in remains (SPEC section 3). Two who do it to each other at once take their turns here, and the second one is refused.
 * @throws CONFLICT
 */
export async function keepASuperAdmin(ctx: Context, leaving: number): Promise<void> {
  const superAdmins = await lockSuperAdmins(ctx)
  if (superAdmins.length === 1 && superAdmins[0] === leaving)
    throw conflict('The last super admin must remain', {
      details: [{ message: 'The last super admin must remain', rule: 'last_super_admin' }],
    })
}
