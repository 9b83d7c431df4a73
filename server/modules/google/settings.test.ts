import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadConfig } from '../../platform/config.ts'
import { openHouse } from '../../../test/support.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { book, invite, openShop, work } from './support.fixture.ts'

const google = await startGoogle()
after(() => google.stop())

const problemsOf = (environment: Record<string, string>): string => {
  try {
    loadConfig(environment, '/nonexistent')
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

test('Settings of Google that do not go together, or are none, are named at the start', () => {
  const alone = problemsOf({ GOOGLE_CLIENT_ID: 'x', GOOGLE_SERVICE_ACCOUNT_SUBJECT: 'boss@work.example' })
  const wrong = problemsOf({
    GOOGLE_SERVICE_ACCOUNT_FILE: '/nonexistent/key.json',
    GOOGLE_CALENDAR_ID: 'our calendar',
    GOOGLE_SERVICE_ACCOUNT_SUBJECT: 'boss',
  })
  const open = problemsOf({
    ENVIRONMENT: 'production',
    GOOGLE_API_BASE: 'http://google.example',
    GOOGLE_OAUTH_BASE: 'http://google.example',
  })

  assert.match(alone, /GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are set together/)
  assert.match(alone, /GOOGLE_SERVICE_ACCOUNT_SUBJECT needs GOOGLE_SERVICE_ACCOUNT_FILE/)
  for (const name of ['GOOGLE_SERVICE_ACCOUNT_FILE', 'GOOGLE_CALENDAR_ID', 'GOOGLE_SERVICE_ACCOUNT_SUBJECT'])
    assert.match(wrong, new RegExp(`^  ${name} `, 'm'))
  assert.match(open, /GOOGLE_API_BASE must begin with https/)
  assert.match(open, /GOOGLE_OAUTH_BASE must begin with https/)
})

test('A service account that is for other things writes no bookings, and no booking costs a job without Google', async () => {
  const house = await openHouse({ ...google.account, GOOGLE_CALENDAR_ID: 'none' })
  const bare = await openHouse()
  const jobsOf = async (where: typeof house): Promise<string[]> => {
    const [seller, buyer] = [await where.person('provider'), await where.person('customer')]
    const service = await openShop(where, seller)
    await work(where)
    const id = await book(where, buyer, service, '2026-01-13T09:00:00Z')
    const { rows } = await where.house.pool.query<{ listener: string }>(
      `SELECT data ->> 'listener' AS listener FROM pgboss.job WHERE state = 'created' AND data ->> 'name' = 'booking.created'`,
    )
    const answer = await invite(where, buyer, id)
    assert.equal(answer.status, 503, answer.text)
    await work(where)
    return rows.map(({ listener }) => listener)
  }

  const [listeners, without] = [await jobsOf(house), await jobsOf(bare)]

  assert.ok(listeners.includes('google.bookingChanged'))
  assert.ok(without.length > 0 && !without.includes('google.bookingChanged'))
  assert.deepEqual(google.calls, [])
})
