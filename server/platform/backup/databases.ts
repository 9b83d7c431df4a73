import { createHash, randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { conflict } from '../errors.ts'
import { databaseIn, openSession, quoted, urlOfDatabase, type Session } from './session.ts'

/** Databases cannot be made here: the role of DATABASE_URL has no right to it. */
export class NoNewDatabases extends Error {
  constructor() {
    super('the role of DATABASE_URL may not create databases')
    this.name = 'NoNewDatabases'
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** Works in a database beside the one of the address: one cannot be made, renamed or dropped from within itself. */
async function beside<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  let session: Session
  try {
    session = await openSession(urlOfDatabase(url, 'postgres'))
  } catch {
    session = await openSession(urlOfDatabase(url, 'template1'))
  }
  try {
    return await work(session.client)
  } finally {
    await session.end()
  }
}

/** The beginning of the names of what is made beside a database for a while, so that only its own leavings are swept. */
export const scratchPrefix = (database: string): string =>
  `banister_scratch_${createHash('sha256').update(database).digest('hex').slice(0, 8)}_`

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** How a database of the same server sorts and compares: another one like it must do so too, or its indexes would be others. */
async function likenessOf(client: Client, database: string): Promise<string> {
  const { rows } = await client.query<{ d: Record<string, string | null> }>(
    'SELECT to_jsonb(d) AS d FROM pg_database d WHERE datname = $1',
    [database],
  )
  const of = rows[0]?.d
  if (!of) return ''
  const locale = of['datlocale'] ?? of['daticulocale']
  const provider =
    of['datlocprovider'] === 'i' && locale
      ? ` LOCALE_PROVIDER icu ICU_LOCALE ${text(locale)}`
      : of['datlocprovider'] === 'b' && locale
        ? ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${text(locale)}`
        : ''
  return `${provider} LC_COLLATE ${text(of['datcollate']!)} LC_CTYPE ${text(of['datctype']!)}`
}

/**
 * Makes an empty database beside the one of the address, like it, and answers its address.
 * @throws NoNewDatabases where this is not permitted
 */
export async function makeScratch(url: string): Promise<string> {
  const name = scratchPrefix(databaseIn(url)) + randomBytes(4).toString('hex')
  try {
    await beside(url, async (client) => {
      const likeness = await likenessOf(client, databaseIn(url))
      await client.query(`CREATE DATABASE ${quoted(name)} TEMPLATE template0 ENCODING 'UTF8'${likeness}`)
    })
  } catch (error) {
    if (codeOf(error) === '42501') throw new NoNewDatabases()
    throw error
  }
  return urlOfDatabase(url, name)
}

/** Drops what `makeScratch` made. */
export async function dropScratch(url: string): Promise<void> {
  await beside(url, (client) => client.query(`DROP DATABASE IF EXISTS ${quoted(databaseIn(url))} WITH (FORCE)`))
}

/** Drops what killed processes left of `makeScratch` beside this database; whoever calls holds the lock of backups, so that nobody is at work in one. */
export async function sweepScratch(url: string): Promise<void> {
  await beside(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
      [scratchPrefix(databaseIn(url))],
    )
    for (const { name } of rows) await client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`)
  })
}

/**
 * Puts a database that was made beside another into its place. The one that was there stays under another name, which is answered.
 * @throws CONFLICT while somebody is connected to it: the house is running
 */
export async function takePlace(url: string, scratch: string, suffix: string): Promise<string> {
  const name = databaseIn(url)
  const old = `${name.slice(0, 40)}_before_${suffix}`
  await beside(url, async (client) => {
    await refuseIfUsed(client, name)
    // Both or none: killed in between, there would be no database of this name, and the next start would make an empty one.
    await client.query('BEGIN')
    await client.query(`ALTER DATABASE ${quoted(name)} RENAME TO ${quoted(old)}`)
    await client.query(`ALTER DATABASE ${quoted(databaseIn(scratch))} RENAME TO ${quoted(name)}`)
    await client.query('COMMIT')
  })
  return old
}

/** @throws CONFLICT while the house works in this database */
export async function refuseIfRunning(url: string): Promise<void> {
  const session = await openSession(url)
  try {
    await refuseIfUsed(session.client, databaseIn(url))
  } finally {
    await session.end()
  }
}

async function refuseIfUsed(client: Client, name: string): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    [name],
  )
  if (rows[0]!.count > 0)
    throw conflict('The house is running ({count} connections to its database): stop all of its processes first', {
      params: { count: rows[0]!.count },
    })
}

/** Takes out of an empty database what migrations made, so that those of a backup can be applied from the first on. Extensions stay. */
export async function clearDatabase({ client }: Session): Promise<void> {
  await client.query('BEGIN')
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('DROP TABLE IF EXISTS public.%I CASCADE', c.relname) AS statement FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     UNION ALL SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
       WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
  )
  for (const { statement } of rows) await client.query(statement)
  await client.query('DROP SCHEMA IF EXISTS pgboss CASCADE')
  await client.query('COMMIT')
}
