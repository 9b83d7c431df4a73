import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { googleOf } from './client/index.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { syncConnection } from './service/busy.ts'
import { book, connect, openShop, work, type Json } from './support.fixture.ts'

/** Consents that cross on their way: with another consent, with an erasure, with somebody else's of the same account. */
const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.oauth, ...google.account, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const customer = await house.person('customer')

beforeEach(() => {
  Object.assign(google, { mood: null, tokenMood: null })
  google.calls.length = 0
})
const consent = async (person: Person, account: string): Promise<{ code: string; state: string }> => {
  const begun = await house.call('POST', '/api/v1/google/connect/', { token: person.token })
  const { code, state } = google.consents.consent(begun.body['data'].authorization_url, account)
  return { code, state }
}
const end = (person: Person, json: object): Promise<Answer> =>
  house.call('POST', '/api/v1/google/callback/', { token: person.token, json })
const disconnect = (person: Person): Promise<Answer> =>
  house.call('DELETE', '/api/v1/google/connection/', { token: person.token })
const erase = (person: Person): Promise<Answer> =>
  house.call('DELETE', '/api/v1/auth/profile/', { token: person.token, json: { password: person.password } })
const statusOf = async (person: Person): Promise<string> =>
  (await house.call('GET', '/api/v1/google/connection/', { token: person.token })).body['data'].status
const rowsOf = (person: Person) =>
  house.house.db.selectFrom('google_connections').where('user_id', '=', person.id).selectAll().execute()
const isLive = (account: string): boolean =>
  [...google.consents.grants.values()].some((grant) => grant.account === account && grant.live)
const poll = async (): Promise<void> => {
  await house.house.jobs.run('google.poll')
  await work(house)
}
const standing = (account: string, id: number): Json | undefined =>
  google.standing(account).find((one) => one['extendedProperties']?.private.banister_booking === String(id))

/** Begins something that asks for tokens, and answers once Google has been asked; `let go` has it answered. */
async function holdTokens<T>(begun: () => Promise<T>): Promise<{ letGo: () => Promise<T> }> {
  const { promise, resolve } = Promise.withResolvers<void>()
  google.tokenHeld = promise
  const before = google.consents.signIns
  const slow = begun()
  while (google.consents.signIns === before) await new Promise((next) => setImmediate(next))
  return {
    letGo: () => {
      resolve()
      return slow
    },
  }
}

test('That an earlier consent is gone, told late, does not end the one that the person has given since', async () => {
  const person = await house.person('provider')
  await connect(house, google, person, 'again@gmail.example')
  const { id } = (await rowsOf(person))[0]!
  google.consents.withdraw('again@gmail.example')
  googleOf(house).forget(id)
  const late = await holdTokens(() => syncConnection(house.ctx(), { connection_id: id }))

  const answer = await end(person, await consent(person, 'again@gmail.example'))
  await late.letGo()
  await work(house)

  assert.equal(answer.status, 200, answer.text)
  assert.equal(await statusOf(person), 'active')
  const told = await house.call('GET', '/api/v1/notifications/', { token: person.token })
  assert.doesNotMatch(told.text, /google_disconnected/)
})

test('Who erases their account while Google gives tokens has nothing connected, and the consent is given back', async () => {
  const person = await house.person('provider')
  const given = await consent(person, 'ghost@gmail.example')
  const late = await holdTokens(() => end(person, given))
  const erased = await erase(person)
  await house.drain()

  const answer = await late.letGo()
  const between = await rowsOf(person)
  await work(house)

  assert.equal(erased.status, 200, erased.text)
  assert.equal(answer.status, 401, answer.text)
  assert.deepEqual(
    between.map(({ state, account }) => [state, account]),
    [['ending', null]],
  )
  assert.deepEqual(await rowsOf(person), [])
  assert.equal(isLive('ghost@gmail.example'), false)
})

test('Two people who share a Google account keep it when one of them leaves, however they leave; the last one gives it back', async () => {
  const people = [
    await house.person('provider'),
    await house.person('provider'),
    await house.person('provider'),
  ] as const
  for (const person of people) await connect(house, google, person, 'salon@gmail.example')
  const [first, second, last] = people

  await disconnect(first)
  await work(house)
  await erase(second)
  await house.drain(true)
  await poll()
  const kept = [await statusOf(last), isLive('salon@gmail.example')]
  await disconnect(last)
  await work(house)

  assert.deepEqual(kept, ['active', true])
  assert.deepEqual((await Promise.all(people.map(rowsOf))).flat(), [])
  assert.equal(isLive('salon@gmail.example'), false)
})

test('Bookings of who disconnects, or whose consent is gone, come to stand in the calendar of the platform', async () => {
  const [leaver, loser] = [await house.person('provider'), await house.person('provider')]
  await connect(house, google, leaver, 'leaver@gmail.example')
  await connect(house, google, loser, 'loser@gmail.example')
  const left = await book(house, customer, await openShop(house, leaver), '2026-01-15T09:00:00Z')
  const lost = await book(house, customer, await openShop(house, loser), '2026-01-15T11:00:00Z')
  await work(house)
  const before = [standing('platform', left), standing('platform', lost)]

  await disconnect(leaver)
  google.consents.withdraw('loser@gmail.example')
  await poll()
  await work(house)

  assert.deepEqual(before, [undefined, undefined])
  assert.ok(standing('platform', left))
  assert.ok(standing('platform', lost))
  assert.ok(standing('leaver@gmail.example', left), 'what stands there stays with its person')
  assert.deepEqual(google.problems, [])
})

test('Who gives more bookings than are written at once has all of them noted: none is forgotten', async () => {
  const person = await house.person('provider')
  const id = await book(house, customer, await openShop(house, person), '2026-01-16T09:00:00Z')
  await work(house)
  const { db } = house.house
  const [{ columns }] = (
    await sql<{ columns: string }>`
      SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
      WHERE table_schema = current_schema() AND table_name = 'bookings' AND is_identity = 'NO' AND is_generated = 'NEVER'`.execute(
      db,
    )
  ).rows as [{ columns: string }]
  await sql`
    INSERT INTO bookings (${sql.raw(columns)})
    SELECT ${sql.raw(columns)} FROM bookings, generate_series(1, 1001) WHERE id = ${id}`.execute(db)

  const answer = await end(person, await consent(person, 'busy@gmail.example'))

  assert.equal(answer.status, 200, answer.text)
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::integer AS count FROM google_events JOIN bookings ON bookings.id = booking_id
    WHERE provider_id = ${person.id} AND dirty_at IS NOT NULL`.execute(db)
  assert.equal(rows[0]!.count, 1002)
})
