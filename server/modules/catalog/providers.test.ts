import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()
const anna = await house.person('provider', { first_name: 'Олена', last_name: 'Коваль', phone: '(555) 987-6543' })
const bela = await house.person('provider', { first_name: 'Béla', last_name: 'Novák' })
const customer = await house.person('customer', { first_name: 'Carl', last_name: 'Novak' })
await house.call('PATCH', '/api/v1/auth/profile/', {
  token: anna.token,
  json: {
    profile: { bio: 'I have hands.' },
    provider_profile: {
      headline: 'Masseuse',
      city: 'Kyiv',
      languages: ['uk'],
      slug: 'olena',
      hourly_rate: 45.5,
      experience_years: 7,
    },
  },
})
const offer = (token: string, title: string, extra: object = {}) =>
  house.call('POST', '/api/v1/services/', { token, json: { title, description: 'About it', price: 20, ...extra } })
const service = (await offer(anna.token, 'Deep massage', { category: 'Massage' })).body['data'].id
await house.drain()

const ids = async (query: string): Promise<number[]> =>
  (await house.call('GET', `/api/v1/public/providers/?${query}`)).body['data'].results.map(
    (row: { id: number }) => row.id,
  )

test('a provider is shown to everybody with profile and services, and without anything private', async () => {
  const { status, body, text } = await house.call('GET', `/api/v1/public/providers/${anna.id}/`)

  assert.equal(status, 200)
  assert.deepEqual(body['data'], {
    id: anna.id,
    name: 'Олена Коваль',
    headline: 'Masseuse',
    rating: null,
    review_count: 0,
    photo_url: null,
    slug: 'olena',
    is_verified: false,
    bio: 'I have hands.',
    languages: ['uk'],
    city: 'Kyiv',
    experience_years: 7,
    hourly_rate: 45.5,
    currency: 'USD',
    organizations: [],
    services: [
      { id: service, title: 'Deep massage', price: 20, currency: 'USD', duration_minutes: 60, category: 'Massage' },
    ],
    service_count: 1,
  })
  assert.ok(!/@example\.com|987/.test(text))
})

test('signed-in people see the same at providers/, and others are asked for a token', async () => {
  const own = await house.call('GET', `/api/v1/providers/${anna.id}/`, { token: customer.token })
  const list = await house.call('GET', '/api/v1/providers/', { token: customer.token })

  assert.equal(own.body['data'].name, 'Олена Коваль')
  assert.equal(list.body['data'].count, 2)
  assert.equal((await house.call('GET', '/api/v1/providers/')).status, 401)
  assert.equal((await house.call('GET', `/api/v1/providers/${anna.id}/`)).status, 401)
})

test('customers are no providers, and neither is who never was', async () => {
  assert.equal((await house.call('GET', `/api/v1/public/providers/${customer.id}/`)).status, 404)
  assert.equal((await house.call('GET', '/api/v1/public/providers/999999/')).status, 404)
  assert.deepEqual(new Set(await ids('')), new Set([anna.id, bela.id]))
})

test('providers are found by name, headline and city, and filtered', async () => {
  assert.deepEqual(await ids(`search=${encodeURIComponent('коваль')}`), [anna.id])
  assert.deepEqual(await ids('search=novak'), [bela.id])
  assert.deepEqual(await ids('search=masseuse%20KYIV'), [anna.id])
  assert.deepEqual(await ids('search=example.com'), [])
  assert.deepEqual(await ids('city=kyiv'), [anna.id])
  assert.deepEqual(await ids('language=uk'), [anna.id])
  assert.deepEqual(await ids('category=massage'), [anna.id])
  assert.deepEqual(await ids('category=cooking'), [])
  assert.deepEqual(await ids('rating=1'), [])
  assert.deepEqual(await ids('ordering=name'), [bela.id, anna.id])
  assert.deepEqual(await ids('ordering=-name'), [anna.id, bela.id])
})

test('a master whom a salon’s service names is listed with that service, whatever the role', async () => {
  const master = await house.person('customer', { first_name: 'Mia', last_name: 'Lund' })
  const founder = await house.person()
  const { token } = founder
  const salon = await house.call('POST', '/api/v1/organizations/', { token, json: { name: 'Lavender', city: 'Oslo' } })
  const organization_id: string = salon.body['data'].id
  const { db, now } = house.ctx()
  await db
    .insertInto('memberships')
    .values({ organization_id, user_id: master.id, role: 'employee', joined_at: now })
    .execute()

  const made = await offer(token, 'Salon massage', { organization_id, staff: [master.id] })

  const shown = await house.call('GET', `/api/v1/public/providers/${master.id}/`)
  assert.deepEqual(
    shown.body['data'].services.map(({ id }: { id: number }) => id),
    [made.body['data'].id],
  )
  assert.equal(shown.body['data'].organizations[0].name, 'Lavender')
  assert.deepEqual(await ids('search=lund'), [master.id])

  await house.call('DELETE', `/api/v1/services/${made.body['data'].id}/`, { token })
  assert.deepEqual(await ids('search=lund'), [])
  assert.equal((await house.call('GET', `/api/v1/public/providers/${master.id}/`)).status, 404)
})

test('a new name is found, and the old one no more', async () => {
  const found = async (word: string) =>
    (await house.call('GET', `/api/v1/public/services/?search=${word}`)).body['data'].count
  assert.deepEqual([await found('tailor'), await found(encodeURIComponent('олена'))], [0, 1])

  await house.call('PATCH', '/api/v1/auth/profile/', {
    token: anna.token,
    json: { profile: { first_name: 'Taylor', last_name: 'Tailor' } },
  })
  await house.drain()

  assert.deepEqual([await found('tailor'), await found(encodeURIComponent('олена'))], [1, 0])
  assert.deepEqual(await ids('search=tailor'), [anna.id])
})

test('a deactivated provider and their services are gone, and come back with them', async () => {
  const admin = await house.person('super_admin')
  const other = await house.person('provider', { first_name: 'Quentin' })
  const { id } = (await offer(other.token, 'Quick repair')).body['data']
  const setActive = async (is_active: boolean): Promise<void> => {
    const done = await house.call('PUT', `/api/v1/users/${other.id}/`, {
      token: admin.token,
      json: { is_active },
    })
    assert.equal(done.status, 200, done.text)
    await house.drain()
  }
  const statuses = async () =>
    Promise.all(
      [`public/providers/${other.id}/`, `services/${id}/`].map(
        async (path) => (await house.call('GET', `/api/v1/${path}`)).status,
      ),
    )
  const listed = async () => [
    (await ids('search=quentin')).length,
    (await house.call('GET', '/api/v1/services/?search=quick')).body['data'].count,
  ]

  await setActive(false)
  assert.deepEqual(
    [await statuses(), await listed()],
    [
      [404, 404],
      [0, 0],
    ],
  )

  await setActive(true)
  assert.deepEqual(
    [await statuses(), await listed()],
    [
      [200, 200],
      [1, 1],
    ],
  )
})
