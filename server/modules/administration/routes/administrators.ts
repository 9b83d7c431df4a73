import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { operation } from '../../../platform/http/operation.ts'
import { changePermissions, listAdministrators, updateOwnName } from '../../accounts/index.ts'
import { Administrator, ManagePermissions, OwnName, OwnNameChange, PermissionChange, PermissionsOf } from '../schema.ts'

const tag = 'Administration'
const name = { first_name: 'Updated Name', last_name: 'Updated Surname' }
const request = { admin_user_id: 2, permissions: ['user_management', 'service_management'] }
const answer = (action: 'grant' | 'revoke') => ({
  admin_user_id: 2,
  admin_user_email: 'admin@banister.com',
  action,
  updated_permissions: request.permissions,
})

/** The sentence of the sources for what was done to whom. */
const told = ({ action, admin_user_email: email }: { action: 'grant' | 'revoke'; admin_user_email: string }) => ({
  message:
    action === 'grant'
      ? 'Permissions granted successfully for {email}'
      : 'Permissions revoked successfully for {email}',
  params: { email },
})

const about =
  'Takes effect at once, for tokens that are out as well. `updated_permissions` lists what this request changed. A super admin has every permission: 409.'

/** Administrators: their own name, their permissions, the list of them. */
export function administratorRoutes(app: FastifyInstance): void {
  for (const [method, body] of [
    ['PUT', OwnName],
    ['PATCH', OwnNameChange],
  ] as const) {
    operation(app, {
      method,
      path: '/auth/admin/profile/update/',
      who: 'admin',
      tag,
      summary: method === 'PUT' ? 'Change your own name' : 'Change a part of your own name',
      body,
      data: OwnName,
      message: 'Admin profile updated successfully',
      example: { body: name, data: name },
      run: (ctx, input) => updateOwnName(ctx, input.body),
    })
  }
  operation(app, {
    method: 'POST',
    path: '/auth/admin/permissions/manage/',
    who: ['super_admin'],
    tag,
    summary: 'Grant or revoke permissions',
    description: about,
    body: ManagePermissions,
    data: PermissionChange,
    message: told,
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { body: { ...request, action: 'grant' }, data: answer('grant') },
    run: (ctx, { body }) => changePermissions(ctx, body.action, body.admin_user_id, body.permissions),
  })
  for (const [method, action] of [
    ['POST', 'grant'],
    ['DELETE', 'revoke'],
  ] as const) {
    operation(app, {
      method,
      path: `/auth/admin/permissions/${action}/`,
      who: ['super_admin'],
      tag,
      summary: action === 'grant' ? 'Grant permissions' : 'Revoke permissions',
      description: about,
      body: PermissionsOf,
      data: PermissionChange,
      message: told,
      errors: ['NOT_FOUND', 'CONFLICT'],
      example: { body: request, data: answer(action) },
      run: (ctx, { body }) => changePermissions(ctx, action, body.admin_user_id, body.permissions),
    })
  }
  operation(app, {
    method: 'GET',
    path: '/auth/admin/list/',
    who: ['super_admin'],
    tag,
    summary: 'Administrators with their permissions',
    description:
      'A plain array, not a page of a list. A revoked grant stays, with `is_active: false`; super admins need none and have none.',
    data: Type.Array(Administrator),
    message: 'Admin users retrieved successfully',
    example: {
      data: [
        {
          id: 1,
          email: 'superadmin@banister.com',
          role: 'super_admin',
          role_display: 'Super Admin',
          phone: '(555) 999-8888',
          is_active: true,
          profile: { first_name: 'Super', last_name: 'Administrator' },
          permissions: [],
        },
        {
          id: 2,
          email: 'admin@banister.com',
          role: 'management',
          role_display: 'Management',
          phone: '(555) 123-4567',
          is_active: true,
          profile: { first_name: 'John', last_name: 'Admin' },
          permissions: [
            {
              id: 1,
              permission: 'user_management',
              permission_display: 'User Management',
              is_active: true,
              granted_by_email: 'superadmin@banister.com',
              granted_at: '2026-01-12T08:00:00Z',
              revoked_by_email: null,
              revoked_at: null,
            },
          ],
        },
      ],
    },
    run: listAdministrators,
  })
}
