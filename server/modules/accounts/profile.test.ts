import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const { call, person, ctx } = await openHouse()

const path = '/api/v1/auth/profile/'
const patch = (token: string, json: object, headers = {}) => call('PATCH', path, { token, json, headers })
const put = (token: string, json: object) => call('PUT', path, { token, json })
const fieldsOf = (answer: Awaited<ReturnType<typeof patch>>): string[] =>
  answer.body['error'].details.map(({ field }: { field: string }) => field).toSorted()

const documented = {
  phone: '(555) 987-6543',
  profile: { first_name: 'John', last_name: 'Doe', bio: 'About me' },
  provider_profile: { experience_years: 5, hourly_rate: 50.0 },
}

test('the documented change is taken and answered as it was sent', async () => {
  const jane = await person('provider')

  const done = await put(jane.token, { email: jane.email, ...documented })

  assert.equal(done.status, 200, done.text)
  assert.equal(done.body['message'], 'Profile updated successfully')
  const user = done.body['data']
  assert.equal(user.phone, '(555) 987-6543')
  assert.deepEqual([user.profile.first_name, user.profile.last_name, user.profile.bio], ['John', 'Doe', 'About me'])
  assert.deepEqual([user.provider_profile.experience_years, user.provider_profile.hourly_rate], [5, 50])
  assert.deepEqual((await call('GET', path, { token: jane.token })).body['data'], user)
})

test('a PATCH leaves what it does not name as it was', async () => {
  const jane = await person('provider')
  const all = {
    bio: 'Masseuse',
    birthday: '1990-02-03',
    time_zone: 'Europe/Kyiv',
    locale: 'uk',
  }
  await patch(jane.token, {
    profile: all,
    provider_profile: { city: 'Kyiv', languages: ['uk', 'en'], hourly_rate: 12.34 },
  })

  const done = (await patch(jane.token, { profile: { bio: 'Massage therapist' } })).body['data']

  assert.deepEqual(
    { ...done.profile },
    {
      ...all,
      bio: 'Massage therapist',
      first_name: 'Jane',
      last_name: 'Smith',
      photo_url: null,
    },
  )
  assert.equal(done.phone, '(555) 123-4567')
  assert.deepEqual(
    [done.provider_profile.city, done.provider_profile.languages, done.provider_profile.hourly_rate],
    ['Kyiv', ['uk', 'en'], 12.34],
  )
})

test('a PUT puts defaults in the place of what it leaves out, but never drops e-mail and name', async () => {
  const jane = await person('provider')
  await patch(jane.token, {
    profile: { bio: 'x', time_zone: 'Europe/Kyiv' },
    provider_profile: { city: 'Kyiv', slug: 'jane-put' },
  })

  const { email, phone, profile, provider_profile } = (await put(jane.token, { profile: { locale: 'ru' } })).body[
    'data'
  ]

  assert.deepEqual([email, phone], [jane.email, null])
  assert.deepEqual([profile.first_name, profile.bio, profile.time_zone, profile.locale], ['Jane', '', 'UTC', 'ru'])
  assert.deepEqual([provider_profile.city, provider_profile.slug], ['', null])
})

test('nobody assigns what is not offered', async () => {
  const jane = await person('provider')
  const before = (await call('GET', path, { token: jane.token })).body['data']

  const done = await patch(jane.token, {
    id: 1,
    role: 'super_admin',
    is_active: false,
    email_confirmed: true,
    pending_email: 'x@example.com',
    created_at: '2020-01-01T00:00:00Z',
    profile: { photo_url: 'http://evil.example/x.png', photo_key: 'x' },
    provider_profile: { rating: 5, review_count: 100, is_verified: true, currency: 'JPY' },
  })

  assert.equal(done.status, 200)
  assert.deepEqual(done.body['data'], before)
})

test('only providers have a provider profile', async () => {
  const john = await person('customer')

  const done = await patch(john.token, documented)

  assert.deepEqual([done.status, done.body['data'].provider_profile], [200, null])
  const rows = await ctx().db.selectFrom('provider_profiles').where('user_id', '=', john.id).select('user_id').execute()
  assert.deepEqual(rows, [])
})

