import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { authenticateApp } from './index.ts'

const house = await openHouse({ AUTH_RATE_LIMIT_PER_MINUTE: '1000' })
const path = '/api/v1/auth/app-passwords/'

const make = async ({ token, password }: Person, name = 'My phone') => {
  const answer = await house.call('POST', path, { token, json: { name, password } })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'] as { id: string; app_password: string; user_name: string; server_url: string }
}
const opens = (email: string, password: string): Promise<string> =>
  authenticateApp(house.ctx(), email, password).then(
    ({ userId }) => String(userId),
    (error: { code: string }) => error.code,
  )

test('An app password is shown once, opens for its e-mail alone, and tells when it was used', async () => {
  const jane = await house.person()
  const other = await house.person()

  const made = await make(jane)
  const before = await house.call('GET', path, { token: jane.token })
  const id = await opens(jane.email.toUpperCase(), made.app_password.replaceAll('-', ' ').toUpperCase())
  const after = await house.call('GET', path, { token: jane.token })

  await house.drain()
  const mail = (await house.mails(jane.email)).find(({ subject }) => subject === 'An app password was made')
  assert.match(mail?.text ?? '', /My phone/)
  assert.ok(!mail!.text.includes(made.app_password))
  assert.match(made.app_password, /^([a-z2-7]{5}-){3}[a-z2-7]{5}$/)
  assert.equal(made.user_name, jane.email)
  assert.match(made.server_url, /\/dav\/$/)
  assert.equal(id, String(jane.id))
  assert.equal(await opens(other.email, made.app_password), 'AUTHENTICATION_FAILED')
  assert.equal(await opens(jane.email, jane.password), 'AUTHENTICATION_FAILED')
  assert.equal(before.body['data'].results[0].last_used_at, null)
  assert.equal(after.body['data'].results[0].last_used_at, '2026-01-12T08:00:00Z')
  assert.ok(!after.text.includes(made.app_password))
})

test('It is no token, and no password to sign in with; the sessions do not count it', async () => {
  const jane = await house.person()
  const { app_password: secret } = await make(jane)

  const asToken = await house.call('GET', '/api/v1/auth/me/', { token: secret })
  const basic = `Basic ${Buffer.from(`${jane.email}:${secret}`).toString('base64')}`
  const asBasic = await house.call('GET', '/api/v1/auth/me/', { headers: { authorization: basic } })
  const signedIn = await house.call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: secret } })
  const sessions = await house.call('GET', '/api/v1/auth/sessions/', { token: jane.token })

  assert.deepEqual([asToken.status, asBasic.status, signedIn.status], [401, 401, 401])
  assert.equal(sessions.body['data'].count, 1)
})

test('Making one needs the password or a fresh sign-in, and ending it is for its owner', async () => {
  const jane = await house.person()
  const stranger = await house.person()
  const made = await make(jane)
  house.pass({ minutes: 6 })

  const without = await house.call('POST', path, { token: jane.token, json: { name: 'Phone' } })
  const wrong = await house.call('POST', path, { token: jane.token, json: { name: 'Phone', password: 'wrong' } })
  const others = await house.call('DELETE', `${path}${made.id}/`, { token: stranger.token })
  const stillOpens = await opens(jane.email, made.app_password)
  const own = await house.call('DELETE', `${path}${made.id}/`, { token: jane.token })

  assert.deepEqual([without.status, wrong.status, others.status, own.status], [400, 401, 404, 200])
  assert.equal(stillOpens, String(jane.id))
  assert.equal(await opens(jane.email, made.app_password), 'AUTHENTICATION_FAILED')
})

test('They end with a new password, a suspension and the account, and not with a session', async () => {
  const [changed, suspended, erased, signedOut] = [
    await house.person(),
    await house.person(),
    await house.person(),
    await house.person(),
  ]
  const superAdmin = await house.person('super_admin')
  const made = new Map<Person, string>()
  for (const one of [changed, suspended, erased, signedOut]) made.set(one, (await make(one)).app_password)

  await house.call('POST', '/api/v1/auth/password-change/', {
    token: changed.token,
    json: { current_password: changed.password, new_password: 'another-password1' },
  })
  const put = await house.call('PUT', `/api/v1/users/${suspended.id}/`, {
    token: superAdmin.token,
    json: { is_active: false },
  })
  await house.call('DELETE', '/api/v1/auth/profile/', { token: erased.token, json: { password: erased.password } })
  await house.call('POST', '/api/v1/auth/logout/', { token: signedOut.token, json: {} })

  assert.equal(put.status, 200, put.text)
  for (const one of [changed, suspended, erased])
    assert.equal(await opens(one.email, made.get(one)!), 'AUTHENTICATION_FAILED', one.email)
  assert.equal(await opens(signedOut.email, made.get(signedOut)!), String(signedOut.id))
  const { count } = await house
    .ctx()
    .db.selectFrom('app_passwords')
    .where('user_id', 'in', [changed.id, suspended.id, erased.id])
    .select((row) => row.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  assert.equal(count, 0)
})

test('Nobody has more than fifty', async () => {
  const jane = await house.person()
  const hash = (i: number): string => `${jane.id} ${i}`
  await house
    .ctx()
    .db.insertInto('app_passwords')
    .values(
      Array.from({ length: 50 }, (_, i) => ({
        id: crypto.randomUUID(),
        user_id: jane.id,
        name: 'x',
        hash: hash(i),
        created_at: house.ctx().now,
      })),
    )
    .execute()

  const answer = await house.call('POST', path, { token: jane.token, json: { name: 'y', password: jane.password } })

  assert.equal(answer.status, 409)
})
