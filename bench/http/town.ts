import { mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { createApp } from '../../server/app.ts'
import { loadMany, type Size } from '../../server/demo/load.ts'
import { demoPassword } from '../../server/demo/people.ts'
import { hashPassword } from '../../server/modules/accounts/index.ts'
import { reindexCatalog } from '../../server/modules/catalog/index.ts'
import { rebuildFigures } from '../../server/modules/insights/index.ts'
import { migrate, migrationsHash } from '../../server/platform/db/migrate.ts'
import { startEmbedded, type EmbeddedServer } from '../../server/platform/embedded/index.ts'
import { createLogger } from '../../server/platform/log.ts'
import { benchConfig, benchNow } from './settings.ts'

/** Services and bookings of everybody, and how many past bookings each of the fifty providers has who are asked about. */
export type TownSize = Size & { history: number }

export const small: TownSize = { services: 1000, bookings: 10_000, history: 0 }
export const large: TownSize = { services: 100_000, bookings: 1_000_000, history: 5000 }

/** So many providers of the category `Bench` with one service each, whose next thirty days have 200 bookings. */
export const askedProviders = 50
/** Bookings of the asking customer that may be moved, from the sixtieth day on. */
export const movable = 1600

export type Town = {
  /** A copy to be written to by the server, and one that begins the same for the statements of its requests. */
  url: string
  replayUrl: string
  dataDir: string
  /** Ids of the services of the fifty, in the order of their providers. */
  services: number[]
  customer: { id: number; email: string; password: string; sessionId: number }
  /** Bookings of the customer, each at an even hour with the next one free. */
  bookings: { id: number; startsAt: Temporal.Instant }[]
}

const dataDir = join(tmpdir(), `banister-bench-${userInfo().uid}`)
let server: Promise<EmbeddedServer> | undefined
const towns = new Map<TownSize, Promise<Town>>()

/** The database of this size: made once and kept between runs, copied for each. */
export function openTown(size: TownSize): Promise<Town> {
  let town = towns.get(size)
  if (!town) {
    town = prepare(size)
    towns.set(size, town)
  }
  return town
}

export async function closeTowns(): Promise<void> {
  await (await server)?.stop()
}

async function prepare(size: TownSize): Promise<Town> {
  mkdirSync(dataDir, { recursive: true })
  server ??= startEmbedded({ dataDir })
  const { url } = await server
  const name = `bench_${size.services}_${size.bookings}_${migrationsHash()}`
  const at = (database: string): string => {
    const target = new URL(url)
    target.pathname = `/${database}`
    return target.href
  }
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) {
      await client.query('DROP DATABASE IF EXISTS bench_unfinished WITH (FORCE)')
      if (!(await carriedOver(client, size, at))) {
        console.log(`making a database of ${size.services} services and ${size.bookings} bookings`)
        await client.query('CREATE DATABASE bench_unfinished')
        await fill(at('bench_unfinished'), size)
      }
      await client.query(`ALTER DATABASE bench_unfinished RENAME TO ${name}`)
    }
    const { rows } = await client.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE datname ~ '^bench_[0-9]+_[0-9]+_' AND NOT starts_with(datname, $1) AND starts_with(datname, $2)`,
      [name, `bench_${size.services}_${size.bookings}_`],
    )
    // Made by other migrations: never of use again, and large.
    for (const old of rows) await client.query(`DROP DATABASE ${old.name} WITH (FORCE)`)
    for (const copy of [`${name}_run`, `${name}_again`]) {
      await client.query(`DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`)
      await client.query(`CREATE DATABASE ${copy} TEMPLATE ${name} STRATEGY FILE_COPY`)
    }
  })
  return withClient(at(`${name}_run`), async (client) => ({
    url: at(`${name}_run`),
    replayUrl: at(`${name}_again`),
    dataDir,
    services: (
      await client.query<{ id: number }>(`SELECT id FROM services WHERE category = 'Bench' ORDER BY id`)
    ).rows.map(({ id }) => id),
    customer: {
      ...(
        await client.query<{ id: number; sessionId: number }>(
          `SELECT u.id, s.id AS "sessionId" FROM users u JOIN sessions s ON s.user_id = u.id WHERE email = $1`,
          [customerEmail],
        )
      ).rows[0]!,
      email: customerEmail,
      password: demoPassword,
    },
    bookings: (
      await client.query<{ id: number; startsAt: Temporal.Instant }>(
        `SELECT b.id, starts_at AS "startsAt" FROM bookings b JOIN users u ON u.id = b.customer_id AND u.email = $1
       WHERE starts_at > $2::timestamptz + interval '50 days' ORDER BY starts_at, b.id`,
        [customerEmail, benchNow.toString()],
      )
    ).rows,
  }))
}

/** Takes over a database that was made before there were some of the migrations: a large one takes long to make. */
async function carriedOver(client: Client, size: TownSize, at: (database: string) => string): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE datname ~ $1 ORDER BY oid DESC LIMIT 1',
    [`^bench_${size.services}_${size.bookings}_[0-9a-f]+$`],
  )
  if (!rows[0]) return false
  await client.query(`ALTER DATABASE ${rows[0].name} RENAME TO bench_unfinished`)
  try {
    await migrate(at('bench_unfinished'))
  } catch {
    // Made by migrations that have changed since.
    await client.query('DROP DATABASE bench_unfinished WITH (FORCE)')
    return false
  }
  await withClient(at('bench_unfinished'), (town) => town.query('VACUUM ANALYZE'))
  return true
}

const customerEmail = 'asking@bench.example.com'

async function fill(url: string, { services, bookings, history }: TownSize): Promise<void> {
  await migrate(url)
  await loadMany(url, { services, bookings }, benchNow)
  await withClient(url, (client) => addAsked(client, history))
  const config = benchConfig(dataDir)
  const app = await createApp({ config, databaseUrl: url, log: createLogger('silent', false), clock: () => benchNow })
  await reindexCatalog(app.contextFor('bench'))
  await rebuildFigures(app.contextFor('bench'))
  await app.stop()
  await withClient(url, (client) => client.query('VACUUM ANALYZE'))
}

/** The fifty providers, who work 09:00 to 18:00 UTC on all days, with their bookings; and the customer who asks. */
async function addAsked(client: Client, history: number): Promise<void> {
  const now = benchNow.toString()
  const run = (text: string, ...values: unknown[]): Promise<unknown> => client.query(text, values)
  await run(
    `INSERT INTO users (email, email_key, role, password_hash, first_name, last_name, search_text, time_zone, email_confirmed_at, created_at, updated_at)
     SELECT e, e, r, $1, 'Bench', 'No. ' || n, 'bench no. ' || n, 'UTC', $2, $2, $2
     FROM (SELECT n, CASE n WHEN 0 THEN '${customerEmail}' ELSE n || '@bench.example.com' END AS e, CASE n WHEN 0 THEN 'customer' ELSE 'provider' END AS r
       FROM generate_series(0, ${askedProviders}) n) p`,
    await hashPassword(demoPassword),
    now,
  )
  await run(
    `INSERT INTO sessions (user_id, created_at, last_used_at, authenticated_at, expires_at, address, user_agent)
     SELECT id, $1, $1, $1, $1::timestamptz + interval '10 years', '127.0.0.1', '' FROM users WHERE email = '${customerEmail}'`,
    now,
  )
  const asked = `SELECT u.id, row_number() OVER (ORDER BY u.id) - 1 AS n FROM users u WHERE u.email LIKE '%@bench.example.com' AND u.role = 'provider'`
  await run(`INSERT INTO provider_profiles (user_id, city, languages) SELECT id, 'Kyiv', '{en}' FROM (${asked}) a`)
  await run(`INSERT INTO resources (kind, user_id, time_zone) SELECT 'person', id, 'UTC' FROM (${asked}) a`)
  await run(
    `INSERT INTO schedule_entries (resource_id, kind, weekday, start_minute, end_minute, created_at, updated_at)
     SELECT r.id, 'weekly', d, 540, 1080, $1, $1 FROM (${asked}) a JOIN resources r ON r.user_id = a.id CROSS JOIN generate_series(1, 7) d`,
    now,
  )
  await run(
    `INSERT INTO services (provider_id, created_by, title, description, price_minor, currency, category, payment, duration_minutes, slot_step_minutes, buffer_after_minutes, created_at, updated_at)
     SELECT id, id, 'Measured ' || n, 'One of fifty', 5000, 'USD', 'Bench', 'on_site', 30, 15, 10, $1, $1 FROM (${asked}) a`,
    now,
  )
  // Seven a day at irregular times; what is past, nine a day; what may be moved, every other hour.
  await run(
    `WITH wanted AS (
       SELECT a.id AS provider_id, date_trunc('day', $1::timestamptz) + b.day * interval '1 day' + b.minute * interval '1 minute' AS starts_at, b.length, b.own
       FROM (${asked}) a CROSS JOIN LATERAL (
         SELECT 1 + k / 7 AS day, 540 + k % 7 * 75 + (k * 7 + a.n) % 3 * 15 AS minute, 15 + (k + a.n) % 2 * 15 AS length, false AS own FROM generate_series(0, 199) k
         UNION ALL SELECT -1 - k / 9, 540 + k % 9 * 60, 30, false FROM generate_series(0, $2::integer - 1) k
         UNION ALL SELECT 60 + k / 4, 540 + k % 4 * 120, 30, true FROM generate_series(0, $3::integer - 1) k) b),
     made AS (
       INSERT INTO booking_sessions (service_id, provider_id, starts_at, ends_at, buffer_before, buffer_after, capacity, seats_taken, created_at)
       SELECT s.id, w.provider_id, w.starts_at, w.starts_at + w.length * interval '1 minute', 0, 10, 1, 1, $1
       FROM wanted w JOIN services s ON s.provider_id = w.provider_id ORDER BY w.starts_at RETURNING id, service_id, provider_id, starts_at, ends_at),
     claimed AS (
       INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, created_at)
       SELECT r.id, tstzrange(m.starts_at, m.ends_at + interval '10 minutes'), true, 'booking_session', m.id::text, $1 FROM made m JOIN resources r ON r.user_id = m.provider_id)
     INSERT INTO bookings (session_id, service_id, provider_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency, payment, requires_approval, cancellation_policy, location_type, created_at, updated_at)
     SELECT m.id, m.service_id, m.provider_id, CASE WHEN m.starts_at > $1::timestamptz + interval '50 days' THEN asking.id ELSE others.id END, m.starts_at, m.ends_at, 1,
       CASE WHEN m.ends_at < $1 THEN 'completed' ELSE 'confirmed' END, 'Measured', 5000, 'USD', 'on_site', false, '[]', 'in_person', $1, $1
     FROM made m, (SELECT id FROM users WHERE email = '${customerEmail}') asking, (SELECT min(id) AS id FROM users WHERE role = 'customer') others`,
    now,
    history,
    movable / askedProviders,
  )
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, options: '-c statement_timeout=0 -c TimeZone=UTC' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
