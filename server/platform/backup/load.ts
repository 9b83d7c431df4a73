import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { conflict } from '../errors.ts'
import { jobColumns, jobsTable, tablesOf, type TableOfBackup } from './catalog.ts'
import { digestOf, type DumpHeader, type Manifest } from './dump.ts'
import type { frameReader } from './frames.ts'
import { quoted, type Session } from './session.ts'

export type FrameReader = ReturnType<typeof frameReader>

const damaged = (why: string) => conflict('The backup is damaged: {why}', { params: { why } })

/** The head of a backup of the database, with which it begins. @throws CONFLICT where it is none, or of a later format */
export async function readDumpHeader(reader: FrameReader): Promise<DumpHeader> {
  const frame = await reader.next()
  if (!frame || !('json' in frame) || !Array.isArray(frame.json['migrations']))
    throw damaged('it does not say what it is')
  if (frame.json['format'] !== 1) throw conflict('The backup was made by a later version: restore it with that one')
  return frame.json as DumpHeader
}

/** Reads a backup to its end and changes nothing: is every table whole? Answers the manifest. */
export async function checkDump(reader: FrameReader): Promise<Manifest> {
  return readTables(reader, async () => new Writable({ write: (_chunk, _encoding, done) => done() }))
}

/**
 * Fills a database whose schema is that of the backup: all of it or, where the backup breaks off or does not fit, nothing. What the migrations put into the tables
 * is taken out first; triggers do not run (what they did is in the rows), and foreign keys and exclusions are made anew at the end, which proves them.
 */
export async function loadDatabase({ client }: Session, reader: FrameReader): Promise<Manifest> {
  const tables = await tablesOf(client)
  await client.query('BEGIN')
  try {
    await client.query(`LOCK TABLE ${all(tables)} IN ACCESS EXCLUSIVE MODE`)
    const { rows: constraints } = await client.query<{ table: string; name: string; definition: string }>(
      `SELECT c.relname AS "table", o.conname AS name, pg_get_constraintdef(o.oid) AS definition FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND o.contype IN ('f', 'x') ORDER BY o.contype DESC, 1, 2`,
    )
    for (const { table } of tables) await client.query(`ALTER TABLE public.${quoted(table)} DISABLE TRIGGER USER`)
    for (const { table, name } of constraints.toReversed())
      await client.query(`ALTER TABLE public.${quoted(table)} DROP CONSTRAINT ${quoted(name)}`)
    await client.query(`TRUNCATE ${all(tables)}`)
    const manifest = await readTables(reader, (table) => sinkOf(client, table, tables))
    for (const { table } of tables)
      if (!manifest.tables[table]) throw conflict('The backup has no table {table}', { params: { table } })
    await takeJobs(client)
    await setSequences(client, manifest.sequences)
    for (const { table, name, definition } of constraints)
      await client.query(`ALTER TABLE public.${quoted(table)} ADD CONSTRAINT ${quoted(name)} ${definition}`)
    for (const { table } of tables) await client.query(`ALTER TABLE public.${quoted(table)} ENABLE TRIGGER USER`)
    await client.query('COMMIT')
    await client.query('ANALYZE')
    return manifest
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

const all = (tables: TableOfBackup[]): string => tables.map(({ table }) => `public.${quoted(table)}`).join(', ')

/** Where the rows of a table go. Jobs come by way of a table of texts: the queue may have been renewed since and have other columns. */
async function sinkOf(client: Client, { table, columns }: TableOfBackup, known: TableOfBackup[]): Promise<Writable> {
  const names = columns.map(quoted)
  if (table === jobsTable) {
    await client.query(
      `CREATE TEMP TABLE restored_jobs (${names.map((name) => `${name} text`).join(', ')}) ON COMMIT DROP`,
    )
    return client.query(copyFrom('COPY restored_jobs FROM STDIN'))
  }
  const own = known.find((one) => one.table === table)?.columns ?? []
  if (columns.some((column) => !own.includes(column)))
    throw conflict('The backup does not fit this version: {table} is another', { params: { table } })
  return client.query(copyFrom(`COPY public.${quoted(table)} (${names.join(', ')}) FROM STDIN`))
}

/** Puts the jobs that waited into the queues of today. What was in hand is to be tried again: whoever had it is no more. */
async function takeJobs(client: Client): Promise<void> {
  const columns = await jobColumns(client)
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass('pg_temp.restored_jobs') AND attnum > 0`,
  )
  const shared = (columns ?? []).filter(({ name }) => rows.some((row) => row.name === name))
  if (shared.length === 0) return
  const names = shared.map(({ name }) => quoted(name)).join(', ')
  const values = shared.map(({ name, type }) =>
    name === 'state' ? `(CASE state WHEN 'active' THEN 'retry' ELSE state END)::${type}` : `${quoted(name)}::${type}`,
  )
  await client.query('DELETE FROM pgboss.job')
  await client.query(
    `INSERT INTO pgboss.job (${names}) SELECT ${values.join(', ')} FROM pg_temp.restored_jobs WHERE name IN (SELECT name FROM pgboss.queue)`,
  )
}

/** Each sequence goes on where it was. */
async function setSequences(client: Client, sequences: Record<string, number>): Promise<void> {
  for (const [name, last] of Object.entries(sequences))
    await client.query('SELECT setval(to_regclass($1), $2::bigint)', [`public.${quoted(name)}`, last])
}

/** Reads table after table into where it belongs. @throws CONFLICT where one has other rows than were written */
async function readTables(reader: FrameReader, sink: (table: TableOfBackup) => Promise<Writable>): Promise<Manifest> {
  const seen: Manifest['tables'] = {}
  for (;;) {
    const frame = await reader.next()
    if (!frame || !('json' in frame)) throw damaged('its contents break off')
    const { json } = frame
    if (json['manifest']) {
      const manifest = json['manifest'] as Manifest
      for (const [table, { rows, sha256 }] of Object.entries(manifest.tables))
        if (seen[table]?.sha256 !== sha256 || seen[table].rows !== rows) throw damaged(`${table} is not whole`)
      return manifest
    }
    const table = json as TableOfBackup
    const hash = createHash('sha256')
    let end: { rows: number } | undefined
    await pipeline(
      async function* () {
        for (;;) {
          const next = await reader.next()
          if (!next) throw damaged(`${table.table} breaks off`)
          if ('json' in next) {
            end = next.json as { rows: number }
            return
          }
          hash.update(next.data)
          yield next.data
        }
      },
      await sink(table),
    )
    seen[table.table] = { rows: end!.rows, sha256: hash.digest('hex') }
  }
}

/**
 * Compares a database that was just filled with the manifest, row by row as they are written out again.
 * @returns what differs, in words; nothing where all is as it was
 */
export async function differencesOf(session: Session, manifest: Manifest): Promise<string[]> {
  const differences: string[] = []
  for (const table of await tablesOf(session.client)) {
    const wanted = manifest.tables[table.table]
    const found = await digestOf(session, table)
    if (found.rows !== wanted?.rows)
      differences.push(`${table.table} has ${found.rows} rows instead of ${wanted?.rows ?? 0}`)
    else if (found.sha256 !== wanted.sha256) differences.push(`${table.table} has other rows`)
  }
  const { rows } = await session.client.query<{ count: number }>('SELECT count(*)::int AS count FROM pgboss.job')
  const jobs = manifest.tables[jobsTable]?.rows ?? 0
  if (rows[0]!.count !== jobs) differences.push(`${rows[0]!.count} jobs wait instead of ${jobs}`)
  return differences
}
