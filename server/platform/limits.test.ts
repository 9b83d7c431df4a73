import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../test/platform.ts'
import { openHouse, type Answer } from '../../test/support.ts'
import { createLimits, networkOf, postgresStore } from './limits.ts'

const house = await openHouse({ RATE_LIMIT_PER_MINUTE: '40', AUTH_RATE_LIMIT_PER_MINUTE: '3' })
let addresses = 0
const newAddress = (): string => `203.0.113.${++addresses}`
const from = (address: string, call = house.call): Promise<Answer> => call('GET', '/api/v1/auth/me/', { address })
const signIn = (address: string, path = '/api/v1/auth/login/', email = 'nobody@example.com'): Promise<Answer> =>
  house.call('POST', path, { address, json: { email, password: 'password123' } })
const statusesOf = (answers: Answer[]): string => answers.map(({ status }) => status).join(' ')
const times = async (count: number, ask: () => Promise<Answer>): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (let i = 0; i < count; i++) answers.push(await ask())
  return answers
}

test('Of n requests a minute the next is refused, told when to come back, and let through then', async () => {
  const address = newAddress()

  const within = await times(40, () => from(address))
  house.pass({ seconds: 20 })
  const refused = await from(address)
  house.pass({ seconds: 39 })
  const still = await from(address)
  house.pass({ seconds: 1 })
  const after = await from(address)

  assert.ok(within.every(({ status }) => status === 401))
  assert.deepEqual(
    [refused.status, refused.body['error'].error_number, refused.headers['retry-after']],
    [429, 'RATE_LIMITED', '40'],
  )
  assert.deepEqual([still.status, still.headers['retry-after'], after.status], [429, '1', 401])
})

test('Requests that come all at once are counted as if they came one by one', async () => {
  const address = newAddress()

  const answers = await Promise.all(Array.from({ length: 60 }, () => from(address)))

  assert.equal(answers.filter(({ status }) => status === 401).length, 40)
  assert.equal(answers.filter(({ status }) => status === 429).length, 20)
})

test('Two nodes together never let through more than the limit', async (t) => {
  const other = await nodeBeside(house, t)
  const address = newAddress()

  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, i) => from(address, i % 2 === 0 ? house.call : other.call)),
  )

  const through = answers.filter(({ status }) => status === 401).length
  assert.ok(through <= 40 && through > 30, String(through))
})

test('Many requests at once on one node leave the other nodes their part of the limit', async (t) => {
  const other = await nodeBeside(house, t)
  const address = newAddress()
  await Promise.all(Array.from({ length: 10 }, () => from(address)))

  const answers = await times(20, () => from(address, other.call))

  assert.ok(
    answers.every(({ status }) => status === 401),
    statusesOf(answers),
  )
})

test('Sign-ins are limited by address and endpoint, and successes count', async () => {
  const address = newAddress()
  const { email } = await (async () => {
    const json = { email: 'counted@example.com', password: 'password123', full_name: 'Jane Smith' }
    await house.call('POST', '/api/v1/auth/register/', { json, address: newAddress() })
    return json
  })()

  const successes = await times(4, () => signIn(address, '/api/v1/auth/login/', email))
  const elsewhere = await signIn(address, '/api/v1/auth/login/customer/', email)
  const another = await signIn(newAddress(), '/api/v1/auth/login/', email)

  assert.equal(statusesOf(successes), '200 200 200 429')
  assert.deepEqual([elsewhere.status, another.status], [200, 200])
})

test('Guessing at tokens is limited too', async () => {
  const address = newAddress()

  const answers = await times(41, () => house.call('GET', '/api/v1/auth/me/', { address, token: 'guess' }))

  assert.equal(answers[39]!.status, 401)
  assert.equal(answers[40]!.status, 429)
})

test('Who signs in is counted apart from the address', async () => {
  const address = newAddress()
  const person = await house.person()
  await times(41, () => from(address))

  const own = await house.call('GET', '/api/v1/auth/me/', { address, token: person.token })

  assert.equal(own.status, 200)
})

test('The state of health is never limited', async () => {
  const address = newAddress()

  const answers = await times(50, () => house.call('GET', '/api/v1/health/live/', { address }))

  assert.ok(answers.every(({ status }) => status === 200))
})

test('A limit of n lets exactly n through, whatever n is', async () => {
  const limits = createLimits(postgresStore(house.house.db))
  const now = house.ctx().now
  for (const limit of [1, 2, 9, 10, 11, 99, 105]) {
    let through = 0
    for (let i = 0; i < limit + 5; i++) if ((await limits.take(`exact ${limit}`, limit, now)) === null) through++

    assert.equal(through, limit)
  }
})

test('Addresses of one IPv6 network are one client, and those of the next are another', async () => {
  const before = await times(3, () => signIn('2001:db8:0:7::1'))
  const beside = await signIn('2001:db8:0:7:ffff::2')
  const next = await signIn('2001:db8:0:8::1', undefined, 'nobody.else@example.com')

  assert.equal(statusesOf([...before, beside, next]), '401 401 401 429 401')
  for (const [address, network] of [
    ['::1', '0:0:0:0::/64'],
    ['2001:DB8::', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['', ''],
  ] as const)
    assert.equal(networkOf(address), network)
})
