import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { Pool } from 'pg'
import { violations } from '../../test/journeys/invariants.ts'
import { createDatabase } from '../../test/postgres.ts'
import { callerOf, type Answer } from '../../test/support.ts'
import { createApp } from '../app.ts'
import { systemClock } from '../boot.ts'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/log.ts'
import { demoAccounts, makeDemo } from './demo.ts'
import { mondayOf } from './planner.ts'
import { demoPassword } from './people.ts'

type Row = Answer['body']

const database = await createDatabase()
const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-demo-'))
// What would otherwise leave the house or slow its people down is set as an operator may have it.
const config = loadConfig(
  { DATA_DIR: dataDir, LOG_LEVEL: 'silent', INVITATIONS_PER_DAY: '1', TWO_FACTOR_REQUIRED_FOR: 'administrators' },
  dataDir,
)
const log = createLogger('silent', false)
const pool = new Pool({ connectionString: database.url, max: 2 })
const rows = async (statement: string, values: unknown[] = []): Promise<Row[]> =>
  (await pool.query<Row>(statement, values)).rows
const one = async (statement: string, values: unknown[] = []): Promise<unknown> =>
  Object.values((await rows(statement, values))[0]!)[0]
const count = (from: string): Promise<unknown> => one(`SELECT count(*)::int FROM ${from}`)
after(async () => {
  await pool.end()
  await database.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

test('A demo that was interrupted is made whole by the next start, and every invariant holds in it', async () => {
  await rows(`INSERT INTO audit_log (at, action, outcome) VALUES (now(), 'demo.begun', 'done')`)
  await rows(
    `INSERT INTO users (email, email_key, role, first_name, last_name, search_text, time_zone, created_at, updated_at)
     VALUES ('customer@example.com', 'customer@example.com', 'customer', 'John', 'Doe', '', 'UTC', now(), now())`,
  )

  const made = await makeDemo(config, database.url, log)

  assert.equal(made, 'made')
  assert.deepEqual(await violations({ rows }), {})
  assert.equal(await one(`SELECT count(*)::int FROM pgboss.job WHERE state = 'failed'`), 0)
  assert.deepEqual(await rows(`SELECT email FROM users WHERE email_confirmed_at IS NULL OR password_hash IS NULL`), [])
  // The two of the admin document are for whoever follows it.
  assert.equal(
    await one(`SELECT count(*)::int FROM users WHERE email IN ('admin@example.com', 'superadmin@example.com')`),
    0,
  )
})

test('Another start leaves the demo as it is', async () => {
  const before = await one('SELECT count(*)::int FROM sessions')

  const made = await makeDemo(config, database.url, log)

  assert.equal(made, 'stands')
  assert.equal(await one('SELECT count(*)::int FROM sessions'), before)
})

test('The demo has weeks of bookings behind and before it, and what came of them', async () => {
  assert.ok(Number(await count(`bookings WHERE status = 'completed'`)) > 40)
  assert.ok(Number(await count(`bookings WHERE status = 'no_show'`)) > 0)
  assert.ok(Number(await count(`reviews WHERE text <> ''`)) > 10)
  assert.ok(Number(await count('reviews WHERE answer IS NOT NULL')) > 3)
  assert.ok(Number(await count(`bookings WHERE status = 'confirmed' AND starts_at > now()`)) > 20)
  assert.equal(await count(`bookings WHERE status = 'confirmed' AND ends_at < now() - interval '25 hours'`), 0)
  assert.ok(Number(await count('mail_outbox')) > 0)
  assert.ok(Number(await count('notifications WHERE read_at IS NULL')) > 0)
  for (const table of ['bookings', 'notifications', 'messages', 'tickets', 'payments', 'events', 'reviews'])
    assert.equal(await count(`${table} WHERE created_at > now()`), 0, `${table} tell of the future`)
})

test('The demo has a company that plans: people in a tree, rooms, series, answers and tickets in every state', async () => {
  assert.equal(
    await one(
      'SELECT count(*)::int FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE o.slug = $1',
      ['meridian'],
    ),
    14,
  )
  assert.equal(await one(`SELECT count(*)::int FROM departments WHERE head_id IS NOT NULL`), 7)
  assert.equal(await one(`SELECT count(*)::int FROM rooms WHERE check_in_minutes IS NOT NULL`), 1)
  assert.equal(
    await one(`SELECT count(*)::int FROM events WHERE recurrence_rule IS NOT NULL AND room_id IS NOT NULL`),
    2,
  )
  assert.equal(await one(`SELECT count(*)::int FROM event_overrides`), 1)
  assert.deepEqual(
    await rows(`SELECT status, count(*)::int AS n FROM tickets GROUP BY status ORDER BY status`),
    [
      ['closed', 2],
      ['in_progress', 3],
      ['open', 3],
      ['resolved', 2],
    ].map(([status, n]) => ({ status, n })),
  )
})

test('Whoever starts the demo signs in with each printed account and finds something', async (t) => {
  const open = { ...config, TWO_FACTOR_REQUIRED_FOR: 'none', AUTH_RATE_LIMIT_PER_MINUTE: 1000 } as const
  const app = await createApp({ config: open, databaseUrl: database.url, log, clock: systemClock })
  t.after(() => app.stop())
  await app.http.ready()
  const call = callerOf(app.http)
  const as = async (email: string): Promise<(url: string) => Promise<Row>> => {
    const json = { email, password: demoPassword }
    const signedIn = await call('POST', '/api/v1/auth/login/', { json })
    assert.equal(signedIn.status, 200, signedIn.text)
    return async (url) => {
      const answer = await call('GET', `/api/v1${url}`, { token: signedIn.body['data'].access })
      assert.equal(answer.status, 200, answer.text)
      return answer.body['data']
    }
  }
  const accounts = demoAccounts().split(', ')
  const [customer, provider, owner, admin, it, employee, manager] = await Promise.all(accounts.map(as))
  const monday = mondayOf(systemClock())
  const week = `from=${monday.toString()}T00:00:00Z&to=${monday.add({ days: 5 }).toString()}T00:00:00Z`

  const found = {
    bookings: await customer!('/bookings/'),
    isVerified: (await provider!('/auth/profile/'))['provider_profile'].is_verified,
    salon: await owner!('/organizations/'),
    colleagues: await admin!('/users/?page_size=100'),
    tickets: await it!('/tickets/'),
    week: await employee!(`/events/?${week}`),
    support: await manager!('/message/support/'),
    documents: await manager!('/documents/?status=pending'),
  }

  assert.equal(accounts.length, 10)
  assert.ok(found.bookings['count'] > 0 && found.week['count'] > 3)
  assert.equal(found.isVerified, true)
  assert.deepEqual([found.salon['count'], found.tickets['count'], found.documents['count']], [1, 10, 1])
  assert.ok(found.support['results'].some((chat: Row) => chat['unread_count'] > 1))
})

test('An interrupted demo to which somebody came is left as it is, and the start says so', async () => {
  await rows(`INSERT INTO audit_log (at, action, outcome) VALUES (now(), 'demo.begun', 'done')`)
  const before = await one('SELECT count(*)::int FROM bookings')

  const made = await makeDemo(config, database.url, log)

  assert.equal(made, 'unfinished')
  assert.equal(await one('SELECT count(*)::int FROM bookings'), before)
})
