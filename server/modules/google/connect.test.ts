import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { book, connect, freeStarts, openShop, work } from './support.fixture.ts'

const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.oauth, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })

beforeEach(() => {
  Object.assign(google, { mood: null, tokenMood: null })
})
const begin = async (person: Person): Promise<string> =>
  (await house.call('POST', '/api/v1/google/connect/', { token: person.token })).body['data'].authorization_url
const end = (person: Person, json: object) =>
  house.call('POST', '/api/v1/google/callback/', { token: person.token, json })
const state = async (person: Person) =>
  (await house.call('GET', '/api/v1/google/connection/', { token: person.token })).body['data']
const sendBack = ({ code, state: given }: { code: string; state: string }) => ({ code, state: given })

test('A person connects their calendar: Google sends them back to this house only, with a proof that only they can end', async () => {
  const person = await house.person('provider')
  const before = await state(person)

  const consent = google.consents.consent(await begin(person), 'jane@gmail.example')
  const done = await end(person, sendBack(consent))
  await work(house)

  assert.equal(before.status, 'not_connected')
  assert.equal(consent.redirect, 'https://book.example.com/google/callback/')
  assert.equal(done.status, 200, done.text)
  const now = await state(person)
  assert.deepEqual([now.status, now.account, now.is_live], ['active', 'jane@gmail.example', true])
  assert.ok(now.synced_at)
  const row = await house.house.db.selectFrom('google_connections').select('refresh_token').executeTakeFirstOrThrow()
  assert.ok(![...google.consents.grants.keys()].some((token) => row.refresh_token?.includes(token)))
  assert.doesNotMatch(done.text, /refresh-|access-/)
  assert.deepEqual(google.problems, [])
})

test('A consent that somebody else began, that was used, that is old or that is made up connects nothing', async () => {
  const [person, thief] = [await house.person('provider'), await house.person('provider')]
  const stolen = google.consents.consent(await begin(person), 'victim@gmail.example')
  const byThief = await end(thief, sendBack(stolen))
  const first = await end(person, sendBack(stolen))
  const again = await end(person, sendBack(stolen))
  const old = google.consents.consent(await begin(thief), 'old@gmail.example')
  house.pass({ minutes: 11 })

  const late = await end(thief, sendBack(old))
  const madeUp = await end(thief, { code: 'x', state: 'y' })
  const wrongCode = await end(thief, {
    code: 'code-none',
    state: new URL(await begin(thief)).searchParams.get('state'),
  })

  assert.equal(first.status, 200, first.text)
  assert.deepEqual(
    [byThief, again, late, madeUp, wrongCode].map(({ status }) => status),
    [400, 400, 400, 400, 400],
  )
  assert.equal((await state(thief)).status, 'not_connected')
})

test('Another consent of the same person takes the place of the first, and one without the calendar is refused', async () => {
  const person = await house.person('provider')
  const first = google.consents.consent(await begin(person), 'a@gmail.example')
  const second = google.consents.consent(await begin(person), 'b@gmail.example', 'openid email')

  const replaced = await end(person, sendBack(first))
  const partial = await end(person, sendBack(second))

  assert.equal(replaced.status, 400)
  assert.equal(partial.status, 409)
  assert.equal((await state(person)).status, 'not_connected')
})

test('Nobody sees or ends another’s connection', async () => {
  const [person, other] = [await house.person('provider'), await house.person('super_admin')]
  await connect(house, google, person, 'own@gmail.example')

  const seen = await state(other)
  const ended = await house.call('DELETE', '/api/v1/google/connection/', { token: other.token })
  const unknown = await house.call('GET', '/api/v1/google/connection/')

  assert.deepEqual([seen.status, seen.account], ['not_connected', null])
  assert.equal(ended.status, 200)
  assert.equal(unknown.status, 401)
  assert.equal((await state(person)).status, 'active')
})

