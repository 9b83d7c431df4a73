import { isAdministrative, type Actor, type Role } from '../../platform/context.ts'

/** May this administrator touch an account of this role, or give somebody this role? Administrative ones are a super admin's alone (SPEC section 10). */
export const canManageRole = (actor: Actor, role: Role): boolean =>
  actor.role === 'super_admin' || !isAdministrative(role)
