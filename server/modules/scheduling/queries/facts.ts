import { sql } from 'kysely'
import { builtOnce } from '../../../platform/db/built-once.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import type { EntryFacts } from '../rules/schedule.ts'
import type { Source } from './claims.ts'
import type { ResourceKind } from './resources.ts'

/**
 * What is known of a resource, in one row: its entries as JSON, its claims as texts of the same length: epoch minutes (outward: a claim of half a minute takes
 * the whole), `1` or `0` for exclusive, `kind:id` a line. Ten thousand rows of objects would cost more than the sweep that reads them. Where nobody asks by what
 * the time is taken, one text has starts and ends by turns.
 */
export type FactsRow = {
  id: number
  kind: ResourceKind
  time_zone: string
  version: number
  entries: EntryFacts[] | null
  taken?: string | null
  starts?: string | null
  ends?: string
  exclusive?: string
  sources?: string
}

const columns = sql`SELECT array_agg(start)::text AS starts, array_agg(ends)::text AS ends, string_agg(CASE WHEN exclusive THEN '1' ELSE '0' END, '') AS exclusive,
      string_agg(source, E'\n') AS sources
    FROM (
      SELECT floor(date_part('epoch', lower(during)) / 60)::bigint AS start, ceil(date_part('epoch', upper(during)) / 60)::bigint AS ends, exclusive,
        source_kind || ':' || source_id AS source`
const bareColumns = sql`SELECT string_agg(span, ',') AS taken
    FROM (
      SELECT floor(date_part('epoch', lower(during)) / 60)::bigint || ',' || ceil(date_part('epoch', upper(during)) / 60)::bigint AS span`

export type FactsInput = {
  ids: readonly number[]
  now: Temporal.Instant
  from: Temporal.Instant
  to: Temporal.Instant
  firstDate: Temporal.PlainDate
  lastDate: Temporal.PlainDate
  /** A source whose claims are left out; empty texts for none. */
  except_kind: Source['kind'] | ''
  except_id: string
}

/**
 * These resources with the entries that matter to the dates (weekly ones always, dated ones that touch them) and the unexpired claims that overlap
 * `[from, to)`, ascending. LATERAL, so that every resource is looked up by (resource_id, during) and nothing outside the span is touched, whatever the planner
 * guesses.
 */
export const factsQuery = (
  { ids, now, from, to, firstDate, lastDate, except_kind, except_id }: FactsInput,
  { bare }: { bare: boolean },
) => sql<FactsRow>`
  SELECT resources.id, resources.kind, resources.time_zone, resources.version, scheduled.entries, claimed.*
  FROM unnest(${unseen(ids, 'bigint[]')}) AS asked (id) JOIN resources ON resources.id = asked.id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(kind, weekday, start_minute, end_minute, date - DATE '1970-01-01', intervals,
      (date_part('epoch', starts_at) / 60)::bigint, (date_part('epoch', ends_at) / 60)::bigint)) AS entries
    FROM schedule_entries
    WHERE resource_id = resources.id
      AND (kind = 'weekly' OR date BETWEEN ${firstDate} AND ${lastDate} OR (starts_at < ${lastDate}::date + 1 AND ends_at > ${firstDate}::date))
  ) scheduled
  CROSS JOIN LATERAL (
    ${bare ? bareColumns : columns}
      FROM claims
      WHERE resource_id = asked.id AND during && tstzrange(${unseen(from, 'timestamptz')}, ${unseen(to, 'timestamptz')}) AND (expires_at IS NULL OR expires_at > ${now})
        AND NOT (source_kind = ${except_kind} AND source_id = ${except_id})
      ORDER BY lower(during)
    ) ordered
  ) claimed`

/** The statement of `factsQuery`. */
export const factsBuilt = builtOnce((db, input: FactsInput, shape: { bare: boolean }) =>
  factsQuery(input, shape).compile(db),
)
