import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { mailboxOf } from './mailbox.fixture.ts'

const house = await openHouse()
const { call, person, pass, ctx } = house
const { newest } = mailboxOf(house)

const remove = (token: string, json?: object) => call('DELETE', '/api/v1/auth/profile/', { token, json })
const me = (token: string) => call('GET', '/api/v1/auth/me/', { token })
const rowOf = (id: number) => ctx().db.selectFrom('users').where('id', '=', id).selectAll().executeTakeFirstOrThrow()

test('deleting one’s account needs the password', async () => {
  const jane = await person()

  const none = await remove(jane.token)
  const empty = await remove(jane.token, {})
  const guess = await remove(jane.token, { password: 'not-the-password' })

  assert.deepEqual([none.status, empty.status, guess.status], [400, 400, 401])
  assert.equal(none.body['error'].details[0].field, 'password')
  assert.equal((await me(jane.token)).status, 200)
})

test('a deleted account is over at once, and nothing personal is left of it', async () => {
  const jane = await person('provider')
  await call('PATCH', '/api/v1/auth/profile/', {
    token: jane.token,
    json: {
      profile: { bio: 'Secret life', birthday: '1990-01-01', locale: 'uk', time_zone: 'Europe/Kyiv' },
      provider_profile: { city: 'Kyiv', slug: 'jane-goes', headline: 'Masseuse', hourly_rate: 50 },
    },
  })

  const gone = await remove(jane.token, { password: jane.password })

  assert.equal(gone.status, 200, gone.text)
  assert.equal((await me(jane.token)).status, 401)
  assert.equal((await call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: jane.refresh } })).status, 401)
  const signIn = await call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: jane.password } })
  assert.equal(signIn.status, 401)

  const provider = await ctx().db.selectFrom('provider_profiles').where('user_id', '=', jane.id).selectAll().execute()
  const left = JSON.stringify([await rowOf(jane.id), provider])
  for (const word of [
    jane.email,
    'Jane',
    'Smith',
    'Secret',
    '1990',
    '5551234567',
    'Kyiv',
    'jane-goes',
    'argon2',
    'Masseuse',
  ])
    assert.ok(!left.includes(word), `${word} is left: ${left}`)
  for (const table of ['sessions', 'codes', 'known_addresses'] as const) {
    const rows = await ctx().db.selectFrom(table).where('user_id', '=', jane.id).select('user_id').execute()
    assert.deepEqual(rows, [], table)
  }
  assert.ok((await rowOf(jane.id)).deleted_at)
})

test('the last mail says so, in the language of the profile', async () => {
  const jane = await person()
  await call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: { profile: { locale: 'uk' } } })
  await newest(jane.email)

  await remove(jane.token, { password: jane.password })

  assert.match((await newest(jane.email)).html, /lang="uk"/)
})

test('what a deleted account was told is gone once the others have heard of it', async () => {
  const jane = await person()
  await house.drain()
  const told = () => ctx().db.selectFrom('notifications').where('user_id', '=', jane.id).select('id').execute()
  assert.notDeepEqual(await told(), [])

  await remove(jane.token, { password: jane.password })
  await house.drain()

  assert.deepEqual(await told(), [])
})

test('the e-mail and the slug are free again', async () => {
  const jane = await person('provider')
  const slug = { provider_profile: { slug: 'free-again' } }
  await call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: slug })
  await remove(jane.token, { password: jane.password })

  const next = await person('provider', { email: jane.email })

  assert.notEqual(next.id, jane.id)
  const { status } = await call('PATCH', '/api/v1/auth/profile/', { token: next.token, json: slug })
  assert.equal(status, 200)
})

test('two accounts can be deleted: what is left of them does not clash', async () => {
  for (const someone of [await person(), await person()])
    assert.equal((await remove(someone.token, { password: someone.password })).status, 200)
})

test('where there is no password, a sign-in of the last 5 minutes proves who it is', async () => {
  const [soon, late] = [await person(), await person()]
  await ctx().db.updateTable('users').set({ password_hash: null }).where('id', 'in', [soon.id, late.id]).execute()

  pass({ minutes: 5 })
  assert.equal((await remove(soon.token)).status, 200)
  pass({ seconds: 1 })
  const refused = await remove(late.token)

  assert.deepEqual([refused.status, refused.body['error'].error_number], [403, 'PERMISSION_DENIED'])
})

test('the last super admin stays; with another one they may go, and it is in the audit log', async () => {
  const first = await person('super_admin')

  const refused = await remove(first.token, { password: first.password })
  assert.deepEqual([refused.status, refused.body['error'].error_number], [409, 'CONFLICT'])

  await person('super_admin')
  assert.equal((await remove(first.token, { password: first.password })).status, 200)
  const rows = await ctx()
    .db.selectFrom('audit_log')
    .where('actor_id', '=', first.id)
    .select(['action', 'outcome'])
    .execute()
  assert.ok(rows.some(({ action, outcome }) => action === 'profile.delete' && outcome === 'done'))
})

test('of two super admins who go at once, one stays', async () => {
  await ctx().db.updateTable('users').set({ is_active: false }).where('role', '=', 'super_admin').execute()
  const both = [await person('super_admin'), await person('super_admin')]

  const answers = await Promise.all(both.map(({ token, password }) => remove(token, { password })))

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  )
})
