import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { createService } from './service/services.ts'

const house = await openHouse()
const massage = { title: 'Deep massage', description: 'An hour for the back', price: 100 }

test('A provider offers a service with title, description and price alone', async () => {
  const provider = await house.person('provider')

  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json: massage })

  assert.equal(made.status, 201, made.text)
  const { id, created_at, updated_at, provider: seller, staff, ...rest } = made.body['data']
  assert.ok(Number.isInteger(id))
  assert.equal(created_at, updated_at)
  assert.deepEqual([seller.id, seller.name, seller.rating], [provider.id, 'Jane Smith', null])
  assert.deepEqual(staff, [seller])
  assert.deepEqual(rest, {
    ...massage,
    currency: 'USD',
    duration_minutes: 60,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    capacity: 1,
    category: '',
    location_type: 'in_person',
    deposit: null,
    no_show_fee: null,
    requires_payment_method: false,
    cancellation_policy: [],
    min_notice_minutes: 0,
    max_advance_days: null,
    slot_step_minutes: 30,
    requires_approval: false,
    payment: 'online',
    room_ids: [],
    photos: [],
    is_active: true,
    organization_id: null,
    organization: null,
  })
})

test('every field of a service is kept and shown as it was given, the longest notice of the policy first', async () => {
  const provider = await house.person('provider')
  const given = {
    title: 'Kundalini yoga',
    description: 'In a group',
    price: 350.5,
    currency: 'UAH',
    duration_minutes: 90,
    buffer_before_minutes: 10,
    buffer_after_minutes: 20,
    capacity: 12,
    category: 'Yoga',
    location_type: 'online',
    deposit: 100.25,
    min_notice_minutes: 120,
    max_advance_days: 60,
    slot_step_minutes: 15,
    requires_approval: true,
    payment: 'on_site',
    is_active: false,
  }
  const policy = [
    { hours_before: 2, refund_percent: 0 },
    { hours_before: 48, refund_percent: 100 },
  ]

  const made = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { ...given, cancellation_policy: policy },
  })
  const seen = await house.call('GET', `/api/v1/services/${made.body['data'].id}/`, { token: provider.token })

  for (const [field, value] of Object.entries(given)) assert.deepEqual(seen.body['data'][field], value, field)
  assert.deepEqual(seen.body['data'].cancellation_policy, policy.toReversed())
})

test('customers, administrators and strangers offer nothing', async () => {
  const people = [
    await house.person(),
    await house.person('management'),
    await house.person('accountant'),
    await house.person('super_admin'),
  ]

  const tries = await Promise.all(
    people.map(({ token }) => house.call('POST', '/api/v1/services/', { token, json: massage })),
  )
  const nobody = await house.call('POST', '/api/v1/services/', { json: massage })

  assert.deepEqual(
    tries.map(({ status }) => status),
    [403, 403, 403, 403],
  )
  assert.equal(nobody.status, 401)
})

test('everything that is wrong with a service is told at once, by its field', async () => {
  const { token } = await house.person('provider')
  const fieldsOf = async (json: object): Promise<string[]> => {
    const answer = await house.call('POST', '/api/v1/services/', { token, json: { ...massage, ...json } })
    assert.equal(answer.status, 400, JSON.stringify(json))
    return answer.body['error'].details.map((detail: { field: string }) => detail.field).toSorted()
  }

  assert.deepEqual(await fieldsOf({ title: '', price: -1, capacity: 0 }), ['capacity', 'price', 'title'])
  assert.deepEqual(await fieldsOf({ title: '  ', deposit: 101, currency: 'XXX' }), ['currency', 'deposit', 'title'])
  assert.deepEqual(await fieldsOf({ price: '5' }), ['price'])
  assert.deepEqual(await fieldsOf({ price: 1.005 }), ['price'])
  assert.deepEqual(await fieldsOf({ price: 0.5, currency: 'JPY' }), ['price'])
  assert.deepEqual(await fieldsOf({ deposit: 0.001 }), ['deposit'])
  assert.deepEqual(await fieldsOf({ location_type: 'moon' }), ['location_type'])
  const later = [
    { hours_before: 48, refund_percent: 0 },
    { hours_before: 2, refund_percent: 100 },
  ]
  assert.deepEqual(await fieldsOf({ cancellation_policy: later }), ['cancellation_policy'])
  const twice = [
    { hours_before: 2, refund_percent: 50 },
    { hours_before: 2, refund_percent: 100 },
  ]
  assert.ok((await fieldsOf({ cancellation_policy: twice })).includes('cancellation_policy'))
  assert.deepEqual(await fieldsOf({ room_ids: ['0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d'], staff: [1] }), [
    'room_ids',
    'staff',
  ])
})

