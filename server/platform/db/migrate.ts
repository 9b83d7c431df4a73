import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { installJobs } from '../jobs/install.ts'

const directory = fileURLToPath(new URL('../../../db/migrations/', import.meta.url))

/** One number for all processes: whoever migrates holds this advisory lock. */
const lock = 7_216_530

export type Migration = { name: string; text: string; hash: string }

/** The migrations in their order; forward only, each in one transaction. */
export function listMigrations(): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => {
      const text = readFileSync(directory + name, 'utf8')
      return { name, text, hash: createHash('sha256').update(text).digest('hex') }
    })
}

/** What `migrate` would make of an empty database, as one hash: names the template database of the tests. */
export const migrationsHash = (): string =>
  createHash('sha256')
    .update(
      listMigrations()
        .map(({ name, hash }) => name + hash)
        .join(),
    )
    .digest('hex')
    .slice(0, 16)

/**
 * Brings a database to the newest version and answers the names of the migrations that were applied. Two processes that start at once wait for each other.
 * With `upTo` it stops after that one, as a restore of an older backup must.
 * @throws Error when a migration that was applied has since been changed, or one is there that this version does not know.
 */
export async function migrate(url: string, upTo?: string): Promise<string[]> {
  const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lock])
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    )
    const { rows } = await client.query<{ name: string; hash: string }>('SELECT name, hash FROM migrations')
    const known = new Map(rows.map((row) => [row.name, row.hash]))
    const all = listMigrations()
    const unknown = [...known.keys()].filter((name) => !all.some((migration) => migration.name === name))
    if (unknown.length > 0) throw new Error(`the database is newer than this version: it has ${unknown.join(', ')}`)
    const applied: string[] = []
    for (const { name, text, hash } of all) {
      const before = known.get(name)
      if (before === hash || (upTo !== undefined && name > upTo)) continue
      if (before !== undefined) throw new Error(`migration ${name} was changed after it had been applied`)
      await client.query('BEGIN')
      try {
        await client.query(text)
        await client.query('INSERT INTO migrations (name, hash) VALUES ($1, $2)', [name, hash])
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        })
      }
      applied.push(name)
    }
    await installJobs(url)
    return applied
  } finally {
    await client.end()
  }
}
