import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { createSecrets } from '../../platform/secrets.ts'
import { mailboxOf, wrong } from './mailbox.fixture.ts'
import { issueCode } from './service/codes.ts'

const former = 'the secret of last year, 32 characters or more'
const house = await openHouse({
  SECRET_KEY: 'the secret of this year, 32 characters or more',
  SECRET_KEY_PREVIOUS: former,
})
const { call, pass, drain, ctx } = house
const { codeTo, linkTo, newest, subjects, newcomer } = mailboxOf(house)

const ask = (email: string, headers = {}) =>
  call('POST', '/api/v1/auth/email-confirm/request/', { json: { email }, headers })
const verify = (json: object, path = 'email-confirm/verify/') => call('POST', `/api/v1/auth/${path}`, { json })
const isConfirmed = async (token: string): Promise<boolean> =>
  (await call('GET', '/api/v1/auth/profile/', { token })).body['data'].email_confirmed

test('whoever registers is sent a code that confirms the e-mail, in any case, with spaces, and once', async () => {
  const jane = await newcomer()
  const code = await codeTo(jane.email)

  const email = jane.email.toUpperCase()
  const verified = await verify({ email, code: ` ${code.slice(0, 3)} ${code.slice(3)} ` })
  const again = await verify({ email, code })

  assert.equal(verified.status, 200, verified.text)
  assert.deepEqual(verified.body['data'], { email: jane.email, email_confirmed: true })
  assert.equal(again.status, 400)
  assert.ok(await isConfirmed(jane.token))
})

test('the link of the mail confirms too, and repeats its answer for its life', async () => {
  const jane = await newcomer()
  const link = await linkTo(jane.email)

  const answers = [await call('GET', link), await call('GET', link)]
  pass({ minutes: 16 })
  const late = await call('GET', link)

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  assert.equal(answers[0]!.body['message'], 'E-mail confirmed successfully')
  assert.equal(late.status, 400)
  assert.ok((await codeTo(jane.email)) !== 'none')
})

test("the link's token serves in a POST, also at the salon's path", async () => {
  for (const path of ['email-confirm/verify/', 'verify-email/']) {
    const jane = await newcomer()
    const token = new URL(await linkTo(jane.email), 'http://x').searchParams.get('token')

    assert.equal((await verify({ token }, path)).status, 200)
  }
})

test('no token that we did not make opens anything', async () => {
  const jane = await newcomer()
  const token = new URL(await linkTo(jane.email), 'http://x').searchParams.get('token')!
  const other = token.replace(/^c(\d+)x/, (_, id: string) => `c${Number(id) + 1}x`)

  for (const forged of [other, `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`, 'c1x', 'x', '0'.repeat(200)])
    assert.equal((await verify({ token: forged })).status, 400, forged)
  assert.equal((await call('GET', '/api/v1/auth/email-confirm/verify/')).status, 400)
})

test('neither e-mail and code nor a token: the answer names what is missing', async () => {
  const nothing = await verify({})
  const half = await verify({ email: 'jane@example.com' })

  const fieldsOf = ({ body }: typeof half) => body['error'].details.map(({ field }: { field: string }) => field)
  assert.deepEqual(fieldsOf(nothing), ['email', 'code'])
  assert.deepEqual(fieldsOf(half), ['code'])
})

test('only the newest code counts', async () => {
  const jane = await newcomer()
  const first = await codeTo(jane.email)
  await ask(jane.email)
  const second = await codeTo(jane.email)

  const old = first === second ? wrong(first) : first
  assert.equal((await verify({ email: jane.email, code: old })).status, 400)
  assert.equal((await verify({ email: jane.email, code: second })).status, 200)
})

test('a code is dead after 15 minutes', async () => {
  const jane = await newcomer()
  const code = await codeTo(jane.email)
  pass({ minutes: 15 })

  assert.equal((await verify({ email: jane.email, code })).status, 400)
})

