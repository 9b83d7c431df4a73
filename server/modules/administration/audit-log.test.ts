import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Answer } from '../../../test/support.ts'

const house = await openHouse()
const boss = await house.person('super_admin')

type Entry = {
  id: number
  action: string
  outcome: string
  target: unknown
  before: unknown
  after: unknown
  actor: { id: number } | null
}
const log = (query = ''): Promise<Answer> =>
  house.call('GET', `/api/v1/admin/audit-log/${query}`, { token: boss.token })
const entries = async (query = ''): Promise<Entry[]> => (await log(query)).body['data'].results
const put = (id: number, json: object, options: { token?: string; headers?: Record<string, string> } = {}) =>
  house.call('PUT', `/api/v1/users/${id}/`, { token: boss.token, json, ...options })

test('Granting and revoking are recorded with who, on whom, before and after, when and from where', async () => {
  const admin = await house.person('admin')
  const json = { admin_user_id: admin.id, permissions: ['user_management'], action: 'grant' }
  await house.call('POST', '/api/v1/auth/admin/permissions/manage/', {
    token: boss.token,
    json,
    address: '203.0.113.7',
    headers: { 'user-agent': 'Test/1', 'x-request-id': 'request-0001' },
  })
  await house.call('POST', '/api/v1/auth/admin/permissions/manage/', {
    token: boss.token,
    json: { ...json, action: 'revoke' },
  })

  const [revoked, granted] = await entries(`?target=user:${admin.id}`)

  assert.deepEqual(
    { ...granted, id: 1 },
    {
      id: 1,
      at: '2026-01-12T08:00:00Z',
      actor: { id: boss.id, email: boss.email, role: 'super_admin' },
      action: 'permissions.grant',
      outcome: 'done',
      target: { kind: 'user', id: String(admin.id) },
      before: { permissions: [] },
      after: { permissions: ['user_management'] },
      address: '203.0.113.7',
      user_agent: 'Test/1',
      request_id: 'request-0001',
    },
  )
  assert.deepEqual(
    [revoked?.action, revoked?.before, revoked?.after],
    ['permissions.revoke', { permissions: ['user_management'] }, { permissions: [] }],
  )
})

test('Making and changing accounts is recorded, only what changed, and never a password', async () => {
  const json = { email: 'kept@example.com', first_name: 'Kept', last_name: 'Person', password: 'secret-password-1' }
  const made = await house.call('POST', '/api/v1/users/', { token: boss.token, json })
  const { id } = made.body['data']
  await put(id, { first_name: 'Changed', last_name: 'Person', is_active: false })

  const [update, create] = await entries(`?target=user:${id}`)

  assert.deepEqual(
    [update?.action, update?.before, update?.after],
    ['users.update', { first_name: 'Kept', is_active: true }, { first_name: 'Changed', is_active: false }],
  )
  assert.deepEqual([create?.action, create?.before], ['users.create', null])
  assert.deepEqual(create?.after, {
    email: 'kept@example.com',
    role: 'customer',
    phone: null,
    first_name: 'Kept',
    last_name: 'Person',
  })
  assert.doesNotMatch((await log('?page_size=100')).text, /secret-password|argon2/)
})

test('A deletion is recorded without anything personal of whom it erased', async () => {
  const jane = await house.person('customer', { first_name: 'Vanishing' })
  await house.call('DELETE', `/api/v1/users/${jane.id}/`, { token: boss.token })

  const [entry] = await entries(`?target=user:${jane.id}`)

  assert.deepEqual(
    [entry?.action, entry?.before, entry?.after],
    ['users.delete', { role: 'customer', is_active: true }, null],
  )
})

test('An administrator’s own name is recorded as well', async () => {
  const admin = await house.person('admin')
  await house.call('PATCH', '/api/v1/auth/admin/profile/update/', { token: admin.token, json: { first_name: 'New' } })

  const [entry] = await entries(`?actor_id=${admin.id}`)

  assert.deepEqual(
    [entry?.action, entry?.before, entry?.after],
    ['profile.update', { first_name: 'Jane' }, { first_name: 'New' }],
  )
})

