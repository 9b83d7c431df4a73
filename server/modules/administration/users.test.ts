import assert from 'node:assert/strict'
import test from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'

const house = await openHouse()
const boss = await house.person('super_admin')
const manager = await house.person('management', { first_name: 'Max', last_name: 'Manager' })
await house.call('POST', '/api/v1/auth/admin/permissions/grant/', {
  token: boss.token,
  json: { admin_user_id: manager.id, permissions: ['user_management'] },
})

const get = (url: string, token = manager.token): Promise<Answer> => house.call('GET', `/api/v1/${url}`, { token })
const put = (id: number, json: object, token = manager.token): Promise<Answer> =>
  house.call('PUT', `/api/v1/users/${id}/`, { token, json })
const post = (json: object, token = manager.token): Promise<Answer> =>
  house.call('POST', '/api/v1/users/', { token, json })
const remove = (id: number, token = manager.token): Promise<Answer> =>
  house.call('DELETE', `/api/v1/users/${id}/`, { token })
const ids = ({ body }: Answer): number[] => body['data'].results.map((row: { id: number }) => row.id)
const fields = { first_name: 'Jane', last_name: 'Smith', password: 'password123' }

test('A search finds words and parts of words in name and e-mail, ignoring case and accents, and all of them must be there', async () => {
  const zoe = await house.person('customer', {
    first_name: 'Zoë',
    last_name: 'Brontë',
    email: 'z.bronte@books.example',
  })
  const olena = await house.person('provider', { first_name: 'Олена', last_name: 'Їжак' })

  const searches = ['zoe', 'BRONTË', 'ront zo', '@books.ex', 'ОЛЕН', 'іжак', 'zoe smith', 'z%e', 'z_e'].map((q) =>
    encodeURIComponent(q),
  )
  const found = await Promise.all(searches.map((q) => get(`users/search/?q=${q}`)))

  assert.deepEqual(found.map(ids), [[zoe.id], [zoe.id], [zoe.id], [zoe.id], [olena.id], [olena.id], [], [], []])
  assert.deepEqual(ids(await get('users/?search=bront')), [zoe.id])
})

test('Lists are filtered by role and activity, ordered, and cut into pages', async () => {
  const made = [
    await house.person('provider', { last_name: 'Aa Order' }),
    await house.person('provider', { last_name: 'Cc Order' }),
    await house.person('customer', { last_name: 'Bb Order' }),
  ]
  const [a, c, b] = made.map(({ id }) => id)
  await put(c!, { is_active: false })

  const answers = {
    newest: ids(await get('users/?search=order')),
    byName: ids(await get('users/?search=order&ordering=last_name')),
    byNameDown: ids(await get('users/?search=order&ordering=-last_name')),
    providers: ids(await get('users/?search=order&role=provider')),
    inactive: ids(await get('users/?search=order&is_active=false')),
    active: ids(await get('admin/providers/?search=order&is_active=true')),
    customers: ids(await get('admin/customers/?search=order')),
    second: ids(await get('users/?search=order&page_size=2&page=2')),
  }

  assert.deepEqual(answers, {
    newest: [b, c, a],
    byName: [a, b, c],
    byNameDown: [c, b, a],
    providers: [c, a],
    inactive: [c],
    active: [a],
    customers: [b],
    second: [a],
  })
  assert.deepEqual(
    [(await get('users/?ordering=password_hash')).status, (await get('users/?page=99')).status],
    [400, 404],
  )
})

test('An account made by an administrator can be used at once, and without a password by its reset alone', async () => {
  const made = await post({
    ...fields,
    email: 'made@example.com',
    role: 'provider',
    phone: '555-123-4567',
    is_active: false,
    id: 1,
  })
  const bare = await post({ first_name: 'No', last_name: 'Password', email: 'bare@example.com' })

  assert.deepEqual(
    [made.status, made.body['message'], made.body['data'].role, made.body['data'].is_active],
    [201, 'User created successfully', 'provider', true],
  )
  assert.equal(made.body['data'].phone, '(555) 123-4567')
  assert.ok(made.body['data'].provider_profile)
  const json = { email: 'made@example.com', password: 'password123' }
  assert.equal((await house.call('POST', '/api/v1/auth/login/provider/', { json })).status, 200)
  assert.deepEqual([bare.status, bare.body['data'].role], [201, 'customer'])
})

test('A used e-mail is told in any case of letters, as 409', async () => {
  await post({ ...fields, email: 'twice@example.com' })

  const again = await post({ ...fields, email: 'Twice@Example.com' })

  assert.deepEqual([again.status, again.body['error'].error_number], [409, 'CONFLICT'])
})

test('Only a super admin makes an account with an administrative role', async () => {
  for (const [index, role] of ['management', 'admin', 'accountant', 'super_admin'].entries()) {
    const refused = await post({ ...fields, email: `climber${index}@example.com`, role })
    const made = await post({ ...fields, email: `climber${index}@example.com`, role }, boss.token)

    assert.deepEqual([refused.status, made.status, made.body['data'].role], [403, 201, role])
  }
})

