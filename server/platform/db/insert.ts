import { sql, type Insertable, type RawBuilder } from 'kysely'
import type { Tables } from './tables.generated.ts'

/** Writes a row under an id that the sequence of its table has given out before, so that nobody waits for it. */
export const insertUnderId = <Table extends keyof Tables>(
  table: Table,
  row: Insertable<Tables[Table]> & { id: number },
): RawBuilder<unknown> => sql`
  INSERT INTO ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))}) OVERRIDING SYSTEM VALUE
  VALUES (${sql.join(Object.values(row))})`
