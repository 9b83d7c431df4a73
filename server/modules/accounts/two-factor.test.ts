import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, secondFactorOf } from '../../../test/second-factor.ts'
import { openHouse } from '../../../test/support.ts'
import { mailboxOf } from './mailbox.fixture.ts'

const house = await openHouse()
const { call, person, pass, ctx } = house
const { begin, confirm, codeOf, guard, signIn } = secondFactorOf(house)
const { subjects, newest, newcomer } = mailboxOf(house)
const state = async (token: string) => (await call('GET', '/api/v1/auth/two-factor/', { token })).body['data']
const turnOff = (token: string, json: object) => call('DELETE', '/api/v1/auth/two-factor/', { token, json })
const renew = (token: string, json: object) => call('POST', '/api/v1/auth/two-factor/recovery-codes/', { token, json })

test('beginning shows a secret, its URL and its picture; signing in asks for nothing until a code of it came back', async () => {
  const jane = await person()

  const { status, body, headers } = await begin(jane.token, { password: jane.password })

  assert.equal(status, 200)
  assert.equal(headers['cache-control'], 'no-store')
  const { secret, otpauth_url, qr_code } = body['data']
  assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.equal(new URL(otpauth_url).searchParams.get('secret'), secret)
  assert.match(decodeURIComponent(otpauth_url), new RegExp(`^otpauth://totp/Banister:${jane.email}\\?`))
  assert.match(Buffer.from(qr_code.split(',')[1], 'base64').toString(), /^<svg .*<\/svg>$/s)
  assert.deepEqual((await state(jane.token)).enabled, false)
  assert.ok((await signIn(jane)).body['data'].access)
})

test('the first code turns it on, answers ten recovery codes, ends the other sessions and tells by mail', async () => {
  const jane = await person()
  const elsewhere = (await signIn(jane)).body['data'].access
  const { secret } = (await begin(jane.token)).body['data']

  const { status, body } = await confirm(jane.token, codeOf(secret))

  assert.equal(status, 200)
  const codes: string[] = body['data'].recovery_codes
  assert.equal(new Set(codes).size, 10)
  for (const code of codes) assert.match(code, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/)
  assert.deepEqual(await state(jane.token), {
    enabled: true,
    enabled_at: house.house.clock().toString(),
    is_required: false,
    recovery_codes_left: 10,
  })
  assert.equal((await call('GET', '/api/v1/auth/me/', { token: elsewhere })).status, 401)
  assert.ok((await subjects(jane.email)).includes('Two-step sign-in was turned on'))
})

test('neither the secret nor a recovery code stands in the database as it was shown', async () => {
  const jane = await guard(await person())
  const { db } = ctx()

  const [factor, codes] = await Promise.all([
    db.selectFrom('two_factor').where('user_id', '=', jane.id).selectAll().execute(),
    db.selectFrom('recovery_codes').where('user_id', '=', jane.id).selectAll().execute(),
  ])

  const kept = JSON.stringify([factor, codes])
  assert.equal(codes.length, 10)
  assert.doesNotMatch(kept, new RegExp(jane.secret))
  for (const code of jane.recoveryCodes) assert.ok(!kept.includes(code.replaceAll('-', '')) && !kept.includes(code))
})

test('a wrong code turns nothing on, and what was begun waits an hour', async () => {
  const jane = await person()
  const { secret } = (await begin(jane.token)).body['data']

  const wrong = await confirm(jane.token, codeOf(secret, 3600))
  const unreadable = await confirm(jane.token, 'abcdef')
  pass({ minutes: 60 })
  const token = (await signIn(jane)).body['data'].access
  const late = await confirm(token, codeOf(secret))

  assert.deepEqual(refusal(wrong), [400, 'VALIDATION_ERROR', 'code'])
  assert.deepEqual(refusal(unreadable), [400, 'VALIDATION_ERROR', 'code'])
  assert.equal(late.status, 409)
  assert.equal((await state(token)).enabled, false)
})