test('A manager changes customers and providers, and what is left out stays', async () => {
  const jane = await house.person('customer')

  const changed = await put(jane.id, { first_name: 'Janet', phone: '+380441234567' })
  const gone = await put(jane.id, { phone: null, role: 'provider' })

  assert.deepEqual([changed.status, changed.body['message']], [200, 'User updated successfully'])
  assert.deepEqual(
    [changed.body['data'].profile.first_name, changed.body['data'].profile.last_name],
    ['Janet', 'Smith'],
  )
  assert.equal(changed.body['data'].phone, '+380 44 123 4567')
  assert.deepEqual([gone.body['data'].phone, gone.body['data'].role], [null, 'provider'])
  assert.equal(gone.body['data'].provider_profile.review_count, 0)
  assert.deepEqual(ids(await get('users/search/?q=janet')), [jane.id])
})

test('A new e-mail waits until its owner confirms it, and a taken one is told', async () => {
  const [jane, other] = [await house.person('customer'), await house.person('customer')]

  const changed = await put(jane.id, { email: 'new.jane@example.com', first_name: 'New' })
  const taken = await put(jane.id, { email: other.email })

  assert.deepEqual(
    [changed.body['data'].email, changed.body['data'].pending_email],
    [jane.email, 'new.jane@example.com'],
  )
  assert.deepEqual([taken.status, taken.body['error'].error_number], [409, 'CONFLICT'])
  await house.drain()
  assert.deepEqual(
    [(await house.mails('new.jane@example.com')).length, (await house.mails(jane.email)).length > 1],
    [1, true],
  )
})

test('A manager touches no administrative account and raises nobody, not even itself', async () => {
  const [jane, admin] = [await house.person('customer'), await house.person('admin')]

  const refused = [
    await put(admin.id, { first_name: 'Hacked' }),
    await put(boss.id, { is_active: false }),
    await put(manager.id, { role: 'super_admin' }),
    await put(jane.id, { role: 'admin' }),
  ]

  assert.deepEqual(
    refused.map(({ status, body }) => [status, body['error'].error_number]),
    Array.from({ length: 4 }, () => [403, 'PERMISSION_DENIED']),
  )
  const untouched = await Promise.all(
    [jane, admin, boss, manager].map(async ({ id }) => (await get(`users/${id}/`)).body['data'].role),
  )
  assert.deepEqual(untouched, ['customer', 'admin', 'super_admin', 'management'])
})

test('Deactivating ends every session at once and closes the door; activating opens it again', async () => {
  const jane = await house.person('customer')
  const signIn = async () =>
    (await house.call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: jane.password } })).status

  await put(jane.id, { is_active: false })
  const closed = [
    (await get('auth/me/', jane.token)).status,
    (await house.call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: jane.refresh } })).status,
    await signIn(),
  ]
  await put(jane.id, { is_active: true })

  assert.deepEqual(closed, [401, 401, 401])
  assert.deepEqual([await signIn(), (await get('auth/me/', jane.token)).status], [200, 401])
})

test('An id that names nobody, or is none, is 404 for every method', async () => {
  const told = []
  for (const id of ['999999', '0', '-1', '1.5', 'x', '99999999999999999999']) {
    told.push(
      (await get(`users/${id}/`)).status,
      (await house.call('PUT', `/api/v1/users/${id}/`, { token: boss.token, json: {} })).status,
    )
  }

  assert.deepEqual([...new Set(told)], [404])
})

test('A change made meanwhile is not overwritten: If-Match of an older version is 412', async () => {
  const jane = await house.person('customer')
  const { headers } = await get(`users/${jane.id}/`)
  const change = (first_name: string) =>
    house.call('PUT', `/api/v1/users/${jane.id}/`, {
      token: manager.token,
      json: { first_name },
      headers: { 'if-match': headers['etag']! },
    })

  const [first, second] = [await change('First'), await change('Second')]

  assert.deepEqual([first.status, second.status], [200, 412])
})

test('Deleting erases the person and ends their sessions; the e-mail is free again', async () => {
  const jane = await house.person('customer', { first_name: 'Vanishing' })

  const deleted = await remove(jane.id)
  const after = [await get(`users/${jane.id}/`), await remove(jane.id), await get('auth/me/', jane.token)]

  assert.deepEqual(
    [deleted.status, deleted.body],
    [200, { success: true, message: 'User deleted successfully', data: null }],
  )
  assert.deepEqual(
    after.map(({ status }) => status),
    [404, 404, 401],
  )
  assert.deepEqual(ids(await get('users/search/?q=vanishing')), [])
  assert.equal((await post({ ...fields, email: jane.email })).status, 201)
})

test('A manager deletes no administrative account; a super admin does', async () => {
  const admin = await house.person('admin')

  const statuses = [await remove(admin.id), await remove(admin.id, boss.token)]

  assert.deepEqual(
    statuses.map(({ status }) => status),
    [403, 200],
  )
})
