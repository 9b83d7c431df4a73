import type { Client } from 'pg'
import { quoted } from './session.ts'

/** A table as a backup has it: its name and the columns that are not computed, in their order. */
export type TableOfBackup = { table: string; columns: string[] }

/** The name under which a backup has the jobs that wait. */
export const jobsTable = 'pgboss.job'

/**
 * Tables that are in no backup: what migrations were applied stands in its head, and the others say which processes and sockets live now and how often somebody
 * asked in this minute.
 */
const left = ['migrations', 'rate_limits', 'socket_departures', 'socket_nodes', 'socket_people', 'socket_tickets']

/** Every table of the product, by name. */
export async function tablesOf(client: Client): Promise<TableOfBackup[]> {
  const { rows } = await client.query<TableOfBackup>(
    `SELECT c.relname AS "table", array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     GROUP BY c.relname ORDER BY c.relname COLLATE "C"`,
    [left],
  )
  return rows
}

/** `COPY` of a whole table, and of the jobs that wait or were in hand: what is done and what the queue does for itself is left out, and so are backups themselves. */
export function copyOut({ table, columns }: TableOfBackup): string {
  const names = columns.map(quoted).join(', ')
  if (table !== jobsTable) return `COPY public.${quoted(table)} (${names}) TO STDOUT`
  return `COPY (SELECT ${names} FROM pgboss.job WHERE state < 'completed' AND name NOT LIKE '\\_\\_pgboss%' AND name <> 'backup' ORDER BY id) TO STDOUT`
}

/** The columns of the jobs' table; null where there is none. */
export async function jobColumns(client: Client): Promise<{ name: string; type: string }[] | null> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a
     WHERE a.attrelid = to_regclass('pgboss.job') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`,
  )
  return rows.length > 0 ? rows : null
}

/** The migrations that a database has had, in their order; none where it has had none. */
export async function migrationsOf(client: Client): Promise<{ name: string; hash: string }[]> {
  const { rows: found } = await client.query(`SELECT FROM pg_class WHERE oid = to_regclass('public.migrations')`)
  if (found.length === 0) return []
  return (await client.query<{ name: string; hash: string }>('SELECT name, hash FROM migrations ORDER BY name')).rows
}

/** The last number that each sequence gave out; those that gave none are left out. */
export async function sequencesOf(client: Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; last: number }>(
    `SELECT sequencename AS name, last_value::float8 AS last FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1`,
  )
  return Object.fromEntries(rows.map(({ name, last }) => [name, last]))
}

/** Is there nothing of anybody in it? Migrations may have been applied; a row of any other table is somebody's. */
export async function isEmptyDatabase(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') AND c.relname <> ALL ($1)`,
    // What migrations and a process that only looked in leave behind.
    [[...left, 'backups']],
  )
  for (const { name } of rows) {
    const { rowCount } = await client.query(`SELECT FROM public.${quoted(name)} LIMIT 1`)
    if ((rowCount ?? 0) > 0) return false
  }
  return true
}