test('of two secrets that were begun only the later one counts', async () => {
  const jane = await person()
  const first = (await begin(jane.token)).body['data'].secret
  const second = (await begin(jane.token)).body['data'].secret

  assert.equal((await confirm(jane.token, codeOf(first))).status, 400)
  assert.equal((await confirm(jane.token, codeOf(second))).status, 200)
})

test('of two confirmations at once one is answered, and its recovery codes are the ones that count', async () => {
  const jane = await person()
  const { secret } = (await begin(jane.token)).body['data']

  const answers = await Promise.all([1, 2, 3, 4].map(() => confirm(jane.token, codeOf(secret))))

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409, 409],
  )
  pass({ seconds: 60 })
  const [code] = answers.find(({ status }) => status === 200)!.body['data'].recovery_codes
  assert.equal((await turnOff(jane.token, { password: jane.password, recovery_code: code })).status, 200)
})

test('beginning needs the password, or a sign-in of the last five minutes', async () => {
  const jane = await person()
  const atOnce = await begin(jane.token)
  pass({ minutes: 5, seconds: 1 })

  const later = await begin(jane.token)
  const guessed = await begin(jane.token, { password: 'not-the-password' })
  const proved = await begin(jane.token, { password: jane.password })

  assert.deepEqual([atOnce.status, later.status, guessed.status, proved.status], [200, 400, 401, 200])
})

test('where it is on it cannot be begun again: whoever has the session and the password could put theirs in its place', async () => {
  const jane = await guard(await person())

  assert.deepEqual(refusal(await begin(jane.token, { password: jane.password })), [409, 'CONFLICT', 'two_factor_on'])
  assert.deepEqual(refusal(await confirm(jane.token, codeOf(jane.secret))), [409, 'CONFLICT', 'two_factor_on'])
})

test('turning it off needs the password and a code, also just after a sign-in, and is told by mail', async () => {
  const jane = await guard(await newcomer())
  const code = codeOf(jane.secret)

  const bare = await turnOff(jane.token, { code })
  const guessed = await turnOff(jane.token, { password: 'not-the-password', code })
  const codeless = await turnOff(jane.token, { password: jane.password })
  const wrong = await turnOff(jane.token, { password: jane.password, code: codeOf(jane.secret, 3600) })
  const right = await turnOff(jane.token, { password: jane.password, code })

  assert.deepEqual(
    [bare, guessed, codeless, wrong, right].map(({ status }) => status),
    [400, 401, 400, 400, 200],
  )
  assert.equal((await state(jane.token)).enabled, false)
  assert.ok((await signIn(jane)).body['data'].access)
  assert.equal((await newest(jane.email)).subject, 'Two-step sign-in was turned off')
  assert.deepEqual(refusal(await turnOff(jane.token, { password: jane.password, code })), [
    409,
    'CONFLICT',
    'two_factor_off',
  ])
})

test('new recovery codes end the old ones', async () => {
  const jane = await guard(await person())
  const [old] = jane.recoveryCodes

  const { status, body } = await renew(jane.token, { password: jane.password, code: codeOf(jane.secret) })

  assert.equal(status, 200)
  const [fresh] = body['data'].recovery_codes
  assert.equal((await turnOff(jane.token, { password: jane.password, recovery_code: old })).status, 400)
  assert.equal((await turnOff(jane.token, { password: jane.password, recovery_code: fresh })).status, 200)
})

test('an erased account leaves nothing of it', async () => {
  const jane = await guard(await person())

  await call('DELETE', '/api/v1/auth/profile/', { token: jane.token, json: { password: jane.password } })

  const rows = await ctx().db.selectFrom('two_factor').where('user_id', '=', jane.id).selectAll().execute()
  assert.deepEqual(rows, [])
})

test('a stranger has no second factor to see, and one’s own token touches only one’s own', async () => {
  const jane = await guard(await person())
  const john = await person()

  assert.equal((await call('GET', '/api/v1/auth/two-factor/')).status, 401)
  assert.equal((await state(john.token)).enabled, false)
  assert.equal((await turnOff(john.token, { password: john.password, code: codeOf(jane.secret) })).status, 409)
  assert.equal((await state(jane.token)).enabled, true)
})
