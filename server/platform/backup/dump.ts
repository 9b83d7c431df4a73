import { createHash } from 'node:crypto'
import { to as copyTo } from 'pg-copy-streams'
import { copyOut, jobColumns, jobsTable, migrationsOf, sequencesOf, tablesOf, type TableOfBackup } from './catalog.ts'
import { frameOf } from './frames.ts'
import type { Session } from './session.ts'

/** What a backup of the database has, table by table: so that it can be compared with what was restored. */
export type Manifest = {
  /** SHA-256 of the rows of a table as COPY writes them, and how many there are. */
  tables: Record<string, { rows: number; sha256: string }>
  sequences: Record<string, number>
}

/** What stands first: from what it was made, and how far its schema goes. */
export type DumpHeader = {
  format: 1
  name: string
  /** The moment of the snapshot. */
  made_at: string
  version: string
  postgres: string
  migrations: { name: string; hash: string }[]
  /** Tells whether SECRET_KEY is the same; nothing of it. */
  secret: string
}

/**
 * Writes a database as one moment had it, as frames: a head, each table as COPY writes it, and the manifest. One REPEATABLE READ transaction that only reads, so
 * that nobody who writes waits for it. Constant memory. The session is of no use afterwards where the reader breaks off.
 */
export async function* dumpDatabase(
  session: Session,
  head: Omit<DumpHeader, 'format' | 'made_at' | 'migrations' | 'postgres'>,
): AsyncGenerator<Buffer, void> {
  const { client } = session
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const {
    rows: [server],
  } = await client.query<{ at: string; version: string }>(
    `SELECT to_json(clock_timestamp()) #>> '{}' AS at, current_setting('server_version') AS version`,
  )
  const migrations = await migrationsOf(client)
  const written: DumpHeader = {
    format: 1,
    ...head,
    made_at: server!.at,
    migrations,
    postgres: server!.version,
  }
  yield frameOf({ json: written })
  const tables = await tablesOf(client)
  const columns = await jobColumns(client)
  if (columns) tables.push({ table: jobsTable, columns: columns.map(({ name }) => name) })
  const manifest: Manifest = { tables: {}, sequences: {} }
  for (const table of tables) {
    yield frameOf({ json: table })
    const hash = createHash('sha256')
    const rows = yield* copied(session, table, (bytes) => {
      hash.update(bytes)
      return frameOf({ data: bytes })
    })
    manifest.tables[table.table] = { rows, sha256: hash.digest('hex') }
    yield frameOf({ json: { end: table.table, ...manifest.tables[table.table] } })
  }
  // Read last: numbers are given out past transactions, and each row of the snapshot had its own before.
  manifest.sequences = await sequencesOf(client)
  await client.query('COMMIT')
  yield frameOf({ json: { manifest } })
}

/** A table as COPY writes it, piece by piece; answers how many rows there were. */
async function* copied<T>(
  { client, kill }: Session,
  table: TableOfBackup,
  made: (bytes: Buffer) => T,
): AsyncGenerator<T, number> {
  const stream = client.query(copyTo(copyOut(table)))
  let whole = false
  try {
    for await (const bytes of stream) yield made(bytes as Buffer)
    whole = true
  } finally {
    // In the middle of a COPY there is no other way out.
    if (!whole) kill()
  }
  return stream.rowCount
}

/** What a table has now, as the manifest says it. */
export async function digestOf(session: Session, table: TableOfBackup): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256')
  const reading = copied(session, table, (bytes) => hash.update(bytes))
  for (;;) {
    const next = await reading.next()
    if (next.done) return { rows: next.value, sha256: hash.digest('hex') }
  }
}