test('What an administrator tries in vain is recorded: the forbidden, and writes that fail, with an Idempotency-Key as well', async () => {
  const manager = await house.person('management')
  await house.call('GET', '/api/v1/users/', { token: manager.token })
  await put(boss.id, { role: 'customer' }, { token: manager.token })
  await house.call('POST', '/api/v1/auth/admin/permissions/grant/', {
    token: manager.token,
    json: { admin_user_id: manager.id, permissions: ['admin_management'] },
  })
  await put(boss.id, { role: 'admin' })
  await put(boss.id, { role: 'admin' }, { headers: { 'idempotency-key': 'once' } })
  await put(boss.id, { role: 'admin' }, { headers: { 'idempotency-key': 'once' } })
  await put(999_999, {})

  const byManager = await entries(`?actor_id=${manager.id}&outcome=refused`)
  const byBoss = await entries(`?actor_id=${boss.id}&outcome=refused`)

  assert.deepEqual(
    byManager.map(({ action, target, after }) => [action, target, after]),
    [
      [
        'POST /api/v1/auth/admin/permissions/grant/',
        { kind: 'path', id: '/api/v1/auth/admin/permissions/grant/' },
        { error_number: 'PERMISSION_DENIED' },
      ],
      [
        'PUT /api/v1/users/:id/',
        { kind: 'path', id: `/api/v1/users/${boss.id}/` },
        { error_number: 'PERMISSION_DENIED' },
      ],
      ['GET /api/v1/users/', { kind: 'path', id: '/api/v1/users/' }, { error_number: 'PERMISSION_DENIED' }],
    ],
  )
  assert.deepEqual(
    byBoss.map(({ after }) => after),
    [{ error_number: 'NOT_FOUND' }, { error_number: 'CONFLICT' }, { error_number: 'CONFLICT' }],
  )
})

test('Customers who are refused, and reads that find nothing, are not recorded', async () => {
  const customer = await house.person('customer')
  const before = (await entries())[0]?.id
  await house.call('GET', '/api/v1/users/', { token: customer.token })
  await house.call('GET', '/api/v1/users/999999/', { token: boss.token })

  assert.equal((await entries())[0]?.id, before)
})

test('A write that is rolled back leaves no record of having been done', async () => {
  const before = (await entries('?action=users.create')).length
  const json = { email: boss.email, first_name: 'Twice', last_name: 'Taken', password: 'password123' }
  await house.call('POST', '/api/v1/users/', { token: boss.token, json })

  assert.equal((await entries('?action=users.create')).length, before)
})

test('The log is filtered by action, span of time, kind of target, and read back from an entry', async () => {
  house.pass({ minutes: 10 })
  const jane = await house.person('customer')
  await put(jane.id, { first_name: 'One' })
  house.pass({ minutes: 10 })
  await put(jane.id, { first_name: 'Two' })

  const [second, first] = await entries(`?action=users.update&target=user:${jane.id}`)
  const counts = {
    early: (await entries(`?target=user:${jane.id}&to=2026-01-12T08:20:00Z`)).map(({ id }) => id),
    late: (await entries(`?target=user:${jane.id}&from=2026-01-12T10:20:00%2B02:00`)).map(({ id }) => id),
    older: (await entries(`?target=user:${jane.id}&before_id=${second!.id}`)).map(({ id }) => id),
    none: await entries('?action=users.nothing'),
  }

  assert.deepEqual(counts, { early: [first!.id], late: [second!.id], older: [first!.id], none: [] })
  assert.ok((await entries('?target=user')).every(({ target }) => (target as { kind: string }).kind === 'user'))
  assert.equal((await log('?from=yesterday')).status, 400)
})

test('Nobody changes or deletes what stands in the log: the database itself refuses', async () => {
  const statements = [
    sql`UPDATE audit_log SET action = 'nothing'`,
    sql`DELETE FROM audit_log WHERE id = 1`,
    sql`TRUNCATE audit_log`,
  ]

  for (const statement of statements)
    await assert.rejects(statement.execute(house.house.db), /audit_log is append-only/)
})
