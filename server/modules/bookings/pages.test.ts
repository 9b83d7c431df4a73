import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours, slotsOf, type Json } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
const customer = await house.person('customer', { first_name: 'John', last_name: 'Doe' })
const stranger = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider, { title: 'Massage' })
const inactive = await offer(house, provider, { title: 'Secret', is_active: false })
const { db } = house.house
await db.updateTable('users').set({ time_zone: 'Europe/Kyiv' }).where('id', '=', customer.id).execute()
await db.updateTable('provider_profiles').set({ slug: 'jane' }).where('user_id', '=', provider.id).execute()

const agenda = async (token: string, headers = {}) => house.call('GET', '/api/v1/agenda/today/', { token, headers })

test('today’s agenda shows what one has bought or serves by one’s own clock, and nothing of others', async () => {
  const today = await book(house, customer, service, '2026-01-12T10:00:00Z', { note: 'Shoulder' })
  const cancelled = await book(house, customer, service, '2026-01-12T12:00:00Z')
  await house.call('DELETE', `/api/v1/bookings/${cancelled.body['data'].id}/`, { token: customer.token })
  await book(house, customer, service, '2026-01-13T10:00:00Z')
  await book(house, provider, service, '2026-01-12T15:00:00Z', { guest: { name: 'Olena' } })

  const mine = await agenda(customer.token)
  const served = await agenda(provider.token)
  const none = await agenda(stranger.token)

  const { date, time_zone, bookings } = mine.body['data']
  assert.deepEqual([date, time_zone, bookings.length], ['2026-01-12', 'Europe/Kyiv', 1])
  const { id, role, with: whom, local, local_end, note } = bookings[0]
  assert.deepEqual(
    { id, role, whom, local, local_end, note },
    {
      id: today.body['data'].id,
      role: 'customer',
      whom: 'Jane Smith',
      local: '2026-01-12T12:00:00+02:00',
      local_end: '2026-01-12T13:00:00+02:00',
      note: 'Shoulder',
    },
  )
  assert.deepEqual(
    served.body['data'].bookings.map((row: Json) => [row['role'], row['with'], row['date']]),
    [
      ['provider', 'John Doe', '2026-01-12T10:00:00Z'],
      ['provider', 'Olena', '2026-01-12T15:00:00Z'],
    ],
  )
  assert.equal(none.body['data'].bookings.length, 0)
  const again = await agenda(customer.token, { 'if-none-match': mine.headers['etag']! })
  assert.equal(again.status, 304)
})

test('a day begins at midnight of the person’s zone', async () => {
  // 22:30 UTC of the 11th is 00:30 of the 12th in Kyiv.
  const row = await db
    .selectFrom('bookings')
    .selectAll()
    .where('customer_id', '=', customer.id)
    .where('starts_at', '=', Temporal.Instant.from('2026-01-13T10:00:00Z'))
    .executeTakeFirstOrThrow()
  const [starts_at, ends_at] = ['2026-01-11T21:00:00Z', '2026-01-11T22:30:00Z'].map((text) =>
    Temporal.Instant.from(text),
  )
  await db.updateTable('bookings').set({ starts_at: starts_at!, ends_at: ends_at! }).where('id', '=', row.id).execute()

  const reaching = await agenda(customer.token)
  await db
    .updateTable('bookings')
    .set({ ends_at: Temporal.Instant.from('2026-01-11T22:00:00Z') })
    .where('id', '=', row.id)
    .execute()
  const before = await agenda(customer.token)
  await db
    .updateTable('bookings')
    .set({ starts_at: row.starts_at, ends_at: row.ends_at })
    .where('id', '=', row.id)
    .execute()

  assert.deepEqual(
    [reaching, before].map(({ body }) => body['data'].bookings.length),
    [2, 1],
  )
})

test('one call shows a provider’s page with the very starts that can be booked, and nothing private', async () => {
  const page = await house.call('GET', '/api/v1/public/pages/jane/?time_zone=UTC')

  const { kind, provider: shown, services, from, to, version } = page.body['data']
  assert.equal(page.status, 200, page.text)
  assert.deepEqual([kind, shown.name, from, to], ['provider', 'Jane Smith', '2026-01-12', '2026-01-18'])
  assert.deepEqual(
    services.map(({ id }: Json) => id),
    [service],
  )
  const listed = await slotsOf(house, service, '2026-01-12', '2026-01-18')
  assert.deepEqual(
    services[0].starts.map((start: string) => Temporal.Instant.from(start).toString()),
    listed.map((slot) => slot['start']).slice(0, 50),
  )
  assert.ok(version > 0 && !page.text.includes(provider.email) && !page.text.includes('555'))
  assert.ok(!page.text.includes(`"id":${inactive},`))
  const etag = page.headers['etag']!
  const same = await house.call('GET', '/api/v1/public/pages/jane/?time_zone=UTC', {
    headers: { 'if-none-match': etag },
  })
  await book(house, customer, service, '2026-01-14T10:00:00Z')
  const changed = await house.call('GET', '/api/v1/public/pages/jane/?time_zone=UTC', {
    headers: { 'if-none-match': etag },
  })
  assert.deepEqual([same.status, changed.status], [304, 200])
  assert.ok(changed.body['data'].version > version)
})

test('a salon’s page shows its masters’ starts in its own zone; a slug of both is the older one’s unless it is said', async () => {
  const json = { name: 'Lavender Spa', slug: 'lavender', time_zone: 'Europe/Kyiv', city: 'Kyiv' }
  const founded = await house.call('POST', '/api/v1/organizations/', { token: stranger.token, json })
  const organization_id = founded.body['data'].id
  const membership = { organization_id, user_id: provider.id, role: 'employee', joined_at: house.ctx().now }
  await db.insertInto('memberships').values(membership).execute()
  const salonService = await offer(house, stranger, { title: 'Hammam', organization_id, staff: [provider.id] })

  const page = await house.call('GET', '/api/v1/public/pages/lavender/')
  await db.updateTable('provider_profiles').set({ slug: 'lavender' }).where('user_id', '=', provider.id).execute()
  const older = await house.call('GET', '/api/v1/public/pages/lavender/')
  const named = await house.call('GET', '/api/v1/public/pages/lavender/?kind=organization')
  const nobody = await house.call('GET', '/api/v1/public/pages/nobody/')

  const { kind, organization, services, time_zone } = page.body['data']
  assert.deepEqual([kind, organization.name, time_zone], ['organization', 'Lavender Spa', 'Europe/Kyiv'])
  assert.deepEqual(
    services.map(({ id }: Json) => id),
    [salonService],
  )
  assert.match(services[0].starts[0], /^2026-01-12T11:00:00\+02:00$/)
  assert.deepEqual([older.body['data'].kind, named.body['data'].kind], ['provider', 'organization'])
  assert.equal(nobody.status, 404)
  assert.ok(!page.text.includes(stranger.email))
})
