import assert from 'node:assert/strict'
import test from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'

const house = await openHouse()
const boss = await house.person('super_admin', { email: 'superadmin@banister.com', phone: '(555) 999-8888' })

const manage = (id: number, action: 'grant' | 'revoke', ...permissions: string[]): Promise<Answer> =>
  house.call('POST', '/api/auth/admin/permissions/manage/', {
    token: boss.token,
    json: { admin_user_id: id, permissions, action },
  })

async function listed(id: number) {
  const { body } = await house.call('GET', '/api/v1/auth/admin/list/', { token: boss.token })
  return body['data'].find((row: { id: number }) => row.id === id)
}

const activeOf = async (id: number): Promise<string[]> =>
  (await listed(id)).permissions
    .filter((grant: { is_active: boolean }) => grant.is_active)
    .map((grant: { permission: string }) => grant.permission)
    .toSorted()

test('Granting and revoking answer with the sentences of the sources and with what changed', async () => {
  const admin = await house.person('management', { email: 'admin@banister.com' })

  const granted = await manage(admin.id, 'grant', 'user_management', 'service_management')
  const revoked = await manage(admin.id, 'revoke', 'user_management')

  assert.deepEqual(
    [granted.status, granted.body],
    [
      200,
      {
        success: true,
        message: 'Permissions granted successfully for admin@banister.com',
        data: {
          admin_user_id: admin.id,
          admin_user_email: 'admin@banister.com',
          action: 'grant',
          updated_permissions: ['user_management', 'service_management'],
        },
      },
    ],
  )
  assert.equal(revoked.body['message'], 'Permissions revoked successfully for admin@banister.com')
  assert.deepEqual(revoked.body['data'].updated_permissions, ['user_management'])
})

test('The list of administrators is a plain array that shows who was granted what, by whom and when, the revoked too', async () => {
  const admin = await house.person('admin', { first_name: 'John', last_name: 'Admin' })
  await manage(admin.id, 'grant', 'user_management')
  await manage(admin.id, 'grant', 'financial_reports')
  house.pass({ minutes: 1 })
  await manage(admin.id, 'revoke', 'financial_reports')

  const row = await listed(admin.id)

  const [first, second] = row.permissions
  assert.deepEqual(
    { ...row, permissions: [] },
    {
      id: admin.id,
      email: admin.email,
      role: 'admin',
      role_display: 'Admin',
      phone: '(555) 123-4567',
      is_active: true,
      profile: { first_name: 'John', last_name: 'Admin' },
      permissions: [],
    },
  )
  assert.deepEqual(
    { ...first, id: 1 },
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
  )
  assert.deepEqual(
    [second.is_active, second.revoked_by_email, second.revoked_at],
    [false, 'superadmin@banister.com', '2026-01-12T08:01:00Z'],
  )
})

test('A super admin is listed without grants, and the list shows nothing of passwords', async () => {
  const { body, text } = await house.call('GET', '/api/v1/auth/admin/list/', { token: boss.token })

  const row = body['data'].find((one: { id: number }) => one.id === boss.id)
  assert.deepEqual([row.role_display, row.phone, row.permissions], ['Super Admin', '(555) 999-8888', []])
  assert.equal(body['message'], 'Admin users retrieved successfully')
  assert.doesNotMatch(text, /passw|hash|argon/i)
})

test('Whoever becomes a super admin is listed without the grants of before', async () => {
  const admin = await house.person('admin')
  await manage(admin.id, 'grant', 'user_management')
  await house.call('PUT', `/api/v1/users/${admin.id}/`, { token: boss.token, json: { role: 'super_admin' } })

  const row = await listed(admin.id)

  assert.deepEqual([row.role, row.permissions], ['super_admin', []])
})

test('Granting what is granted, or revoking what is not, changes nothing and says so', async () => {
  const admin = await house.person('admin')
  await manage(admin.id, 'grant', 'user_management')

  const again = await manage(admin.id, 'grant', 'user_management', 'user_management', 'document_management')
  const vain = await manage(admin.id, 'revoke', 'system_settings')

  assert.deepEqual(again.body['data'].updated_permissions, ['document_management'])
  assert.deepEqual([vain.status, vain.body['data'].updated_permissions], [200, []])
})