test('what has a price is paid online, what is free or said to be is not', async () => {
  const { token } = await house.person('provider')
  const paymentOf = async (json: object): Promise<string> =>
    (await house.call('POST', '/api/v1/services/', { token, json: { ...massage, ...json } })).body['data'].payment

  assert.equal(await paymentOf({}), 'online')
  assert.equal(await paymentOf({ price: 0 }), 'on_site')
  assert.equal(await paymentOf({ payment: 'on_site' }), 'on_site')
})

test('without a gateway a service is paid on site, and asking for online payment is refused', async () => {
  const { id: userId, email } = await house.person('provider')
  const config = { ...house.house.config, ENVIRONMENT: 'production', STRIPE_SECRET_KEY: null } as const
  const actor = {
    userId,
    email,
    role: 'provider',
    sessionId: 1,
    permissions: new Set<never>(),
    locale: null,
    timeZone: 'UTC',
  } as const
  const ctx = { ...house.ctx(), actor, house: { ...house.house, config } }

  const made = await createService(ctx, massage)

  assert.equal(made.payment, 'on_site')
  await assert.rejects(createService(ctx, { ...massage, payment: 'online' }), { code: 'CONFLICT' })
})

test('a change keeps what it leaves out, and another currency keeps the number', async () => {
  const { token } = await house.person('provider')
  const { id } = (
    await house.call('POST', '/api/v1/services/', { token, json: { ...massage, deposit: 10, capacity: 3 } })
  ).body['data']
  house.pass({ minutes: 5 })

  const changed = await house.call('PUT', `/api/v1/services/${id}/`, {
    token,
    json: { title: 'Soft massage', currency: 'JPY', deposit: null },
  })

  assert.equal(changed.status, 200, changed.text)
  const { title, description, price, currency, deposit, capacity, created_at, updated_at } = changed.body['data']
  assert.deepEqual(
    { title, description, price, currency, deposit, capacity },
    {
      title: 'Soft massage',
      description: 'An hour for the back',
      price: 100,
      currency: 'JPY',
      deposit: null,
      capacity: 3,
    },
  )
  assert.ok(created_at < updated_at)
})

test('another provider may see a service but neither change nor archive it', async () => {
  const owner = await house.person('provider')
  const rival = await house.person('provider')
  const { id } = (await house.call('POST', '/api/v1/services/', { token: owner.token, json: massage })).body['data']

  const tries = [
    await house.call('PUT', `/api/v1/services/${id}/`, { token: rival.token, json: { title: 'Mine' } }),
    await house.call('DELETE', `/api/v1/services/${id}/`, { token: rival.token }),
    await house.call('DELETE', `/api/v1/services/${id}/`, { token: (await house.person()).token }),
    await house.call('DELETE', `/api/v1/services/${id}/`),
  ]

  assert.deepEqual(
    tries.map(({ status }) => status),
    [403, 403, 403, 401],
  )
  assert.equal((await house.call('GET', `/api/v1/services/${id}/`)).body['data'].title, massage.title)
})

