import type { Json, Town } from './town.ts'

/** Each statement finds what must never be (SPEC section 10): no row stands. Holds that have run out may await the job that tidies them up. */
const impossible: Record<string, string> = {
  'a person or room is claimed twice at once': `
    SELECT a.id, b.id AS other FROM claims a JOIN claims b ON b.resource_id = a.resource_id AND b.id > a.id AND b.during && a.during
    WHERE a.exclusive AND b.exclusive`,
  'a session has other seats than its bookings': `
    SELECT s.id, s.seats_taken, coalesce(sum(b.seats), 0) AS booked FROM booking_sessions s
    LEFT JOIN bookings b ON b.session_id = s.id AND b.status <> 'cancelled' GROUP BY s.id HAVING s.seats_taken <> coalesce(sum(b.seats), 0)`,
  'a session has more seats than its service': `SELECT id FROM booking_sessions WHERE seats_taken > capacity`,
  'a session that lives is without its claims': `
    SELECT s.id, s.room_id, s.seats_taken, count(c.id) AS claims FROM booking_sessions s
    LEFT JOIN claims c ON c.source_kind = 'booking_session' AND c.source_id = s.id::text
      AND c.during = tstzrange(s.starts_at - make_interval(mins => s.buffer_before), s.ends_at + make_interval(mins => s.buffer_after), '[)')
      AND c.resource_id IN (SELECT r.id FROM resources r WHERE r.user_id = s.provider_id OR r.room_id = s.room_id)
    WHERE s.ends_at > now() AND EXISTS (SELECT FROM bookings b WHERE b.session_id = s.id AND b.status IN ('pending', 'confirmed')
      AND (b.expires_at IS NULL OR b.expires_at > now()))
    GROUP BY s.id HAVING count(c.id) <> 1 + (s.room_id IS NOT NULL)::int`,
  'a claim belongs to no session': `
    SELECT c.id, c.source_id FROM claims c LEFT JOIN booking_sessions s ON s.id::text = c.source_id AND s.seats_taken > 0
    WHERE c.source_kind = 'booking_session' AND s.id IS NULL`,
  'a booking says another time or person than its session': `
    SELECT b.id FROM bookings b JOIN booking_sessions s ON s.id = b.session_id
    WHERE b.status <> 'cancelled' AND (b.starts_at <> s.starts_at OR b.ends_at <> s.ends_at OR b.provider_id <> s.provider_id OR b.service_id <> s.service_id)`,
  'a claim is held longer or shorter than its bookings': `
    SELECT c.id, c.expires_at, held.until FROM claims c JOIN LATERAL (
      SELECT CASE WHEN bool_or(b.expires_at IS NULL) THEN NULL ELSE max(b.expires_at) END AS until FROM bookings b
      WHERE b.session_id::text = c.source_id AND b.status <> 'cancelled') held ON true
    WHERE c.source_kind = 'booking_session' AND c.expires_at IS DISTINCT FROM held.until`,
  'two sessions of one service begin with one person at once': `
    SELECT service_id, provider_id, starts_at FROM booking_sessions WHERE seats_taken > 0 GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  'a booking has no history or one that ends elsewhere': `
    SELECT b.id, b.status, last.status AS told FROM bookings b LEFT JOIN LATERAL (
      SELECT status FROM booking_history h WHERE h.booking_id = b.id ORDER BY h.id DESC LIMIT 1) last ON true
    WHERE last.status IS DISTINCT FROM b.status`,
  'a provider is rated otherwise than by the reviews that can be read': `
    SELECT coalesce(p.user_id, r.provider_id) AS id, p.rating_sum, p.review_count, r.sum, r.count FROM provider_profiles p
    FULL JOIN (SELECT provider_id, sum(rating) AS sum, count(*) AS count FROM reviews WHERE hidden_at IS NULL GROUP BY 1) r ON r.provider_id = p.user_id
    WHERE (coalesce(p.rating_sum, 0), coalesce(p.review_count, 0)) <> (coalesce(r.sum, 0), coalesce(r.count, 0))`,
  'a review is of a booking that is not completed, or unknown to it': `
    SELECT r.id FROM reviews r JOIN bookings b ON b.id = r.booking_id
    WHERE b.status <> 'completed' OR b.review_id IS DISTINCT FROM r.id OR b.review_rating <> r.rating OR b.provider_id <> r.provider_id`,
  'a job has been given up': `SELECT name FROM pgboss.job WHERE state = 'failed' AND name NOT LIKE '%mail%'`,
}

/** What is wrong in the town's database: empty when every invariant of bookings and claims holds. */
export async function violations(town: Pick<Town, 'rows'>): Promise<Record<string, Json[]>> {
  const found = await Promise.all(
    Object.entries(impossible).map(async ([name, statement]) => [name, await town.rows(statement)] as const),
  )
  return Object.fromEntries(found.filter(([, rows]) => rows.length > 0))
}
