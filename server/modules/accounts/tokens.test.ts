import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { createSecrets } from '../../platform/secrets.ts'
import { signAccessToken } from './tokens.ts'

const former = 'the secret of last year, 32 characters or more'
const house = await openHouse({
  SECRET_KEY: 'the secret of this year, 32 characters or more',
  SECRET_KEY_PREVIOUS: former,
})
const { call, person, pass, ctx } = house

const me = (token: string | undefined) => call('GET', '/api/v1/auth/me/', { token })
const turn = (refresh: string) => call('POST', '/api/v1/auth/token/refresh/', { json: { refresh } })
const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token is accepted with and without Bearer, and says whose it is and until when', async () => {
  const jane = await person()
  const claims = JSON.parse(Buffer.from(jane.token.split('.')[1]!, 'base64url').toString())

  const bare = await call('GET', '/api/v1/auth/me/', { headers: { authorization: jane.token } })

  assert.equal(bare.status, 200)
  assert.equal(claims.sub, String(jane.id))
  assert.equal(claims.type, 'access')
  assert.equal(claims.exp, ctx().now.epochMilliseconds / 1000 + 30 * 60)
})

test('no token, and one that is expired, forged or of another kind, are told apart as documented', async () => {
  const jane = await person()
  const [head, body, mark] = jane.token.split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  const signed = (header: object, payload: object, key: Buffer | string): string => {
    const content = `${text(header)}.${text(payload)}`
    return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`
  }
  const key = house.house.secrets.key('access tokens')
  const forged = {
    'another signature': `${head}.${body}.${mark.startsWith('A') ? 'B' : 'A'}${mark.slice(1)}`,
    'other claims': `${head}.${text({ ...claims, sub: '1' })}.${mark}`,
    'alg none': `${text({ alg: 'none', typ: 'JWT' })}.${body}.`,
    'alg none in capitals': `${text({ alg: 'NONE' })}.${body}.`,
    'another algorithm': signed({ alg: 'HS512', typ: 'JWT' }, claims, key),
    'the secret itself as key': signed({ alg: 'HS256' }, claims, house.house.config.SECRET_KEY),
    'no type': signed({ alg: 'HS256' }, { ...claims, type: undefined }, key),
    'a session of somebody else': signed({ alg: 'HS256' }, { ...claims, sub: String(jane.id + 1) }, key),
    'no end': signed({ alg: 'HS256' }, { ...claims, exp: undefined }, key),
    'a refresh token': jane.refresh,
    rubbish: 'a.b.c',
  }

  for (const [name, token] of Object.entries(forged)) {
    const refused = await me(token)
    assert.equal(refused.status, 401, name)
    assert.equal(refused.body['error'].error_number, 'AUTHENTICATION_FAILED', name)
  }
  assert.equal((await me(undefined)).body['error'].error_number, 'TOKEN_MISSING')

  pass({ minutes: 30 })
  const late = await me(jane.token)
  assert.equal(late.status, 401)
  assert.equal(late.body['error'].error_message, 'The token has expired')
})

test('a refresh token gives a new pair once; used again it ends the whole session, its access tokens too', async () => {
  const jane = await person()
  const first = (await turn(jane.refresh)).body['data']
  assert.equal((await me(first.access)).status, 200)

  const reused = await turn(jane.refresh)

  assert.equal(reused.status, 401)
  assert.equal((await me(first.access)).status, 401)
  assert.equal((await me(jane.token)).status, 401)
  assert.equal((await turn(first.refresh)).status, 401)
})

test('of two exchanges of one token at once, one gets a pair and both are the end of the session', async () => {
  const jane = await person()

  const both = await Promise.all([turn(jane.refresh), turn(jane.refresh)])

  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 401],
  )
  const won = both.find(({ status }) => status === 200)!.body['data']
  assert.equal((await me(won.access)).status, 401)
})

test('a refresh token lives 30 days from its last exchange', async () => {
  const jane = await person()
  pass({ hours: 29 * 24 })
  const next = await turn(jane.refresh)
  pass({ hours: 29 * 24 })
  const later = await turn(next.body['data'].refresh)
  pass({ hours: 30 * 24 })
  const late = await turn(later.body['data'].refresh)

  assert.deepEqual([next.status, later.status, late.status], [200, 200, 401])
})

test('signing out ends the session at once: neither of its tokens can be played again', async () => {
  const jane = await person()

  const out = await call('POST', '/api/v1/auth/logout/', { token: jane.token, json: { refresh: jane.refresh } })

  assert.equal(out.status, 200)
  assert.equal((await me(jane.token)).status, 401)
  assert.equal((await turn(jane.refresh)).status, 401)
})

test("signing out does not end a stranger's session, even with their refresh token", async () => {
  const jane = await person()
  const eve = await person()

  await call('POST', '/api/v1/auth/logout/', { token: eve.token, json: { refresh: jane.refresh } })

  assert.equal((await me(jane.token)).status, 200)
  assert.equal((await turn(jane.refresh)).status, 200)
})

test('a token signed before SECRET_KEY was changed holds while SECRET_KEY_PREVIOUS names the former one, and no longer', async () => {
  const jane = await person()
  const { sid } = JSON.parse(Buffer.from(jane.token.split('.')[1]!, 'base64url').toString())
  const under = (secret: string): string =>
    signAccessToken({ ...house.house, secrets: createSecrets(secret, null) }, jane.id, sid, ctx().now)

  assert.equal((await me(under(former))).status, 200)
  assert.equal((await me(under('a secret that was never ours, 32 characters'))).status, 401)
})

test('an account that is closed by an administrator is out at once, and cannot come back', async () => {
  const jane = await person()
  await ctx().db.updateTable('users').set({ is_active: false }).where('id', '=', jane.id).execute()

  assert.equal((await me(jane.token)).status, 401)
  assert.equal((await turn(jane.refresh)).status, 401)
  const again = await call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: jane.password } })
  assert.equal(again.body['error'].error_message, 'The e-mail or the password is wrong')
})

test("one's sessions are listed and can be ended one by one; a stranger's are not to be found", async () => {
  const jane = await person()
  const eve = await person()
  const phone = (await call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: jane.password } }))
    .body['data'].access
  const listed = (await call('GET', '/api/v1/auth/sessions/', { token: jane.token })).body['data']
  const other = listed.results.find((session: { is_current: boolean }) => !session.is_current)

  const stolen = await call('DELETE', `/api/v1/auth/sessions/${other.id}/`, { token: eve.token })
  const ended = await call('DELETE', `/api/v1/auth/sessions/${other.id}/`, { token: jane.token })

  assert.equal(listed.count, 2)
  assert.deepEqual([stolen.status, ended.status], [404, 200])
  assert.deepEqual([(await me(phone)).status, (await me(jane.token)).status], [401, 200])
})
