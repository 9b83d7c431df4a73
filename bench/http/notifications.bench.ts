import { Client } from 'pg'
import type { Bench, Row } from '../run.ts'
import { closeHouses, openHouse, threeOf, type House } from './house.ts'
import { small } from './town.ts'

/** So many notifications of so many people; the one who asks has as many as anybody. */
const total = 1_000_000
const each = 500
const size = '1,000,000 notifications'

const fill = `
  WITH people AS (
    SELECT id FROM users WHERE email = $1 UNION ALL (SELECT id FROM users WHERE email <> $1 ORDER BY id LIMIT $2::integer - 1)
  )
  INSERT INTO notifications (user_id, kind, title, body, params, target, created_at, read_at)
  SELECT p.id, 'booking_confirmed', 'Your booking is confirmed', '{service} with {provider}: {at}',
    '{"service": "Massage", "provider": "Joe Smith", "at": "2026-01-15T14:00:00Z"}', jsonb_build_object('kind', 'booking', 'id', n),
    timestamptz '2026-01-12T08:00Z' + n * interval '1 minute', CASE WHEN n % 3 = 0 THEN timestamptz '2026-01-12T08:00Z' END
  FROM generate_series(1, $3::integer / (SELECT count(*)::integer FROM people)) n, people p`

/** Fills the list of the customer and of others, a third of it read, in the database of the product and in that of the statements. */
async function tell({ town }: House): Promise<void> {
  for (const url of [town.url, town.replayUrl]) {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(fill, [town.customer.email, total / each, total])
    await client.query('VACUUM (ANALYZE) notifications')
    await client.end()
  }
}

let told: Promise<void> | undefined

const row = (name: string, queries: readonly string[]): Row => ({
  name: `notification list, ${name}, ${size}`,
  base: ['statements', 'bare answer'],
  limits: { Banister: 2.2 },
  prepare: async () => {
    const house = await openHouse(small)
    await (told ??= tell(house))
    const asks = queries.map((query) => ({ path: `/api/v1/notifications/${query}`, signedIn: true }))
    return (await threeOf(house, asks)).subjects
  },
})

const rows: Row[] = [
  row('first page and unread', ['', '?unread=true']),
  row('far down by the last one seen', ['?before=500000', '?before=1000&unread=true']),
  row('number of unread', ['unread-count/']),
]

export default { name: 'http notifications', rows, end: closeHouses } satisfies Bench