test('A permission granted by several requests at once is one row, and one of them says that it changed something', async () => {
  const admin = await house.person('admin')

  const answers = await Promise.all(
    Array.from({ length: 6 }, () => manage(admin.id, 'grant', 'user_management', 'system_settings')),
  )

  const { permissions } = await listed(admin.id)
  assert.equal(permissions.length, 2)
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200, 200],
  )
  assert.equal(answers.filter(({ body }) => body['data'].updated_permissions.length > 0).length, 1)
})

test('The endpoints of the older source take the same body without the action', async () => {
  const admin = await house.person('admin')
  const json = { admin_user_id: admin.id, permissions: ['booking_management'] }

  const granted = await house.call('POST', '/api/v1/auth/admin/permissions/grant/', { token: boss.token, json })
  const revoked = await house.call('DELETE', '/api/v1/auth/admin/permissions/revoke/', { token: boss.token, json })

  assert.deepEqual(
    [granted.body['data'].action, granted.body['data'].updated_permissions],
    ['grant', ['booking_management']],
  )
  assert.deepEqual(
    [revoked.body['data'].action, revoked.body['data'].updated_permissions],
    ['revoke', ['booking_management']],
  )
  assert.equal((await listed(admin.id)).permissions[0].is_active, false)
})

test('Nonsense is refused: unknown permissions and actions, nobody, a customer, a super admin', async () => {
  const [admin, customer, other] = [
    await house.person('admin'),
    await house.person('customer'),
    await house.person('super_admin'),
  ]

  const refusals = [
    await manage(admin.id, 'grant', 'rule_the_world'),
    await manage(admin.id, 'grant'),
    await manage(admin.id, 'take' as 'grant', 'user_management'),
    await manage('1' as unknown as number, 'grant', 'user_management'),
    await manage(customer.id, 'grant', 'user_management'),
    await manage(999_999, 'grant', 'user_management'),
    await manage(other.id, 'revoke', 'user_management'),
  ]

  assert.deepEqual(
    refusals.map(({ status, body }) => [status, body['error'].error_number, body['error'].details?.[0]?.field]),
    [
      [400, 'VALIDATION_ERROR', 'permissions.0'],
      [400, 'VALIDATION_ERROR', 'permissions'],
      [400, 'VALIDATION_ERROR', 'action'],
      [400, 'VALIDATION_ERROR', 'admin_user_id'],
      [400, 'VALIDATION_ERROR', 'admin_user_id'],
      [404, 'NOT_FOUND', undefined],
      [409, 'CONFLICT', undefined],
    ],
  )
})

test('An accountant starts with the money permissions, whoever becomes one as well', async () => {
  const born = await house.person('accountant')
  const made = await house.person('management')
  await manage(made.id, 'grant', 'user_management')
  await house.call('PUT', `/api/v1/users/${made.id}/`, { token: boss.token, json: { role: 'accountant' } })

  const money = ['financial_reports', 'payment_management', 'withdrawal_management']
  assert.deepEqual([await activeOf(born.id), await activeOf(made.id)], [money, money])
})

test('Administrators change their own name, whole or in part, and are found by it', async () => {
  const admin = await house.person('admin', { first_name: 'John', last_name: 'Admin' })
  const url = '/api/auth/admin/profile/update/'

  const put = await house.call('PUT', url, {
    token: admin.token,
    json: { first_name: 'Новое имя', last_name: 'Новая фамилия', role: 'super_admin' },
  })
  const patched = await house.call('PATCH', url, { token: admin.token, json: { last_name: 'Ёлкина' } })
  const half = await house.call('PUT', url, { token: admin.token, json: { first_name: 'A' } })

  assert.deepEqual(put.body, {
    success: true,
    message: 'Admin profile updated successfully',
    data: { first_name: 'Новое имя', last_name: 'Новая фамилия' },
  })
  assert.deepEqual(patched.body['data'], { first_name: 'Новое имя', last_name: 'Ёлкина' })
  assert.deepEqual([half.status, half.body['error'].details[0].field], [400, 'last_name'])
  const found = await house.call('GET', `/api/v1/users/search/?q=${encodeURIComponent('елк нов')}`, {
    token: boss.token,
  })
  assert.deepEqual(
    found.body['data'].results.map((row: { id: number; role: string }) => [row.id, row.role]),
    [[admin.id, 'admin']],
  )
})
