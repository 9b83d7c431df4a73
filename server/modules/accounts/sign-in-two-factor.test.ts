import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, secondFactorOf, type Guarded } from '../../../test/second-factor.ts'
import { openHouse } from '../../../test/support.ts'
import { mailboxOf } from './mailbox.fixture.ts'

const house = await openHouse()
const { call, person, pass, ctx } = house
const { codeOf, guard, signIn, complete } = secondFactorOf(house)
const { subjects, newest, newcomer, codeTo } = mailboxOf(house)
const challengeOf = async (jane: Guarded): Promise<string> => (await signIn(jane)).body['data'].challenge
const wrongCode = [401, 'AUTHENTICATION_FAILED', 'two_factor_code']
const ended = [401, 'AUTHENTICATION_FAILED', 'two_factor_challenge']

test('the right password answers a challenge and no tokens; with the code it becomes the sign-in that everybody knows', async () => {
  const jane = await guard(await person('provider'))

  const first = await signIn(jane, 'provider/')
  const { challenge, ...rest } = first.body['data']
  const second = await complete(challenge, { code: codeOf(jane.secret) })

  assert.equal(first.status, 200)
  assert.deepEqual(rest, { two_factor_required: true, expires_in: 300, methods: ['totp', 'recovery_code'] })
  assert.doesNotMatch(first.text, /access|refresh"|@example/)
  assert.equal(second.status, 200)
  assert.equal(second.body['message'], 'Provider login successful')
  assert.deepEqual(Object.keys(second.body['data']).toSorted(), ['access', 'refresh', 'role', 'user'])
  assert.equal(second.body['data'].user.id, jane.id)
  assert.equal((await call('GET', '/api/v1/auth/me/', { token: second.body['data'].access })).status, 200)
})

test('a challenge is no token', async () => {
  const jane = await guard(await person())
  const challenge = await challengeOf(jane)

  assert.equal((await call('GET', '/api/v1/auth/me/', { token: challenge })).status, 401)
  assert.equal((await call('POST', '/api/v1/auth/refresh/', { json: { refresh: challenge } })).status, 401)
})

test('a wrong password and the wrong endpoint are told as ever, before anybody hears of a second factor', async () => {
  const jane = await guard(await person())

  const guessed = await signIn({ ...jane, password: 'not-the-password' })
  const elsewhere = await signIn(jane, 'provider/')

  assert.deepEqual(refusal(guessed), [401, 'AUTHENTICATION_FAILED', undefined])
  assert.equal(guessed.body['error'].error_message, 'The e-mail or the password is wrong')
  assert.deepEqual(refusal(elsewhere), [403, 'PERMISSION_DENIED', undefined])
})

test('one step of drift is borne to either side, two are not', async () => {
  for (const [seconds, wanted] of [
    [-30, 200],
    [0, 200],
    [30, 200],
    [-60, 401],
    [60, 401],
  ] as const) {
    const jane = await guard(await person())
    const answer = await complete(await challengeOf(jane), { code: codeOf(jane.secret, seconds) })
    assert.equal(answer.status, wanted, `${seconds} s`)
  }
})

test('a code is taken once: not again, and none of a step before it; neither is the one that turned it on', async () => {
  const jane = await guard(await person())
  const code = codeOf(jane.secret)
  await complete(await challengeOf(jane), { code })

  const again = await complete(await challengeOf(jane), { code })
  const before = await complete(await challengeOf(jane), { code: codeOf(jane.secret, -30) })
  const after = await complete(await challengeOf(jane), { code: codeOf(jane.secret, 30) })

  assert.deepEqual([refusal(again), refusal(before), after.status], [wrongCode, wrongCode, 200])
})

test('the same code twice at once opens one session, whether with one challenge or with two', async () => {
  const jane = await guard(await person())
  const [a, b] = [await challengeOf(jane), await challengeOf(jane)]
  const code = codeOf(jane.secret)

  const answers = await Promise.all([a, b, a, b, a, b].map((challenge) => complete(challenge, { code })))

  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.ok(answers.every(({ status }) => status === 200 || status === 401))
})

test('a challenge serves once, for five minutes', async () => {
  const jane = await guard(await person())
  const used = await challengeOf(jane)
  await complete(used, { code: codeOf(jane.secret) })
  pass({ seconds: 60 })
  const again = await complete(used, { code: codeOf(jane.secret) })
  const early = await challengeOf(jane)
  pass({ seconds: 299 })
  const inTime = await complete(early, { code: codeOf(jane.secret) })
  const late = await challengeOf(jane)
  pass({ seconds: 300 })

  const tooLate = await complete(late, { code: codeOf(jane.secret) })

  assert.deepEqual([refusal(again), inTime.status, refusal(tooLate)], [ended, 200, ended])
})

test('five wrong codes end a challenge, and its owner hears that somebody knows the password', async () => {
  const jane = await guard(await newcomer())
  const challenge = await challengeOf(jane)
  for (let i = 0; i < 5; i++)
    assert.deepEqual(refusal(await complete(challenge, { code: codeOf(jane.secret, 3600) })), wrongCode)

  const right = await complete(challenge, { code: codeOf(jane.secret) })

  assert.deepEqual(refusal(right), ended)
  assert.equal((await newest(jane.email)).subject, 'Somebody knows your password')
  assert.equal((await complete(await challengeOf(jane), { code: codeOf(jane.secret) })).status, 200)
})

test('twenty wrong codes of an hour are the most, from wherever; a new password begins anew', async () => {
  const jane = await guard(await person())
  const guess = async () => complete(await challengeOf(jane), { code: codeOf(jane.secret, 3600) })
  for (let i = 0; i < 20; i++) assert.equal((await guess()).status, 401)

  const right = await complete(await challengeOf(jane), { code: codeOf(jane.secret) })

  assert.equal(right.status, 429)
  assert.ok(Number(right.headers['retry-after']) > 3000)
  const json = { current_password: jane.password, new_password: 'another-password' }
  const changed = await call('POST', '/api/v1/auth/password-change/', { token: jane.token, json })
  const since = { ...jane, password: 'another-password' }
  assert.deepEqual(
    [changed.status, (await complete(await challengeOf(since), { code: codeOf(jane.secret) })).status],
    [200, 200],
  )
})

test('a recovery code lets in once, however it is typed, and is told by mail with how many are left', async () => {
  const jane = await guard(await newcomer())
  const code = jane.recoveryCodes[3]!.toUpperCase().replaceAll('-', ' ')

  const first = await complete(await challengeOf(jane), { recovery_code: code })
  const second = await complete(await challengeOf(jane), { recovery_code: code })

  assert.deepEqual([first.status, refusal(second)], [200, wrongCode])
  const mail = await newest(jane.email)
  assert.equal(mail.subject, 'A recovery code was used')
  assert.match(mail.text, /Codes left: 9/)
})

test('a recovery code twice at once opens one session', async () => {
  const jane = await guard(await person())
  const challenges = await Promise.all([1, 2, 3].map(() => challengeOf(jane)))

  const answers = await Promise.all(
    challenges.map((challenge) => complete(challenge, { recovery_code: jane.recoveryCodes[0] })),
  )

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 401, 401],
  )
})