test('who is a provider no more has no provider profile, and keeps the one of before for the day it is wanted again', async () => {
  const jane = await person('provider')
  await patch(jane.token, { provider_profile: { city: 'Kyiv' } })
  const become = (role: string) => ctx().db.updateTable('users').set({ role }).where('id', '=', jane.id).execute()

  await become('customer')
  const customer = await patch(jane.token, { provider_profile: { city: 'Lviv' } })
  await become('provider')
  const provider = await call('GET', path, { token: jane.token })

  assert.equal(customer.body['data'].provider_profile, null)
  assert.equal(provider.body['data'].provider_profile.city, 'Kyiv')
})

test('all that is wrong is told at once, each by its path', async () => {
  const jane = await person('provider')

  const refused = await patch(jane.token, {
    email: 'no-address',
    phone: 'call me',
    profile: { time_zone: 'Mars/Olympus', birthday: '2030-01-01', bio: 'x'.repeat(2001), locale: 'xx' },
    provider_profile: { hourly_rate: 50.001, experience_years: '5', slug: 'No Slug' },
  })

  assert.equal(refused.status, 400)
  assert.deepEqual(fieldsOf(refused), [
    'email',
    'phone',
    'profile.bio',
    'profile.birthday',
    'profile.locale',
    'profile.time_zone',
    'provider_profile.experience_years',
    'provider_profile.hourly_rate',
    'provider_profile.slug',
  ])
  assert.deepEqual(fieldsOf(await patch(jane.token, { provider_profile: { hourly_rate: 50.001 } })), [
    'provider_profile.hourly_rate',
  ])
  assert.deepEqual(fieldsOf(await patch(jane.token, { provider_profile: { hourly_rate: '50' } })), [
    'provider_profile.hourly_rate',
  ])
})

test('a slug is one provider’s', async () => {
  const jane = await person('provider')
  const eve = await person('provider')
  assert.equal((await patch(jane.token, { provider_profile: { slug: 'jane' } })).status, 200)

  const taken = await patch(eve.token, { provider_profile: { slug: 'jane' } })
  const own = await patch(jane.token, { provider_profile: { slug: 'jane' } })

  assert.deepEqual([taken.status, taken.body['error'].details[0].field], [409, 'provider_profile.slug'])
  assert.equal(own.status, 200)
})

test('a new name is found by search', async () => {
  const jane = await person('customer')
  await patch(jane.token, { profile: { first_name: 'Zoë', last_name: 'Ångström' } })

  const { search_text } = await ctx()
    .db.selectFrom('users')
    .where('id', '=', jane.id)
    .select('search_text')
    .executeTakeFirstOrThrow()
  assert.equal(search_text, `zoe angstrom ${jane.email}`)
})

test('the chosen language is the one of the answers', async () => {
  const jane = await person('customer')

  await patch(jane.token, { profile: { locale: 'uk' } })
  const { body } = await call('GET', path, { token: jane.token, headers: { 'accept-language': 'en' } })

  assert.equal(body['message'], 'Профіль отримано')
})

test('a change that was made for an older version is refused', async () => {
  const jane = await person('customer')
  const { headers } = await call('GET', path, { token: jane.token })
  const etag = headers['etag'] ?? ''

  const first = await patch(jane.token, { profile: { bio: 'one' } }, { 'if-match': etag })
  const second = await patch(jane.token, { profile: { bio: 'two' } }, { 'if-match': etag })

  assert.deepEqual([first.status, second.status], [200, 412])
})

test('what an administrator changes of their own profile is in the audit log', async () => {
  const admin = await person('admin')

  await patch(admin.token, { profile: { bio: 'on duty' } })

  const rows = await ctx()
    .db.selectFrom('audit_log')
    .where('actor_id', '=', admin.id)
    .select(['action', 'outcome'])
    .execute()
  assert.deepEqual(rows.at(-1), { action: 'profile.update', outcome: 'done' })
})
