import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, secondFactorOf } from '../../../test/second-factor.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { commands } from './commands.ts'

const house = await openHouse({ TWO_FACTOR_REQUIRED_FOR: 'administrators' })
const { call, person, ctx, drain, mails } = house
const { begin, confirm, codeOf, guard, signIn, complete } = secondFactorOf(house)
const required = [403, 'PERMISSION_DENIED', 'two_factor_required']
const me = (token: string) => call('GET', '/api/v1/auth/me/', { token })
const reset = (token: string, id: number) => call('DELETE', `/api/v1/users/${id}/two-factor/`, { token })

test('an administrator without a second factor may set it up, see the profile and sign out, and nothing else', async () => {
  const ada = await person('super_admin')
  const { token } = ada

  assert.deepEqual((await me(token)).body['data'].capabilities, ['profile', 'two_factor'])
  assert.equal((await call('GET', '/api/v1/auth/profile/', { token })).status, 200)
  assert.deepEqual((await call('GET', '/api/v1/auth/two-factor/', { token })).body['data'].is_required, true)
  for (const [method, path] of [
    ['GET', 'users/'],
    ['GET', 'auth/admin/list/'],
    ['GET', 'notifications/'],
    ['GET', 'auth/sessions/'],
    ['PATCH', 'auth/profile/'],
    ['DELETE', 'auth/profile/'],
    ['POST', 'auth/password-change/'],
  ] as const)
    assert.deepEqual(refusal(await call(method, `/api/v1/${path}`, { token, json: {} })), required, path)
  assert.equal((await call('POST', '/api/v1/auth/logout/', { token, json: {} })).status, 200)
})

test('public pages stay open to them as to everybody', async () => {
  const { token } = await person('admin')

  assert.equal((await call('GET', '/api/v1/services/', { token })).status, 200)
  assert.equal((await call('GET', '/api/v1/health/', { token })).status, 200)
})

test('once it is set up the session may everything; other sessions of the password alone are over', async () => {
  const ada = await person('super_admin')
  const before = (await signIn(ada)).body['data'].access
  const { secret } = (await begin(ada.token)).body['data']

  await confirm(ada.token, codeOf(secret))

  assert.equal((await call('GET', '/api/v1/users/', { token: ada.token })).status, 200)
  assert.equal((await me(before)).status, 401)
})

test('whoever turns it off, and whoever becomes an administrator, is asked to set it up', async () => {
  const ada = await guard(await person('super_admin'))
  const jane = await person('customer')
  assert.equal((await call('GET', '/api/v1/notifications/', { token: jane.token })).status, 200)

  await call('PUT', `/api/v1/users/${jane.id}/`, { token: ada.token, json: { role: 'admin' } })
  const json = { password: ada.password, code: codeOf(ada.secret) }
  const off = await call('DELETE', '/api/v1/auth/two-factor/', { token: ada.token, json })

  assert.deepEqual(refusal(await call('GET', '/api/v1/notifications/', { token: jane.token })), required)
  assert.equal(off.status, 200)
  assert.deepEqual(refusal(await call('GET', '/api/v1/users/', { token: ada.token })), required)
})

test('a session opened by the password alone stays closed when the second factor is set up in another one', async () => {
  const ada = await person('admin')
  const { secret } = (await begin(ada.token)).body['data']
  await confirm(ada.token, codeOf(secret))
  // As it was before the second factor: a session that proved none.
  await ctx().db.updateTable('sessions').set({ second_factor_at: null }).where('user_id', '=', ada.id).execute()

  assert.deepEqual(refusal(await call('GET', '/api/v1/notifications/', { token: ada.token })), required)
})

test('customers and providers are asked for nothing', async () => {
  for (const role of ['customer', 'provider'] as const) {
    const { token } = await person(role)
    assert.equal((await call('GET', '/api/v1/notifications/', { token })).status, 200)
    assert.equal((await call('GET', '/api/v1/auth/two-factor/', { token })).body['data'].is_required, false)
  }
})

const resetsOf = (id: number) =>
  ctx()
    .db.selectFrom('audit_log')
    .where('action', '=', 'two_factor.reset')
    .where('target_id', '=', String(id))
    .select(['actor_id', 'outcome'])
    .execute()

test('a super admin turns off what somebody has lost: the sessions end, the log has it, a mail tells', async () => {
  const ada = await guard(await person('super_admin'))
  const jane = await guard(await person('provider'))
  await drain()

  const { status } = await reset(ada.token, jane.id)

  assert.equal(status, 200)
  assert.equal((await me(jane.token)).status, 401)
  assert.ok((await signIn(jane)).body['data'].access)
  assert.deepEqual(await resetsOf(jane.id), [{ actor_id: ada.id, outcome: 'done' }])
  await drain()
  assert.equal((await mails(jane.email))[0]?.subject, 'Two-step sign-in was reset')
  assert.deepEqual(refusal(await reset(ada.token, jane.id)), [409, 'CONFLICT', 'two_factor_off'])
})

test('nobody but a super admin resets, nobody their own, and nobody whom there is not', async () => {
  const ada = await guard(await person('super_admin'))
  const jane = await guard(await person('provider'))
  const others: Person[] = [await guard(await person('admin')), await guard(await person('accountant')), jane]

  for (const { token } of others) assert.equal((await reset(token, jane.id)).status, 403)
  assert.equal((await call('DELETE', `/api/v1/users/${jane.id}/two-factor/`)).status, 401)
  assert.equal((await reset(ada.token, ada.id)).status, 409)
  assert.equal((await reset(ada.token, 999_999)).status, 404)
  assert.equal((await signIn(jane)).body['data'].two_factor_required, true)
})

const run = (options: Record<string, string>) => commands['two-factor-off']!.run(ctx(), { options, positionals: [] })

test('the console turns off that of a lost super admin', async () => {
  const ada = await guard(await person('super_admin'))

  const lines = await run({ email: ada.email.toUpperCase() })

  assert.deepEqual(lines, [
    `The second factor of ${ada.email.toUpperCase()} is off, and all their sessions have ended.`,
  ])
  assert.ok((await signIn(ada)).body['data'].access)
  assert.deepEqual(await resetsOf(ada.id), [{ actor_id: null, outcome: 'done' }])
  await assert.rejects(run({ email: ada.email }), { code: 'CONFLICT' })
  await assert.rejects(run({ email: 'nobody@example.com' }), { code: 'NOT_FOUND' })
  await assert.rejects(run({}), { code: 'VALIDATION_ERROR' })
  await assert.rejects(run({ mail: 'x' }), { code: 'VALIDATION_ERROR' })
})

test('with the second factor a sign-in opens the whole account again', async () => {
  const ada = await guard(await person('accountant'))
  const { challenge } = (await signIn(ada, 'management/')).body['data']

  const { body } = await complete(challenge, { code: codeOf(ada.secret) })

  assert.equal(body['message'], 'Admin login successful')
  assert.equal((await call('GET', '/api/v1/notifications/', { token: body['data'].access })).status, 200)
})
