import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { googleOf } from './client/index.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { syncConnection } from './service/busy.ts'
import { disconnect } from './service/end.ts'
import { connect, freeStarts, openShop, work, type Json } from './support.fixture.ts'

/** What Google may answer and never should: halves, nonsense, and what no database can keep. */
const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.oauth, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const provider = await house.person('provider')
const service = await openShop(house, provider)
const account = 'jane@gmail.example'
const day = '2026-01-14'
await connect(house, google, provider, account)

beforeEach(() => {
  Object.assign(google, { mood: null, tokenOdd: {}, listOdd: {}, forgets: false })
  google.calls.length = 0
  google.asked.length = 0
})
const { id } = await house.house.db.selectFrom('google_connections').select('id').executeTakeFirstOrThrow()
const sync = (): Promise<void> => syncConnection(house.ctx(), { connection_id: id })
const at = (time: string): Json => ({ dateTime: `${day}T${time}:00Z` })
const free = (): Promise<string[]> => freeStarts(house, service, day)

const odd: [what: string, event: Json, blocks: string | null][] = [
  ['that began before our era', { start: { dateTime: '-002000-01-01T00:00:00Z' }, end: at('10:00') }, '09:00'],
  ['that ends in a far millennium', { start: at('16:00'), end: { dateTime: '+200000-01-01T00:00:00Z' } }, '16:00'],
  [
    'of less than a millisecond',
    { start: { dateTime: `${day}T11:00:00.000000001Z` }, end: { dateTime: `${day}T11:00:00.000000002Z` } },
    null,
  ],
  ['whose guests are no list', { start: at('12:00'), end: at('13:00'), attendees: { self: true } }, '12:00'],
  ['without any time', { start: null, end: null }, null],
  [
    'in a zone that nobody knows, of a day that is none',
    { start: { date: '2026-02-31' }, end: { date: '2026-03-01' } },
    null,
  ],
]
for (const [what, event, blocks] of odd) {
  test(`An event ${what} keeps no other from being read`, async () => {
    google.listOdd = {
      items: [
        { id: 'odd00', ...event },
        { id: 'good0', start: at('14:00'), end: at('15:00') },
      ],
    }

    await sync()
    const starts = await free()
    google.listOdd = { items: ['odd00', 'good0'].map((one) => ({ id: one, status: 'cancelled' })) }
    await sync()

    assert.ok(!starts.includes(`${day}T14:00:00Z`))
    if (blocks !== null) assert.ok(!starts.includes(`${day}T${blocks}:00Z`))
    assert.equal((await free()).length, 15)
  })
}

test('Half an answer changes nothing of what was read, and is asked for again', async () => {
  google.put(account, { id: 'lunch0', start: at('12:00'), end: at('13:00') })
  await sync()
  google.forgets = true

  for (const listOdd of [{ items: 'none' }, { items: [null] }, { items: [{ id: 5 }] }, { nextSyncToken: null }]) {
    google.listOdd = listOdd
    await assert.rejects(sync(), /Failed|no list|no end/)
  }

  assert.ok(!(await free()).includes(`${day}T12:00:00Z`))
})

test('A sync token that Google takes for none at all makes the calendar be read anew, as one that is too old does', async () => {
  google.put(account, { id: 'late0', start: at('15:00'), end: at('16:00') })
  google.forgets = 400

  await sync()

  assert.ok(!(await free()).includes(`${day}T15:00:00Z`))
})

test('Google is asked when events are and not what they say, nor who else comes', async () => {
  await sync()

  assert.match(google.asked[0]!['fields']!, /start,end/)
  assert.doesNotMatch(google.asked[0]!['fields']!, /summary|description|location|email/)
  assert.equal(google.asked[0]!['maxAttendees'], '1')
  assert.deepEqual(google.problems, [])
})

for (const tokenOdd of [{ expires_in: 3599.5 }, { expires_in: 1e30 }, { expires_in: -5 }, { expires_in: 'soon' }]) {
  test(`A token that lives for ${tokenOdd.expires_in} seconds is used all the same`, async () => {
    googleOf(house).forget(id)
    google.tokenOdd = tokenOdd

    await sync()

    assert.equal(google.count('events.list'), 1)
  })
}

test('A token that is none of a header’s is not repeated in an error', async () => {
  googleOf(house).forget(id)
  google.tokenOdd = { access_token: 'secret\nline' }

  await assert.rejects(sync(), (error: Error) => /no access token/.test(error.message) && !/secret/.test(error.message))
})

test('While Google is away the reads of a calendar do not pile up: afterwards it is read once', async () => {
  await sync()
  google.mood = { status: 503 }
  for (let quarter = 0; quarter < 4; quarter++) {
    house.pass({ minutes: 15 })
    await house.house.jobs.run('google.poll')
    await work(house)
  }
  google.mood = null
  google.calls.length = 0
  house.pass({ minutes: 1 })

  await house.drain(true)

  assert.equal(google.count('events.list'), 1)
})

const kept = () => house.house.db.selectFrom('claims').where('source_kind', '=', 'import').select('during').execute()

test('When somebody was busy is forgotten a day later, and all of it when they disconnect', async () => {
  await sync()
  const before = (await kept()).length
  house.pass({ hours: 3 * 24 + 12 })
  google.put(account, {
    id: 'later0',
    start: { dateTime: '2026-01-20T09:00:00Z' },
    end: { dateTime: '2026-01-20T10:00:00Z' },
  })
  await sync()

  await house.house.jobs.run('google.tend')
  const left = (await kept()).length
  house.pass({ hours: 5 * 24 })
  await disconnect(house.ctx(), provider.id)

  assert.ok(before > 1)
  assert.equal(left, 1)
  assert.deepEqual(await kept(), [])
})
