import { conflict } from '../errors.ts'
import { listMigrations, migrate } from '../db/migrate.ts'
import { clearDatabase } from './databases.ts'
import type { DumpHeader, Manifest } from './dump.ts'
import { decompressed, frameReader } from './frames.ts'
import type { BackupKey } from './keys.ts'
import { checkDump, differencesOf, loadDatabase, readDumpHeader, type FrameReader } from './load.ts'
import { unseal, type SealedHeader } from './sealed.ts'
import { openSession } from './session.ts'

/** The bytes of one sealed backup, from their beginning; may be asked for again. */
export type Source = () => Promise<AsyncIterable<Uint8Array>>

type OpenDump = { sealed: SealedHeader; dump: DumpHeader; reader: FrameReader }

/** Opens a backup of the database. @throws CONFLICT where it is none, sealed with another key, damaged, or newer than this version */
async function openDump(source: Source, keys: readonly BackupKey[]): Promise<OpenDump> {
  const { header, body } = await unseal(await source(), keys)
  if (header.kind !== 'database') {
    await body.return()
    throw conflict('This is a backup of {kind}, not of the database', { params: { kind: header.kind } })
  }
  const reader = frameReader(decompressed(body))
  try {
    const dump = await readDumpHeader(reader)
    refuseOthers(dump)
    return { sealed: header, dump, reader }
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** A schema can be made as far as this version knows its migrations, and only if they are still the same. */
function refuseOthers({ migrations, version }: DumpHeader): void {
  const known = new Map(listMigrations().map(({ name, hash }) => [name, hash]))
  for (const { name, hash } of migrations) {
    if (!known.has(name))
      throw conflict('The backup was made by a later version ({version}): restore it with that one', {
        params: { version },
      })
    if (known.get(name) !== hash)
      throw conflict('The backup was made by a version with another migration {name}: restore it with that one', {
        params: { name },
      })
  }
}

/** Reads a whole backup and changes nothing: every byte proves itself, every table is whole. Answers what it has. */
export async function checkBackup(
  source: Source,
  keys: readonly BackupKey[],
): Promise<{ dump: DumpHeader; manifest: Manifest }> {
  const { dump, reader } = await openDump(source, keys)
  try {
    return { dump, manifest: await checkDump(reader) }
  } finally {
    await reader.close()
  }
}

/**
 * Fills an empty database from a backup: the migrations up to its last one, then its rows, all or none. What was migrated before is taken out. To be migrated on
 * afterwards. With `compare`, every table is read again and compared.
 * @returns what differs, in words; nothing without `compare`
 */
export async function fillDatabase(
  url: string,
  source: Source,
  keys: readonly BackupKey[],
  compare: boolean,
): Promise<{ dump: DumpHeader; manifest: Manifest; differences: string[] }> {
  const { dump, reader } = await openDump(source, keys)
  try {
    const session = await openSession(url)
    try {
      await clearDatabase(session)
      await migrate(url, dump.migrations.at(-1)?.name)
      const manifest = await loadDatabase(session, reader)
      const differences = compare ? await differencesOf(session, manifest) : []
      return { dump, manifest, differences }
    } finally {
      await session.end()
    }
  } finally {
    await reader.close()
  }
}

/**
 * Lets every sequence leave out numbers: a house that goes on after a restore must not give out again what the lost hours gave out, since those numbers stand in
 * mails, in the gateway's books and on people's devices. Ten thousand, or a tenth of what was ever given out, whichever is more.
 */
export async function leaveNumbersOut(url: string): Promise<void> {
  const session = await openSession(url)
  try {
    await session.client.query(
      `SELECT setval(format('public.%I', sequencename)::regclass, LEAST(max_value, last_value + GREATEST(10000, last_value / 10)))
       FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL`,
    )
  } finally {
    await session.end()
  }
}

/** Drops the mails and pushes that wait in a restored database, where it is known that they went out before the house was lost. Answers how many. */
export async function dropMessages(url: string): Promise<number> {
  const session = await openSession(url)
  try {
    const { rowCount } = await session.client.query(
      `DELETE FROM pgboss.job WHERE name IN ('mail', 'push', 'webhooks') AND state < 'completed'`,
    )
    return rowCount ?? 0
  } finally {
    await session.end()
  }
}
