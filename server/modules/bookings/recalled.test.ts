import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { book, offer, openHours } from './support.fixture.ts'

/** Whoever has asked before is recalled by the node that they asked (decision 0035): what has changed since, on another node, holds all the same from that moment. */
const house = await openHouse({ GUEST_MAILS_PER_DAY: '5' })
const ana = await house.person('provider')
await openHours(house, ana)
const service = await offer(house, ana)

const told = ({ status, body }: Answer): string => [status, body['error']?.error_number].filter(Boolean).join(' ')
const bookingsOf = async (person: Person): Promise<number> =>
  (await house.house.db.selectFrom('bookings').select('id').where('customer_id', '=', person.id).execute()).length

/** Every way to ask, after this node has seen them. */
const ways: Record<string, (person: Person) => Promise<Answer>> = {
  'a list': (person) => house.call('GET', '/api/v1/bookings/', { token: person.token }),
  'a table': (person) => house.call('GET', '/api/v1/payments/?format=csv', { token: person.token }),
  'what is not there': (person) => house.call('GET', '/api/v1/bookings/999999/', { token: person.token }),
  'a wrong query': (person) => house.call('GET', '/api/v1/bookings/?page=nothing', { token: person.token }),
  'a page of others': (person) => house.call('GET', '/api/v1/users/', { token: person.token }),
  'a booking': (person) => book(house, person, service, '2026-01-15T10:00:00Z'),
  'a booking with a key': (person) =>
    house.call('POST', '/api/v1/bookings/', {
      token: person.token,
      json: { service, date: '2026-01-15T10:00:00Z' },
      headers: { 'idempotency-key': `key-${person.id}` },
    }),
  'a booking at a wrong time': (person) => book(house, person, service, '2026-01-15T10:07:00Z'),
  'a booking without a service': (person) => house.call('POST', '/api/v1/bookings/', { token: person.token, json: {} }),
  'a booking of what is not there': (person) => book(house, person, 999_999, '2026-01-15T10:00:00Z'),
  'another method': (person) => house.call('DELETE', '/api/v1/bookings/', { token: person.token }),
}

test('Whose session has ended on another node is told so whatever they ask, and nothing is done for them', async (t) => {
  const other = await nodeBeside(house, t)
  for (const [way, ask] of Object.entries(ways)) {
    const jane = await house.person()
    // The service and Jane are known here now.
    assert.equal(
      (await house.call('GET', `/api/v1/services/${service}/slots/?from=2026-01-15&to=2026-01-15`)).status,
      200,
    )
    assert.equal((await house.call('GET', '/api/v1/bookings/', { token: jane.token })).status, 200)
    await other.call('POST', '/api/v1/auth/logout/', { token: jane.token })

    assert.equal(told(await ask(jane)), '401 AUTHENTICATION_FAILED', way)
    assert.equal(told(await ask(jane)), '401 AUTHENTICATION_FAILED', way)
    assert.equal(await bookingsOf(jane), 0, way)
    const { rows } = await house.house.pool.query('SELECT FROM idempotency_keys WHERE actor = $1', [`user:${jane.id}`])
    assert.equal(rows.length, 0, way)
  }
})

test('Of two who ask for one time at once, whose session has ended gets nothing and the other one the time', async (t) => {
  const other = await nodeBeside(house, t)
  const [jane, mary] = [await house.person(), await house.person()]
  for (const { token } of [jane, mary]) await house.call('GET', '/api/v1/bookings/', { token })
  await other.call('POST', '/api/v1/auth/logout/', { token: jane.token })

  const answers = await Promise.all(
    [jane, mary, jane, jane].map((who) => book(house, who, service, '2026-01-16T10:00:00Z')),
  )

  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 201, 401, 401],
  )
})

