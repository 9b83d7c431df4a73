import { sql, type RawBuilder } from 'kysely'

/**
 * A value that the planner does not look at, so that one plan made once serves every value. For a list or a span that it sees it estimates less than for any,
 * takes planning anew for worth it, and plans at every execution: of small statements over several tables that is most of what they cost (facts of one provider:
 * 264 µs against 54). Only where the plan is the same for every value; a list's length counts as ten.
 */
export const unseen = (
  value: unknown,
  type:
    | 'bigint'
    | 'bigint[]'
    | 'timestamptz'
    | 'timestamptz[]'
    | 'boolean[]'
    | 'text'
    | 'text[]'
    | 'uuid[]'
    | 'tstzrange'
    | 'jsonb',
): RawBuilder<unknown> => sql`(SELECT ${value}::${sql.raw(type)})`
