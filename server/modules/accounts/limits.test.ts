import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const { call, pass } = await openHouse({ AUTH_RATE_LIMIT_PER_MINUTE: '5' })

let addresses = 0
/** An address that was never seen. */
const somewhere = (): string => `198.51.${100 + Math.floor(++addresses / 250)}.${(addresses % 250) + 1}`

const register = async (email: string): Promise<string> => {
  const address = somewhere()
  await call('POST', '/api/v1/auth/register/', {
    json: { email, password: 'password123', full_name: 'Jane Smith' },
    address,
  })
  return address
}
const signIn = (email: string, password: string, address: string) =>
  call('POST', '/api/v1/auth/login/', { json: { email, password }, address })

test('one address may ask an endpoint five times a minute: the sixth is 429 and says when to come back', async () => {
  const address = somewhere()
  const statuses: number[] = []
  for (let i = 0; i < 5; i++) statuses.push((await signIn(`a${i}@example.com`, 'password123', address)).status)

  const sixth = await signIn('b@example.com', 'password123', address)
  const elsewhere = await call('POST', '/api/v1/auth/password-reset/request/', {
    json: { email: 'b@example.com' },
    address,
  })

  assert.deepEqual(statuses, [401, 401, 401, 401, 401])
  assert.equal(sixth.status, 429)
  assert.equal(sixth.body['error'].error_number, 'RATE_LIMITED')
  const wait = Number(sixth.headers['retry-after'])
  assert.ok(wait > 0 && wait <= 60)
  assert.equal(elsewhere.status, 200)

  pass({ seconds: 60 })
  assert.equal((await signIn('b@example.com', 'password123', address)).status, 401)
})

test('successes count for the address', async () => {
  await register('often@example.com')
  const address = somewhere()
  for (let i = 0; i < 5; i++) assert.equal((await signIn('often@example.com', 'password123', address)).status, 200)

  assert.equal((await signIn('often@example.com', 'password123', address)).status, 429)
})

test('after five failures on an account, new addresses are refused, even with the right password; successes do not count', async () => {
  await register('jane@example.com')
  for (let i = 0; i < 8; i++) assert.equal((await signIn('jane@example.com', 'password123', somewhere())).status, 200)
  for (let i = 0; i < 5; i++) assert.equal((await signIn('JANE@example.com', 'guess-guess', somewhere())).status, 401)

  const sixth = await signIn('jane@example.com', 'password123', somewhere())

  assert.equal(sixth.status, 429)
  assert.ok(Number(sixth.headers['retry-after']) <= 60)
  pass({ seconds: 61 })
  assert.equal((await signIn('jane@example.com', 'password123', somewhere())).status, 200)
})

test('an address that signed in to the account within 90 days is not locked out by strangers', async () => {
  await register('owner@example.com')
  const home = somewhere()
  await signIn('owner@example.com', 'password123', home)
  pass({ hours: 24 * 89 })
  for (let i = 0; i < 9; i++) await signIn('owner@example.com', 'guess-guess', somewhere())

  assert.equal((await signIn('owner@example.com', 'password123', home)).status, 200)

  pass({ hours: 24 * 91 })
  for (let i = 0; i < 9; i++) await signIn('owner@example.com', 'guess-guess', somewhere())
  assert.equal((await signIn('owner@example.com', 'password123', home)).status, 429)
})

test('an e-mail that nobody has is counted in the same way', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push((await signIn('nobody@example.com', 'guess-guess', somewhere())).status)

  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429])
})

test('a hundred guesses at once are no more than five', async () => {
  await register('burst@example.com')

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => signIn('burst@example.com', 'guess-guess', somewhere())),
  )

  assert.equal(answers.filter(({ status }) => status === 401).length, 5)
  assert.equal(answers.filter(({ status }) => status === 429).length, 15)
})

test('codes are guessed at no more often, and the same for an e-mail that nobody has', async () => {
  await register('code@example.com')
  for (const email of ['code@example.com', 'no-code@example.com']) {
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) {
      const json = { email, code: '000000', new_password: 'password456' }
      statuses.push((await call('POST', '/api/v1/auth/password-reset/confirm/', { json, address: somewhere() })).status)
    }
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429], email)
  }
})

test('asking whose e-mail is whose by changing one’s own is limited like passwords, also with an Idempotency-Key', async () => {
  const address = await register('curious@example.com')
  const { access } = (await signIn('curious@example.com', 'password123', address)).body['data']
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) {
    const answer = await call('PATCH', '/api/v1/auth/profile/', {
      token: access,
      json: { email: 'jane@example.com' },
      headers: { 'idempotency-key': `try-${i}` },
      address: somewhere(),
    })
    statuses.push(answer.status)
  }

  assert.deepEqual(statuses, [409, 409, 409, 409, 409, 429])
})