test('five wrong tries end a code, also when they come at once', async () => {
  const jane = await newcomer()
  const code = await codeTo(jane.email)

  await Promise.all(Array.from({ length: 5 }, () => verify({ email: jane.email, code: wrong(code) })))

  assert.equal((await verify({ email: jane.email, code })).status, 400)
})

test('the fifth try may still be the right one', async () => {
  const jane = await newcomer()
  const code = await codeTo(jane.email)
  for (let i = 0; i < 4; i++) await verify({ email: jane.email, code: wrong(code) })

  assert.equal((await verify({ email: jane.email, code })).status, 200)
})

test("a code confirms its own account's e-mail only", async () => {
  const jane = await newcomer()
  const eve = await newcomer()
  const code = await codeTo(eve.email)

  const stolen = await verify({ email: jane.email, code })

  // One in a million: Jane's own code may be the same.
  if (code !== (await codeTo(jane.email))) assert.equal(stolen.status, 400)
})

test('asking tells nobody whether an e-mail is registered, confirmed or neither, and nobody else gets a mail', async () => {
  const jane = await newcomer()
  await verify({ email: jane.email, code: await codeTo(jane.email) })
  const before = (await subjects(jane.email)).length

  const answers = [await ask(jane.email), await ask('nobody@example.com'), await ask((await newcomer()).email)]

  const told = answers.map(({ status, body }) => JSON.stringify([status, body['message'], body['data']]))
  assert.equal(new Set(told).size, 1)
  assert.equal((await subjects(jane.email)).length, before)
  assert.deepEqual(await subjects('nobody@example.com'), [])
})

test('an account gets at most five codes an hour', async () => {
  const jane = await newcomer()
  for (let i = 0; i < 9; i++) await ask(jane.email)
  assert.equal((await subjects(jane.email)).length, 5)

  pass({ hours: 1 })
  await ask(jane.email)
  assert.equal((await subjects(jane.email)).length, 6)
})

test('the mail speaks the language of who asked, or the one that the profile names', async () => {
  const jane = await newcomer()
  await ask(jane.email, { 'accept-language': 'uk' })
  const asked = await newest(jane.email)
  await call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: { profile: { locale: 'ru' } } })
  await ask(jane.email, { 'accept-language': 'uk' })
  const chosen = await newest(jane.email)

  assert.match(asked.html, /lang="uk"/)
  assert.match(chosen.html, /lang="ru"/)
})

test('the code stands neither in the database nor in a job', async () => {
  const jane = await newcomer()
  const { rows } = await house.house.pool.query<{ data: object }>('SELECT data FROM pgboss.job')
  const code = await codeTo(jane.email)

  const codes = await ctx().db.selectFrom('codes').selectAll().where('user_id', '=', jane.id).execute()
  assert.equal(codes.length, 1)
  assert.ok(!JSON.stringify([rows.map(({ data }) => data), codes.map(({ id: _id, ...row }) => row)]).includes(code))
})

test('a mail job that runs twice makes one mail', async () => {
  const jane = await newcomer()
  await drain()
  const row = await ctx().db.selectFrom('codes').select('id').where('user_id', '=', jane.id).executeTakeFirstOrThrow()

  await house.house.jobs.enqueue(ctx(), 'accounts.mail_code', { code_id: row.id, locale: 'en' })

  assert.equal((await subjects(jane.email)).length, 1)
})

test('a code made before SECRET_KEY was changed is mailed and taken afterwards', async () => {
  const jane = await newcomer()
  const then = { ...ctx(), house: { ...house.house, secrets: createSecrets(former, null) } }
  await issueCode(then, { userId: jane.id, purpose: 'email_confirmation', email: jane.email, locale: 'en' })
  const code = await codeTo(jane.email)
  const link = await linkTo(jane.email)

  assert.equal((await call('GET', link)).status, 200)
  const used = await ctx().db.updateTable('codes').set({ used_at: null }).where('user_id', '=', jane.id).execute()
  assert.ok(used)
  assert.equal((await verify({ email: jane.email, code })).status, 200)
})
