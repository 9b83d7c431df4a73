import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { noTotals, stars, type Totals } from '../rules.ts'
import type { Subject } from './reviews.ts'

/** SQL on how many reviews of each rating there are. */

/** Adds to the totals of several pages at once, in one order, so that two reviews never wait for each other in a circle. */
export async function addTotals(ctx: Context, subjects: readonly Subject[], add: Totals): Promise<void> {
  // The row that is proposed is checked before it is known to be there already, so nothing negative stands in it.
  const [one, two, three, four, five] = stars.map((star) => sql`${add[star]}::integer`)
  await sql`
    INSERT INTO review_totals AS t (kind, key, one, two, three, four, five)
    SELECT kind, key, greatest(${one}, 0), greatest(${two}, 0), greatest(${three}, 0), greatest(${four}, 0), greatest(${five}, 0)
    FROM unnest(${subjects.map(({ kind }) => kind)}::text[], ${subjects.map(({ id }) => String(id))}::text[]) AS n(kind, key) ORDER BY kind, key
    ON CONFLICT (kind, key) DO UPDATE SET one = t.one + ${one}, two = t.two + ${two}, three = t.three + ${three}, four = t.four + ${four},
      five = t.five + ${five}`.execute(ctx.db)
}

export async function findTotals(ctx: Context, { kind, id }: Subject): Promise<Totals> {
  const row = await ctx.db
    .selectFrom('review_totals')
    .where('kind', '=', kind)
    .where('key', '=', String(id))
    .select(['one', 'two', 'three', 'four', 'five'])
    .executeTakeFirst()
  return row ? { 1: row.one, 2: row.two, 3: row.three, 4: row.four, 5: row.five } : noTotals
}
