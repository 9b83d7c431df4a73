import assert from 'node:assert/strict'
import test from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Endpoint = {
  method: Method
  path: string
  json?: object
  asks: 'admin' | 'super_admin' | 'user_management' | 'admin_management'
}

const house = await openHouse()
const boss = await house.person('super_admin')
const [jane, target] = [await house.person('customer'), await house.person('admin')]
const granting = { admin_user_id: target.id, permissions: ['service_management'] }
const endpoints: Endpoint[] = [
  { method: 'PUT', path: 'auth/admin/profile/update/', json: { first_name: 'A', last_name: 'B' }, asks: 'admin' },
  { method: 'PATCH', path: 'auth/admin/profile/update/', json: { first_name: 'A' }, asks: 'admin' },
  {
    method: 'POST',
    path: 'auth/admin/permissions/manage/',
    json: { ...granting, action: 'grant' },
    asks: 'super_admin',
  },
  { method: 'POST', path: 'auth/admin/permissions/grant/', json: granting, asks: 'super_admin' },
  { method: 'DELETE', path: 'auth/admin/permissions/revoke/', json: granting, asks: 'super_admin' },
  { method: 'GET', path: 'auth/admin/list/', asks: 'super_admin' },
  { method: 'GET', path: 'users/', asks: 'user_management' },
  { method: 'GET', path: 'users/search/?q=jane', asks: 'user_management' },
  { method: 'GET', path: `users/${jane.id}/`, asks: 'user_management' },
  { method: 'PUT', path: `users/${jane.id}/`, json: { first_name: 'Jane' }, asks: 'user_management' },
  { method: 'GET', path: 'admin/customers/', asks: 'user_management' },
  { method: 'GET', path: 'admin/providers/', asks: 'user_management' },
  { method: 'GET', path: 'admin/audit-log/', asks: 'admin_management' },
]

const ask = async ({ method, path, json }: Endpoint, token?: string) =>
  house.call(method, `/api/v1/${path}`, { token, ...(json ? { json } : {}) })

async function statuses(token?: string): Promise<Record<string, number>> {
  const told: Record<string, number> = {}
  for (const endpoint of endpoints) told[`${endpoint.method} ${endpoint.path}`] = (await ask(endpoint, token)).status
  return told
}

const expected = (allowed: (asks: Endpoint['asks']) => boolean): Record<string, number> =>
  Object.fromEntries(endpoints.map(({ method, path, asks }) => [`${method} ${path}`, allowed(asks) ? 200 : 403]))

async function managerWith(...permissions: string[]): Promise<Person> {
  const manager = await house.person('management')
  if (permissions.length > 0) {
    const json = { admin_user_id: manager.id, permissions }
    await house.call('POST', '/api/v1/auth/admin/permissions/grant/', { token: boss.token, json })
  }
  return manager
}

test('Without a token every endpoint of administration asks for one', async () => {
  const told = await statuses()

  assert.ok(
    Object.values(told).every((status) => status === 401),
    JSON.stringify(told),
  )
})

for (const role of ['customer', 'provider'] as const) {
  test(`A ${role} is refused by every endpoint of administration`, async () => {
    const person = await house.person(role)

    const told = await statuses(person.token)

    assert.deepEqual(
      told,
      expected(() => false),
    )
  })
}

for (const role of ['management', 'admin', 'accountant'] as const) {
  test(`Without a grant for it, a person with the role ${role} changes their own name and nothing else`, async () => {
    const person = await house.person(role)

    const told = await statuses(person.token)

    assert.deepEqual(
      told,
      expected((asks) => asks === 'admin'),
    )
  })
}

for (const permission of ['user_management', 'admin_management'] as const) {
  test(`${permission} opens its own endpoints to a manager, and no others`, async () => {
    const manager = await managerWith(permission)

    const told = await statuses(manager.token)

    assert.deepEqual(
      told,
      expected((asks) => asks === 'admin' || asks === permission),
    )
  })
}

test('All the other permissions together open none of these endpoints', async () => {
  const others = ['service', 'booking', 'payment', 'withdrawal', 'document'].map((word) => `${word}_management`)
  const manager = await managerWith(...others, 'financial_reports', 'system_settings')

  const told = await statuses(manager.token)

  assert.deepEqual(
    told,
    expected((asks) => asks === 'admin'),
  )
})

test('Making and deleting accounts is refused to all who do not hold user_management, whatever the body or the id', async () => {
  const people = [await house.person('customer'), await house.person('provider'), await house.person('accountant')]
  const tokens = [...people, await managerWith('admin_management', 'service_management')].map(({ token }) => token)
  const json = { email: 'never@example.com', first_name: 'Never', last_name: 'Made', password: 'password123' }

  for (const [token, status] of [[undefined, 401] as const, ...tokens.map((each) => [each, 403] as const)]) {
    const answers = [
      await house.call('POST', '/api/v1/users/', { token, json }),
      await house.call('POST', '/api/v1/users/', { token, json: {} }),
      await house.call('DELETE', `/api/v1/users/${jane.id}/`, { token }),
      await house.call('DELETE', '/api/v1/users/nobody/', { token }),
    ]
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [status, status, status, status],
    )
  }
})

test('A super admin may use every endpoint without a grant', async () => {
  const told = await statuses(boss.token)

  assert.deepEqual(
    told,
    expected(() => true),
  )
})

test('A manager who becomes a customer loses what was granted with the next request, and does not get it back by becoming a manager again', async () => {
  const manager = await managerWith('user_management')
  const become = (role: string) =>
    house.call('PUT', `/api/v1/users/${manager.id}/`, { token: boss.token, json: { role } })
  const seen = async () => (await house.call('GET', '/api/v1/users/', { token: manager.token })).status

  const statusesSeen = [
    await seen(),
    (await become('customer'), await seen()),
    (await become('management'), await seen()),
  ]

  assert.deepEqual(statusesSeen, [200, 403, 403])
})
