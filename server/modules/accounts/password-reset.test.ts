import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { mailboxOf, wrong } from './mailbox.fixture.ts'

const house = await openHouse()
const { call, pass, ctx } = house
const { codeTo, newest, subjects, newcomer } = mailboxOf(house)

const ask = (email: string) => call('POST', '/api/v1/auth/password-reset/request/', { json: { email } })
const confirm = (email: string, code: string, new_password = 'NewSecurePassword123!', headers = {}) =>
  call('POST', '/api/v1/auth/password-reset/confirm/', { json: { email, code, new_password }, headers })
const signIn = (email: string, password: string) => call('POST', '/api/v1/auth/login/', { json: { email, password } })
const me = (token: string) => call('GET', '/api/v1/auth/me/', { token })

test('the code of a reset mail sets a new password, ends every session, and is told by mail', async () => {
  const jane = await newcomer()
  await ask(jane.email)

  const done = await confirm(jane.email.toUpperCase(), await codeTo(jane.email))

  assert.equal(done.status, 200, done.text)
  assert.equal(done.body['message'], 'Password reset successfully')
  assert.equal((await me(jane.token)).status, 401)
  assert.equal((await call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: jane.refresh } })).status, 401)
  assert.equal((await signIn(jane.email, jane.password)).status, 401)
  assert.equal((await signIn(jane.email, 'NewSecurePassword123!')).status, 200)
  assert.equal((await newest(jane.email)).subject, 'Your password was changed')
})

test('a code serves once', async () => {
  const jane = await newcomer()
  await ask(jane.email)
  const code = await codeTo(jane.email)
  await confirm(jane.email, code)

  const again = await confirm(jane.email, code, 'AnotherPassword123!')

  assert.equal(again.status, 400)
  assert.equal(again.body['error'].error_number, 'VALIDATION_ERROR')
  assert.equal((await signIn(jane.email, 'AnotherPassword123!')).status, 401)
})

test('of two who use one code at once, one sets the password', async () => {
  const jane = await newcomer()
  await ask(jane.email)
  const code = await codeTo(jane.email)

  const both = await Promise.all([
    confirm(jane.email, code, 'first-password'),
    confirm(jane.email, code, 'second-password'),
  ])

  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 400],
  )
})

test('a wrong code, one of an e-mail that nobody has, and an expired one are refused in the same words', async () => {
  const jane = await newcomer()
  await ask(jane.email)
  const code = await codeTo(jane.email)

  const answers = [await confirm(jane.email, wrong(code)), await confirm('nobody@example.com', code)]
  pass({ minutes: 15 })
  answers.push(await confirm(jane.email, code))

  for (const { status, body } of answers) {
    assert.equal(status, 400)
    assert.deepEqual(body['error'].details, [
      { field: 'code', message: 'The code is wrong or has expired', rule: 'code' },
    ])
  }
})

test('wrong tries are counted, also when each bears an Idempotency-Key', async () => {
  const jane = await newcomer()
  await ask(jane.email)
  const code = await codeTo(jane.email)

  for (let i = 0; i < 5; i++) await confirm(jane.email, wrong(code), undefined, { 'idempotency-key': `try-${i}` })

  assert.equal((await confirm(jane.email, code)).status, 400)
})

test('a new password has at least 8 characters and is not the e-mail; a refusal does not use the code up', async () => {
  const jane = await newcomer()
  await ask(jane.email)
  const code = await codeTo(jane.email)

  const short = await confirm(jane.email, code, 'short')
  const same = await confirm(jane.email, code, jane.email.toUpperCase())
  const good = await confirm(jane.email, code)

  assert.equal(short.body['error'].details[0].field, 'new_password')
  assert.equal(same.body['error'].details[0].field, 'new_password')
  assert.equal(good.status, 200)
})

test('a code to confirm an e-mail sets no password', async () => {
  const jane = await newcomer()
  const code = await codeTo(jane.email)

  assert.equal((await confirm(jane.email, code)).status, 400)
})

test('whoever reads the mail has proved the e-mail', async () => {
  const jane = await newcomer()
  await ask(jane.email)
  await confirm(jane.email, await codeTo(jane.email))

  const { user } = (await signIn(jane.email, 'NewSecurePassword123!')).body['data']
  assert.equal(user.email_confirmed, true)
})

test('asking tells nobody who is registered, and a closed account gets no mail', async () => {
  const jane = await newcomer()
  await subjects(jane.email)
  await ctx().db.updateTable('users').set({ is_active: false }).where('id', '=', jane.id).execute()

  const answers = [await ask(jane.email), await ask('nobody@example.com'), await ask((await newcomer()).email)]

  const told = answers.map(({ status, body }) => JSON.stringify([status, body['message'], body['data']]))
  assert.equal(new Set(told).size, 1)
  assert.ok(!(await subjects(jane.email)).includes('Your code for a new password'))
})

test('asking for a known e-mail and for one that nobody has is the same work: one job with the same words', async () => {
  const jane = await newcomer()
  await subjects(jane.email)
  await ask(jane.email)
  await ask('nobody@example.com')

  const { rows } = await house.house.pool.query<{ data: { name: string; data: object } }>(
    "SELECT data FROM pgboss.job WHERE state = 'created' AND data->>'name' LIKE 'accounts.%' ORDER BY created_on",
  )
  const shapes = rows.map(({ data }) => `${data.name} ${Object.keys(data.data).toSorted().join()}`)
  assert.deepEqual(shapes, Array(2).fill('accounts.request_code email,locale,purpose'))
})

test('changing the password while signed in ends all other sessions and keeps this one', async () => {
  const jane = await newcomer()
  const other = (await signIn(jane.email, jane.password)).body['data'].access
  const change = (json: object) => call('POST', '/api/v1/auth/password-change/', { token: jane.token, json })

  const guess = await change({ current_password: 'not-the-password', new_password: 'password456' })
  const none = await change({ new_password: 'password456' })
  const done = await change({ current_password: jane.password, new_password: 'password456' })

  assert.deepEqual([guess.status, none.status, done.status], [401, 400, 200])
  assert.equal(none.body['error'].details[0].field, 'current_password')
  assert.deepEqual([(await me(jane.token)).status, (await me(other)).status], [200, 401])
  assert.equal((await signIn(jane.email, 'password456')).status, 200)
  assert.equal((await newest(jane.email)).subject, 'Your password was changed')
})
