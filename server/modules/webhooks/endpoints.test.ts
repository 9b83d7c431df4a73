import assert from 'node:assert/strict'
import { test } from 'node:test'
import { found, join, refusal } from '../../../test/company.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { askerFor, register } from './support.fixture.ts'

const house = await openHouse()
const ask = askerFor(house)
const provider = await house.person('provider')
const boss = await house.person('customer')
const id = await found(house, boss, 'Lavender Spa')
const it = await join(house, id, boss, 'it')
const employee = await join(house, id, boss, 'employee')
const stranger = await house.person('customer')
const rival = await house.person('provider')
const root = await house.person('super_admin')
const url = 'https://example.com/hooks/banister'
const grant = (who: Person, ...permissions: string[]) =>
  house.call('POST', '/api/v1/auth/admin/permissions/manage/', {
    token: root.token,
    json: { admin_user_id: who.id, permissions, action: 'grant' },
  })

test('A provider registers an endpoint, sees its secret once, changes it and deletes it', async () => {
  const made = await register(house, provider, url, { description: ' Mine ', event_types: ['booking.created'] })
  const seen = await ask('GET', `endpoints/${made['id']}/`, provider)
  const changed = await ask('PUT', `endpoints/${made['id']}/`, provider, { is_active: false, event_types: ['*'] })
  const again = await ask('PUT', `endpoints/${made['id']}/`, provider, { is_active: true })
  const gone = await ask('DELETE', `endpoints/${made['id']}/`, provider)
  const after = await ask('GET', `endpoints/${made['id']}/`, provider)

  assert.match(made['secret'], /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.deepEqual([made['owner'], made['provider_id'], made['description']], ['provider', provider.id, 'Mine'])
  assert.ok(!('secret' in seen.body['data']))
  assert.deepEqual(
    [changed.body['data'].is_active, changed.body['data'].off_reason, changed.body['data'].event_types],
    [false, 'owner', ['*']],
  )
  assert.deepEqual([again.body['data'].is_active, again.body['data'].off_reason], [true, null])
  assert.deepEqual([gone.status, after.status], [200, 404])
})

test('The secret is kept sealed: nowhere in the database does it stand', async () => {
  const { id: endpoint, secret } = await register(house, provider, url)

  const row = await house.house.db
    .selectFrom('webhook_endpoints')
    .where('id', '=', endpoint)
    .selectAll()
    .executeTakeFirstOrThrow()

  assert.ok(!JSON.stringify(row).includes(secret.slice(6, 30)))
})

test('The admins and the IT of an organization manage its endpoints; IT only those that send what IT may read', async () => {
  const money = await register(house, boss, url, { organization_id: id, event_types: ['payment.succeeded'] })
  const all = await register(house, boss, url, { organization_id: id })
  const desk = await register(house, it, url, { organization_id: id, event_types: ['ticket.created', 'member.joined'] })
  const create = (types: string[]) => ask('POST', 'endpoints/', it, { organization_id: id, url, event_types: types })

  const ofIt = await ask('GET', `endpoints/?organization_id=${id}`, it)
  const ofBoss = await ask('GET', `endpoints/?organization_id=${id}`, boss)
  const refusals = [
    await create(['booking.created']),
    await create(['*']),
    await ask('GET', `endpoints/${money['id']}/`, it),
    await ask('PUT', `endpoints/${all['id']}/`, it, { url: 'https://evil.example/' }),
    await ask('POST', `endpoints/${money['id']}/rotate-secret/`, it, {}),
    await ask('PUT', `endpoints/${desk['id']}/`, it, { event_types: ['booking.created'] }),
    await ask('POST', `endpoints/${desk['id']}/test/`, it, { event_type: 'booking.created' }),
  ]

  assert.deepEqual(
    ofIt.body['data'].results.map((row: { id: string }) => row.id),
    [desk['id']],
  )
  assert.equal(ofBoss.body['data'].count, 3)
  assert.deepEqual(refusals.map(refusal), [
    '403 PERMISSION_DENIED',
    '403 PERMISSION_DENIED',
    '404 NOT_FOUND',
    '404 NOT_FOUND',
    '404 NOT_FOUND',
    '403 PERMISSION_DENIED',
    '403 PERMISSION_DENIED',
  ])
})

test('Whose tickets were taken away has none sent either, be they an admin', async () => {
  const token = boss.token
  const flags = { access_tickets: false }
  await house.call('PUT', `/api/v1/organizations/${id}/members/${it.id}/`, { token, json: flags })

  const refused = await ask('POST', 'endpoints/', it, { organization_id: id, url, event_types: ['ticket.created'] })
  const left = await ask('GET', `endpoints/?organization_id=${id}`, it)
  await house.call('PUT', `/api/v1/organizations/${id}/members/${it.id}/`, { token, json: { access_tickets: true } })

  assert.equal(refusal(refused), '403 PERMISSION_DENIED')
  assert.equal(left.body['data'].count, 0)
})

test('For strangers, employees, other providers and other organizations none of it is there', async () => {
  const theirs = await register(house, boss, url, { organization_id: id, event_types: ['member.joined'] })
  const other = await house.person('customer')
  await found(house, other, 'Another')
  const clerk = await house.person('management')
  const paths = ['', 'deliveries/', 'deliveries/0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8e/']

  for (const who of [stranger, employee, rival, other, clerk]) {
    const created = await ask('POST', 'endpoints/', who, { organization_id: id, url, event_types: ['*'] })
    const listed = await ask('GET', `endpoints/?organization_id=${id}`, who)
    const wanted = who === employee ? '403 PERMISSION_DENIED' : '404 NOT_FOUND'
    assert.deepEqual([created, listed].map(refusal), [wanted, wanted])
    for (const path of paths)
      assert.equal((await ask('GET', `endpoints/${theirs['id']}/${path}`, who)).status, 404, path)
    const body = { since: '2026-01-01T00:00:00Z' }
    const writes = [
      await ask('PUT', `endpoints/${theirs['id']}/`, who, { is_active: false }),
      await ask('DELETE', `endpoints/${theirs['id']}/`, who),
      await ask('POST', `endpoints/${theirs['id']}/rotate-secret/`, who, {}),
      await ask('POST', `endpoints/${theirs['id']}/test/`, who, {}),
      await ask('POST', `endpoints/${theirs['id']}/replay/`, who, body),
      await ask('POST', `endpoints/${theirs['id']}/deliveries/${theirs['id']}/replay/`, who),
    ]
    assert.deepEqual(new Set(writes.map(refusal)), new Set(['404 NOT_FOUND']))
    assert.equal((await ask('GET', 'endpoints/', who)).body['data'].count, 0)
  }
  assert.equal(refusal(await ask('POST', 'endpoints/', stranger, { url, event_types: ['*'] })), '403 PERMISSION_DENIED')
  assert.equal(refusal(await ask('POST', 'endpoints/', clerk, { url, event_types: ['*'] })), '403 PERMISSION_DENIED')
})

test('The platform’s are for system_settings, each type with its own permission, and stand in the audit log without the address', async () => {
  const admin = await house.person('management')
  await grant(admin, 'system_settings', 'booking_management')
  const create = (types: string[]) => ask('POST', 'endpoints/', admin, { url, event_types: types })

  const made = await create(['booking.created'])
  const refusals = [await create(['payment.succeeded']), await create(['*']), await create(['ticket.created'])]
  const ofRoot = await register(house, root, url)
  const hidden = await ask('GET', `endpoints/${ofRoot['id']}/`, admin)
  const entries = await house.house.db
    .selectFrom('audit_log')
    .where('action', '=', 'webhooks.create')
    .where('actor_id', '=', admin.id)
    .select('after')
    .execute()

  assert.deepEqual([made.status, made.body['data'].owner], [201, 'platform'])
  assert.deepEqual(refusals.map(refusal), ['403 PERMISSION_DENIED', '403 PERMISSION_DENIED', '400 VALIDATION_ERROR'])
  assert.equal(hidden.status, 404)
  assert.deepEqual(entries, [{ after: { host: 'example.com', event_types: ['booking.created'] } }])
})

const create = (more: object) => ask('POST', 'endpoints/', provider, { url, event_types: ['*'], ...more })
/** By which rule an endpoint is refused. */
const rules = async (more: object): Promise<unknown> => (await create(more)).body['error'].details[0].rule
test('What cannot be is refused by name: addresses inside, unknown types, types of other owners, everything and more', async () => {
  assert.equal(await rules({ url: 'https://169.254.169.254/latest/' }), 'private')
  assert.equal(await rules({ url: 'http://example.com/' }), 'https')
  assert.equal(await rules({ url: 'https://a:b@example.com/' }), 'credentials')
  assert.equal(await rules({ url: 'nonsense' }), 'url')
  assert.equal(await rules({ event_types: ['ticket.created'] }), 'event_type')
  assert.equal(await rules({ event_types: ['*', 'booking.created'] }), 'everything')
  for (const event_types of [[], ['nonsense'], ['webhook.test'], 'booking.created'])
    assert.equal((await create({ event_types })).status, 400)
})

test('One owner has twenty at most, however many ask at once', async () => {
  const busy = await house.person('provider')
  const json = { url, event_types: ['*'] }
  for (let i = 0; i < 18; i++) await register(house, busy, url)

  const last = await Promise.all([1, 2, 3, 4].map(() => ask('POST', 'endpoints/', busy, json)))

  assert.deepEqual(
    last.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 201, 409, 409],
  )
})

test('The list of types tells the shape and an example of each', async () => {
  const { body } = await ask('GET', 'event-types/', stranger)

  const created = body['data'].find(({ name }: { name: string }) => name === 'booking.created')
  assert.deepEqual(created.owners, ['organization', 'provider', 'platform'])
  assert.ok(created.schema.properties.cancellation_policy)
  assert.deepEqual(
    [created.example.type, created.example.api_version, typeof created.example.data.date],
    ['booking.created', 'v1', 'string'],
  )
})
