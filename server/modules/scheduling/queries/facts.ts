import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { EntryFacts } from '../rules/schedule.ts'
import type { Source } from './claims.ts'
import type { ResourceKind } from './resources.ts'

type ScheduleRow = { id: number; kind: ResourceKind; time_zone: string; version: number; entries: EntryFacts[] | null }

/** The schedules of these resources, with the entries that matter to the dates `[from, to]`: weekly ones always, dated ones that touch them. */
export async function selectSchedules(
  ctx: Context,
  ids: readonly number[],
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Promise<ScheduleRow[]> {
  const { rows } = await sql<ScheduleRow>`
    SELECT resources.id, resources.kind, resources.time_zone, resources.version, found.entries
    FROM unnest(${[...ids]}::bigint[]) AS asked (id) JOIN resources ON resources.id = asked.id
    CROSS JOIN LATERAL (
      SELECT json_agg(json_build_array(kind, weekday, start_minute, end_minute, date - DATE '1970-01-01', intervals,
        (date_part('epoch', starts_at) / 60)::bigint, (date_part('epoch', ends_at) / 60)::bigint)) AS entries
      FROM schedule_entries
      WHERE resource_id = resources.id AND (kind = 'weekly' OR date BETWEEN ${from} AND ${to} OR (starts_at < ${to}::date + 1 AND ends_at > ${from}::date))
    ) found`.execute(ctx.db)
  return rows
}

export type ClaimsRow = { id: number; starts: string; ends: string; exclusive: string; sources: string }

/**
 * The unexpired claims of these resources that overlap `[from, to)`, those of one resource as one row of texts, ascending: epoch minutes (outward: a claim of
 * half a minute takes the whole), `1` or `0` for exclusive, `kind:id` a line. Ten thousand rows of objects would cost more than the sweep that reads them.
 * LATERAL, so that every resource is looked up by (resource_id, during) and nothing outside the span is touched, whatever the planner guesses.
 */
export async function selectClaims(
  ctx: Context,
  ids: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  except: Source | undefined,
): Promise<ClaimsRow[]> {
  const { rows } = await claimsQuery(ctx, ids, from, to, except).execute(ctx.db)
  return rows
}

/** The statement of `selectClaims`, for the test that looks at its plan. */
export const claimsQuery = (
  ctx: Context,
  ids: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  except: Source | undefined,
) => sql<ClaimsRow>`
  SELECT asked.id, found.*
  FROM unnest(${[...ids]}::bigint[]) AS asked (id)
  CROSS JOIN LATERAL (
    SELECT array_agg(start)::text AS starts, array_agg(ends)::text AS ends, string_agg(CASE WHEN exclusive THEN '1' ELSE '0' END, '') AS exclusive,
      string_agg(source, E'\n') AS sources
    FROM (
      SELECT floor(date_part('epoch', lower(during)) / 60)::bigint AS start, ceil(date_part('epoch', upper(during)) / 60)::bigint AS ends, exclusive,
        source_kind || ':' || source_id AS source
      FROM claims
      WHERE resource_id = asked.id AND during && tstzrange(${from}, ${to}) AND (expires_at IS NULL OR expires_at > ${ctx.now})
        AND NOT (source_kind = ${except?.kind ?? ''} AND source_id = ${except?.id ?? ''})
      ORDER BY lower(during)
    ) ordered
  ) found
  WHERE found.starts IS NOT NULL`