test('Who has become somebody else on another node is at once: another role, another language, an account that is closed', async (t) => {
  const other = await nodeBeside(house, t)
  const boss = await house.person('super_admin')
  const manager = await house.person('management')
  const users = (): Promise<Answer> => house.call('GET', '/api/v1/users/', { token: manager.token })
  const permit = async (action: 'grant' | 'revoke'): Promise<void> => {
    const json = { admin_user_id: manager.id, permissions: ['user_management'] }
    const done = await other.call(action === 'grant' ? 'POST' : 'DELETE', `/api/v1/auth/admin/permissions/${action}/`, {
      token: boss.token,
      json,
    })
    assert.equal(done.status, 200, done.text)
  }
  assert.equal((await users()).status, 403)
  await permit('grant')
  assert.equal((await users()).status, 200)
  await permit('revoke')
  assert.equal((await users()).status, 403)

  const jane = await house.person()
  const list = (): Promise<Answer> => house.call('GET', '/api/v1/bookings/', { token: jane.token })
  assert.equal((await list()).body['message'], 'Bookings retrieved successfully')
  await other.call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: { profile: { locale: 'uk' } } })
  assert.notEqual((await list()).body['message'], 'Bookings retrieved successfully')
  const wrong = await house.call('GET', '/api/v1/bookings/999999/', { token: jane.token })
  assert.equal(wrong.status, 404)
  const closed = await other.call('PUT', `/api/v1/users/${jane.id}/`, {
    token: boss.token,
    json: { is_active: false },
  })
  assert.equal(closed.status, 200, closed.text)
  assert.equal((await list()).status, 401)
  assert.equal((await book(house, jane, service, '2026-01-19T10:00:00Z')).status, 401)
})

test('A booking of somebody whose language has changed meanwhile is made once, and told in it', async (t) => {
  const other = await nodeBeside(house, t)
  const jane = await house.person()
  await house.call('GET', '/api/v1/bookings/', { token: jane.token })
  await other.call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: { profile: { locale: 'ru' } } })

  const made = await book(house, jane, service, '2026-01-20T10:00:00Z')

  assert.equal(made.status, 201, made.text)
  assert.notEqual(made.body['message'], 'Booking created successfully')
  assert.equal(await bookingsOf(jane), 1)
})

test('Whose session has ended is nobody any more: they are told so in the language that they ask for', async (t) => {
  const other = await nodeBeside(house, t)
  const jane = await house.person()
  await house.call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: { profile: { locale: 'ru' } } })
  const list = (): Promise<Answer> =>
    house.call('GET', '/api/v1/bookings/', { token: jane.token, headers: { 'accept-language': 'es' } })
  await list()
  await other.call('POST', '/api/v1/auth/logout/', { token: jane.token })

  const first = await list()
  const second = await list()

  assert.equal(first.status, 401)
  assert.equal(first.body['error'].error_message, second.body['error'].error_message)
})

test('A mail to a guest is counted once, also where somebody’s language has changed meanwhile, and not for whose session has ended', async (t) => {
  const other = await nodeBeside(house, t)
  const counted = async (): Promise<number | undefined> =>
    (
      await house.house.db
        .selectFrom('rate_limits')
        .select('count')
        .where('key', '=', `guest-mails:user:${ana.id}`)
        .executeTakeFirst()
    )?.count
  const guest = { name: 'Bo', email: 'bo@example.com' }
  const enter = (date: string): Promise<Answer> => book(house, ana, service, date, { guest })
  await house.call('GET', '/api/v1/bookings/', { token: ana.token })
  await other.call('PATCH', '/api/v1/auth/profile/', { token: ana.token, json: { profile: { locale: 'es' } } })

  assert.equal((await enter('2026-01-21T10:00:00Z')).status, 201)
  assert.equal((await enter('2026-01-21T11:00:00Z')).status, 201)
  assert.equal(await counted(), 2)
  await other.call('POST', '/api/v1/auth/logout/', { token: ana.token })
  assert.equal((await enter('2026-01-21T12:00:00Z')).status, 401)
  assert.equal(await counted(), 2)
})
