import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hostname, tmpdir, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { Client } from 'pg'
import { migrate, migrationsHash } from '../server/platform/db/migrate.ts'
import { startEmbedded } from '../server/platform/embedded/index.ts'
import type { EmbeddedServer } from '../server/platform/embedded/index.ts'
import { startOf } from '../server/platform/embedded/processes.ts'
import { queues } from '../server/platform/jobs/queues.ts'

/** A database of its own for one test file. */
export interface TestDatabase {
  url: string
  /** Removes it, with whoever is still connected. */
  drop: () => Promise<void>
}

/** One number for all test processes: whoever makes the template or sweeps holds this advisory lock. */
const LOCK = 7_216_531
const KEPT_TEMPLATES = 5
/** Databases are named by host and process, so that one can tell whose died; a server may be shared by machines. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 6)

/**
 * Makes a migrated database from the template in about 60 ms. The server is that of TEST_DATABASE_URL (a role that may create
 * databases); without it, as when one file is run by hand, an embedded one without fsync in the folder for temporary files, which
 * all processes of this user share and the last one stops.
 */
export async function createDatabase(): Promise<TestDatabase> {
  const server = await (serverUrl ??= findServer())
  const template = await (ready ??= prepare(server))
  const name = `test_${HOST}_${process.pid}_${startOf(process.pid)}_${counter++}`
  // Copied as files, which costs a tenth of what the default does: that writes every page to the log as well.
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`))
  const drop = (): Promise<void> => withClient(server, (client) => dropDatabase(client, name))
  return { url: urlOf(server, name), drop }
}

/** Starts or joins the embedded server of this user's test runs. */
export async function startTestServer(): Promise<EmbeddedServer> {
  const dataDir = folder()
  mkdirSync(dataDir, { recursive: true })
  // The name can be foreseen and the folder is everybody's: never trust what a stranger put there.
  const found = lstatSync(dataDir)
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid()))
    throw new Error(`${dataDir} is not ours`)
  return startEmbedded({ dataDir, fsync: false })
}

/** What the file system of a folder in memory is called by statfs(2). */
const TMPFS = 0x01021994
const GIBIBYTE = 1024 ** 3

/**
 * Where that server keeps its files: in memory where there is plenty (Linux), else in the folder for temporary files. A database is a
 * thousand files, made and removed for each file of tests, which a disk's file system can take a second of CPU for and memory 30 ms.
 * There its name tells TMPDIR's, so that a run with a folder of its own has a server of its own.
 */
function folder(): string {
  const memory = '/dev/shm'
  const name = `banister-test-${userInfo().uid}`
  try {
    const { type, bavail, bsize } = statfsSync(memory)
    if (type !== TMPFS || bavail * bsize < 3 * GIBIBYTE || process.availableMemory() < 5 * GIBIBYTE)
      return join(tmpdir(), name)
  } catch {
    return join(tmpdir(), name)
  }
  const own = basename(tmpdir())
  return join(memory, own === 'tmp' ? name : `${own}-${name}`)
}

let serverUrl: Promise<string> | undefined
let ready: Promise<string> | undefined
let counter = 0

async function findServer(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) return given
  const server = await startTestServer()
  // Not 'exit', which cannot wait: this comes when nothing else is left to do, and stopping gives the process a little more.
  process.once('beforeExit', () => void server.stop())
  return server.url
}

/** Sweeps away what killed runs left, and answers the name of the template of these migrations, made if it is not there. */
async function prepare(server: string): Promise<string> {
  const template = `template_${templateHash()}`
  await withClient(server, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK])
    const { rows } = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database ORDER BY oid')
    const names = rows.map(({ name }) => name)
    for (const name of names.filter(isLeftover)) await dropDatabase(client, name)
    if (names.includes(template)) return
    const others = names.filter((name) => /^template_[0-9a-f]{16}$/.test(name))
    for (const name of others.slice(0, Math.max(0, others.length - KEPT_TEMPLATES))) await dropDatabase(client, name)
    await client.query('DROP DATABASE IF EXISTS template_unfinished WITH (FORCE)')
    await client.query('CREATE DATABASE template_unfinished')
    await migrate(urlOf(server, 'template_unfinished'))
    // Nobody may connect to it, or copying it would fail.
    await client.query('ALTER DATABASE template_unfinished ALLOW_CONNECTIONS false')
    await client.query(`ALTER DATABASE template_unfinished RENAME TO ${template}`)
  })
  return template
}

/** Everything that `migrate` makes of an empty database: the migrations and the job tables, which pg-boss brings. */
function templateHash(): string {
  const require = createRequire(import.meta.url)
  const parts = [migrationsHash(), JSON.stringify(queues)]
  const boss: { version: string } = require('pg-boss/package.json')
  return createHash('sha256')
    .update([...parts, boss.version].join())
    .digest('hex')
    .slice(0, 16)
}

function isLeftover(name: string): boolean {
  const [, host, pid, start] = /^test_([0-9a-f]{6})_(\d+)_(\d+)_\d+$/.exec(name) ?? []
  return host === HOST && startOf(Number(pid)) !== start
}

async function dropDatabase(client: Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}

function urlOf(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'banister test' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