test('Disconnecting stops the channel and gives the consent back, also when Google comes back only later', async () => {
  const person = await house.person('provider')
  const service = await openShop(house, person)
  google.put('gone@gmail.example', {
    id: 'busyone',
    start: { dateTime: '2026-01-14T09:00:00Z' },
    end: { dateTime: '2026-01-14T10:00:00Z' },
  })
  await connect(house, google, person, 'gone@gmail.example')
  const busy = await freeStarts(house, service, '2026-01-14')
  google.mood = { status: 500 }

  const answer = await house.call('DELETE', '/api/v1/google/connection/', { token: person.token })
  await work(house)
  const open = await freeStarts(house, service, '2026-01-14')
  const revokedBefore = google.consents.revoked.length
  google.mood = null
  house.pass({ minutes: 2 })
  await house.drain(true)

  assert.equal(answer.status, 200)
  assert.equal((await state(person)).status, 'not_connected')
  assert.ok(!busy.includes('2026-01-14T09:00:00Z'))
  assert.ok(open.includes('2026-01-14T09:00:00Z'))
  assert.equal(google.consents.revoked.length, revokedBefore + 1)
  assert.equal([...google.channels.values()].filter(({ account }) => account === 'gone@gmail.example').length, 0)
  const left = await house.house.db
    .selectFrom('google_connections')
    .where('user_id', '=', person.id)
    .select('id')
    .execute()
  assert.deepEqual(left, [])
})

test('A consent that was taken back at Google switches the connection off and tells the person, once', async () => {
  const person = await house.person('provider')
  const customer = await house.person('customer')
  const service = await openShop(house, person)
  google.put('back@gmail.example', {
    id: 'busytwo',
    start: { dateTime: '2026-01-14T09:00:00Z' },
    end: { dateTime: '2026-01-14T10:00:00Z' },
  })
  await connect(house, google, person, 'back@gmail.example')
  google.consents.withdraw('back@gmail.example')

  const booking = await book(house, customer, service, '2026-01-15T09:00:00Z')
  await work(house)
  await house.house.jobs.run('google.poll')
  await work(house)

  assert.equal((await state(person)).status, 'revoked')
  assert.ok((await freeStarts(house, service, '2026-01-14')).includes('2026-01-14T09:00:00Z'))
  const told = await house.call('GET', '/api/v1/notifications/', { token: person.token })
  const kinds = told.body['data'].results.map((one: { kind: string }) => one.kind)
  assert.equal(kinds.filter((kind: string) => kind === 'google_disconnected').length, 1)
  const seen = await house.call('GET', `/api/v1/bookings/${booking}/`, { token: customer.token })
  assert.equal(seen.body['data'].status, 'confirmed')
  await connect(house, google, person, 'back@gmail.example')
  assert.equal((await state(person)).status, 'active')
  assert.equal(google.standing('back@gmail.example').length, 2, 'what was booked meanwhile is written then')
})

test('Who erases their account leaves no token and no consent', async () => {
  const person = await house.person('provider')
  await connect(house, google, person, 'erased@gmail.example')
  await begin(person)

  const erased = await house.call('DELETE', '/api/v1/auth/profile/', {
    token: person.token,
    json: { password: person.password },
  })
  await house.drain(true)

  assert.equal(erased.status, 200, erased.text)
  const { db } = house.house
  assert.deepEqual(await db.selectFrom('google_connections').where('user_id', '=', person.id).selectAll().execute(), [])
  assert.deepEqual(await db.selectFrom('google_consents').where('user_id', '=', person.id).selectAll().execute(), [])
  assert.equal(
    [...google.consents.grants.values()].find(({ account }) => account === 'erased@gmail.example')!.live,
    false,
  )
})

test('Without an OAuth client nothing can be connected, and it is said so', async () => {
  const bare = await openHouse()
  const person = await bare.person('provider')

  const begun = await bare.call('POST', '/api/v1/google/connect/', { token: person.token })
  const seen = await bare.call('GET', '/api/v1/google/connection/', { token: person.token })

  assert.equal(begun.status, 409)
  assert.equal(seen.body['data'].status, 'unavailable')
})