test('an inactive service is seen and listed for its owner only', async () => {
  const owner = await house.person('provider')
  const rival = await house.person('provider')
  const { id } = (
    await house.call('POST', '/api/v1/services/', { token: owner.token, json: { ...massage, is_active: false } })
  ).body['data']
  const at = `/api/v1/services/${id}/`
  const mine = (token?: string) => house.call('GET', '/api/v1/services/?mine=true', { token })

  assert.equal((await house.call('GET', at, { token: owner.token })).status, 200)
  assert.equal((await house.call('GET', at)).status, 404)
  assert.equal((await house.call('GET', at, { token: rival.token })).status, 404)
  assert.equal((await house.call('PUT', at, { token: rival.token, json: { title: 'x' } })).status, 404)
  const listed = await house.call('GET', '/api/v1/services/?page_size=100')
  assert.ok(!listed.body['data'].results.some((service: { id: number }) => service.id === id))
  assert.deepEqual(
    (await mine(owner.token)).body['data'].results.map((service: { id: number }) => service.id),
    [id],
  )
  assert.equal((await mine(rival.token)).body['data'].count, 0)
  const refusals = await Promise.all([mine(), mine('forged')])
  assert.deepEqual(
    refusals.map(({ body }) => body['error'].error_number),
    ['TOKEN_MISSING', 'AUTHENTICATION_FAILED'],
  )
})

test('an archived service is gone from lists and for everybody but its owner, and cannot be changed any more', async () => {
  const owner = await house.person('provider')
  const { id } = (await house.call('POST', '/api/v1/services/', { token: owner.token, json: massage })).body['data']
  const at = `/api/v1/services/${id}/`

  const done = await house.call('DELETE', at, { token: owner.token })

  assert.equal(done.status, 200)
  assert.equal((await house.call('GET', at)).status, 404)
  assert.equal((await house.call('GET', at, { token: owner.token })).body['data'].is_active, false)
  assert.equal((await house.call('PUT', at, { token: owner.token, json: { is_active: true } })).status, 404)
  assert.equal((await house.call('DELETE', at, { token: owner.token })).status, 404)
})

test('an administrator with service_management changes and archives any service, and the audit log knows it', async () => {
  const owner = await house.person('provider')
  const admin = await house.person('admin')
  const boss = await house.person('super_admin')
  const { id } = (await house.call('POST', '/api/v1/services/', { token: owner.token, json: massage })).body['data']
  const deactivate = (token: string) =>
    house.call('PUT', `/api/v1/services/${id}/`, { token, json: { is_active: false } })

  const before = await deactivate(admin.token)
  await house.call('POST', '/api/v1/auth/admin/permissions/grant/', {
    token: boss.token,
    json: { admin_user_id: admin.id, permissions: ['service_management'] },
  })
  const after = await deactivate(admin.token)
  const gone = await house.call('DELETE', `/api/v1/services/${id}/`, { token: admin.token })

  assert.deepEqual([before.status, after.status, gone.status], [403, 200, 200])
  const log = await house
    .ctx()
    .db.selectFrom('audit_log')
    .where('target_kind', '=', 'service')
    .where('target_id', '=', String(id))
    .select(['action', 'actor_id', 'before', 'after'])
    .orderBy('id')
    .execute()
  assert.deepEqual(
    log.map(({ action, actor_id }) => [action, actor_id]),
    [
      ['services.update', admin.id],
      ['services.archive', admin.id],
    ],
  )
  assert.deepEqual([log[0]!.before, log[0]!.after], [{ is_active: true }, { is_active: false }])
})

test('an answer bears an ETag, and a change that names an older one is refused', async () => {
  const { token } = await house.person('provider')
  const { id } = (await house.call('POST', '/api/v1/services/', { token, json: massage })).body['data']
  const at = `/api/v1/services/${id}/`
  const etag = (await house.call('GET', at)).headers['etag']!

  const unchanged = await house.call('GET', at, { headers: { 'if-none-match': etag } })
  const first = await house.call('PUT', at, { token, headers: { 'if-match': etag }, json: { price: 90 } })
  const second = await house.call('PUT', at, { token, headers: { 'if-match': etag }, json: { price: 80 } })

  assert.deepEqual([unchanged.status, first.status, second.status], [304, 200, 412])
  assert.equal((await house.call('GET', at)).body['data'].price, 90)
})