test('a challenge opens its own account only, and asks for exactly one code', async () => {
  const jane = await guard(await person())
  const john = await guard(await person())
  const challenge = await challengeOf(jane)

  const others = await complete(challenge, { code: codeOf(john.secret) })
  const recovery = await complete(challenge, { recovery_code: john.recoveryCodes[0] })
  const none = await complete(challenge, {})
  const both = await complete(challenge, { code: codeOf(jane.secret), recovery_code: jane.recoveryCodes[0] })

  assert.deepEqual([refusal(others), refusal(recovery)], [wrongCode, wrongCode])
  assert.deepEqual([none.status, both.status], [400, 400])
  assert.deepEqual(refusal(await complete('never-was', { code: '123456' })), ended)
})

test('a reset of the password ends what waits for the second factor, and the second factor stays', async () => {
  const jane = await guard(await newcomer())
  const waiting = await challengeOf(jane)
  await call('POST', '/api/v1/auth/password-reset/request/', { json: { email: jane.email } })
  const json = { email: jane.email, code: await codeTo(jane.email), new_password: 'another-password' }
  assert.equal((await call('POST', '/api/v1/auth/password-reset/confirm/', { json })).status, 200)

  const old = await complete(waiting, { code: codeOf(jane.secret) })
  const since = await signIn({ ...jane, password: 'another-password' })

  assert.deepEqual(refusal(old), ended)
  assert.equal(since.body['data'].two_factor_required, true)
})

test('an account that was closed meanwhile is not opened by its code', async () => {
  const jane = await guard(await person())
  const challenge = await challengeOf(jane)
  await ctx().db.updateTable('users').set({ is_active: false }).where('id', '=', jane.id).execute()

  assert.deepEqual(refusal(await complete(challenge, { code: codeOf(jane.secret) })), ended)
  assert.ok(!(await subjects(jane.email)).includes('Somebody knows your password'))
})

test('the nightly job forgets challenges that are over and secrets that nobody confirmed', async () => {
  const jane = await guard(await person())
  const john = await person()
  await challengeOf(jane)
  await call('POST', '/api/v1/auth/two-factor/', { token: john.token, json: {} })
  pass({ hours: 25 })

  await house.house.jobs.run('accounts.clean')

  const challenges = await ctx().db.selectFrom('sign_in_challenges').selectAll().execute()
  const factors = await ctx()
    .db.selectFrom('two_factor')
    .where('user_id', 'in', [jane.id, john.id])
    .select('user_id')
    .execute()
  assert.deepEqual([challenges, factors], [[], [{ user_id: jane.id }]])
})
