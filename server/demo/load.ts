import { Client } from 'pg'
import { hashPassword } from '../modules/accounts/index.ts'
import { demoPassword } from './people.ts'

export type Size = { services: number; bookings: number }

/**
 * Makes a large marketplace quickly: whole tables in a few statements, the indexes of claims made after the rows. For measuring, never for use: it writes past
 * the rules of the modules. Answers lines that say what was made.
 */
export async function loadMany(url: string, { services, bookings }: Size, now: Temporal.Instant): Promise<string[]> {
  const client = new Client({ connectionString: url, options: '-c statement_timeout=0 -c synchronous_commit=off' })
  await client.connect()
  const providers = Math.max(1, Math.ceil(services / 5))
  const customers = Math.max(1, Math.ceil(bookings / 50))
  const hash = await hashPassword(demoPassword)
  const at = now.toString()
  try {
    await client.query('BEGIN')
    // Whose foreign keys hold by how they are made need not be looked up two million times: measured, half of the time.
    await client.query(
      `SELECT set_config('session_replication_role', 'replica', true) FROM pg_roles WHERE rolname = current_user AND rolsuper`,
    )
    const batch = Math.floor(now.epochMilliseconds / 1000).toString(36)
    const people = `INSERT INTO users (email, email_key, role, password_hash, first_name, last_name, search_text, time_zone, created_at, updated_at)
      SELECT e, e, $1, $2, f, l, lower(f || ' ' || l || ' ' || e), 'UTC', $3, $3
      FROM (SELECT $1 || n || '.${batch}@load.example.com' AS e, (ARRAY['Olena','John','María','Anna','Taras','Liam','Sofia','Noah'])[1 + n % 8] AS f, 'No. ' || n AS l FROM generate_series(1, $4::integer) n) p
      RETURNING id`
    await insertPeople(client, people, 'load_providers', ['provider', hash, at, providers])
    await insertPeople(client, people, 'load_customers', ['customer', hash, at, customers])
    await client.query(
      `INSERT INTO provider_profiles (user_id, headline, city, languages, rating_sum, review_count) SELECT id, 'Provider of load', (ARRAY['Kyiv','London','Madrid','Berlin','New York'])[1 + n % 5], ARRAY['en'], (n % 50) * 4, n % 50 FROM load_providers`,
    )
    await client.query(
      `INSERT INTO resources (kind, user_id, time_zone) SELECT 'person', id, 'UTC' FROM load_providers`,
    )
    await client.query(
      `INSERT INTO schedule_entries (resource_id, kind, weekday, start_minute, end_minute, created_at, updated_at)
       SELECT r.id, 'weekly', d, 540, 1140, $1, $1 FROM load_providers p JOIN resources r ON r.user_id = p.id CROSS JOIN generate_series(1, 7) d`,
      [at],
    )
    await client.query(
      `CREATE TEMP TABLE load_services ON COMMIT DROP AS SELECT 0::bigint AS id, 0::bigint AS provider_id, 0 AS n LIMIT 0`,
    )
    await client.query(
      `WITH made AS (
         INSERT INTO services (provider_id, created_by, title, description, price_minor, currency, category, payment, created_at, updated_at)
         SELECT p.id, p.id, (ARRAY['Massage','Web development','Piano lesson','Yoga','Haircut','Урок математики','Photography','Consulting'])[1 + s % 8] || ' ' || s,
           'A service made for measuring, number ' || s, 500 + (s * 37) % 20000, 'USD', (ARRAY['SPA','Development','Music','Fitness','Beauty','Навчання','Photography','Consulting'])[1 + s % 8],
           'on_site', $1::timestamptz - s * interval '1 second', $1
         FROM generate_series(0, $2::integer - 1) s JOIN load_providers p ON p.n = s % $3::integer
         RETURNING id, provider_id)
       INSERT INTO load_services SELECT id, provider_id, row_number() OVER (PARTITION BY provider_id ORDER BY id) - 1 FROM made`,
      [at, services, providers],
    )
    // Without knowing their sizes the planner would join the bookings with a loop over all of them.
    await client.query('ANALYZE load_providers, load_customers, load_services, resources, services, users')
    await loadBookings(client, bookings, providers, customers, at)
    await client.query('COMMIT')
    await client.query('ANALYZE')
    return [
      `${services} services of ${providers} providers and ${bookings} bookings of ${customers} customers are there.`,
    ]
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    await client.end()
  }
}

async function insertPeople(client: Client, statement: string, table: string, values: unknown[]): Promise<void> {
  await client.query(`CREATE TEMP TABLE ${table} (id bigint, n bigint) ON COMMIT DROP`)
  await client.query(
    `WITH made AS (${statement}) INSERT INTO ${table} SELECT id, row_number() OVER (ORDER BY id) - 1 FROM made`,
    values,
  )
  await client.query(`CREATE INDEX ON ${table} (n)`)
}

/** Ten a day of each provider, an hour each, a tenth of them still to come. */
async function loadBookings(
  client: Client,
  bookings: number,
  providers: number,
  customers: number,
  at: string,
): Promise<void> {
  await client.query('ALTER TABLE claims DROP CONSTRAINT claims_no_overlap')
  await client.query('DROP INDEX claims_during')
  await client.query(
    `CREATE TEMP TABLE load_sessions ON COMMIT DROP AS
     SELECT b, p.id AS provider_id, date_trunc('day', $1::timestamptz) + ((k / 10) - (0.9 * $2 / $3 / 10)::integer) * interval '1 day' + (9 + k % 10) * interval '1 hour' AS starts_at, k
     FROM generate_series(0, $2::integer - 1) b CROSS JOIN LATERAL (SELECT b / $3::integer AS k) step JOIN load_providers p ON p.n = b % $3::integer`,
    [at, bookings, providers],
  )
  await client.query(
    `WITH made AS (
       INSERT INTO booking_sessions (service_id, provider_id, starts_at, ends_at, buffer_before, buffer_after, capacity, seats_taken, created_at)
       SELECT s.id, l.provider_id, l.starts_at, l.starts_at + interval '1 hour', 0, 0, 1, 1, $1 FROM load_sessions l JOIN load_services s ON s.provider_id = l.provider_id AND s.n = 0
       RETURNING id, service_id, provider_id, starts_at, ends_at),
     claimed AS (
       INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, created_at)
       SELECT r.id, tstzrange(m.starts_at, m.ends_at), true, 'booking_session', m.id::text, $1 FROM made m JOIN resources r ON r.user_id = m.provider_id)
     INSERT INTO bookings (session_id, service_id, provider_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency, payment, requires_approval, cancellation_policy, location_type, created_at, updated_at)
     SELECT m.id, m.service_id, m.provider_id, c.id, m.starts_at, m.ends_at, 1, CASE WHEN m.ends_at < $1::timestamptz THEN 'completed' ELSE 'confirmed' END, 'Massage', 5000, 'USD', 'on_site', false, '[]', 'in_person', $1, $1
     FROM made m JOIN load_customers c ON c.n = m.id % $2::integer`,
    [at, customers],
  )
  await client.query(
    'ALTER TABLE claims ADD CONSTRAINT claims_no_overlap EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (exclusive)',
  )
  await client.query('CREATE INDEX claims_during ON claims USING gist (resource_id, during)')
}
