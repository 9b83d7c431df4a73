import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { EmbeddedError } from './error.ts'
import type { Identity } from './identity.ts'

/** The superuser of an embedded server, and the name of its database. */
export const NAME = 'banister'

/**
 * Makes the data directory `data` unless it is there, and answers its password. Call under the lock.
 *
 * It is made beside its place and then renamed: initdb writes PG_VERSION first, so that a kill in its middle would leave rubbish
 * that looks like a database. Throws EmbeddedError with what initdb said.
 */
export async function ensureCluster(
  data: string,
  binaries: Binaries,
  identity: Identity,
  durable: boolean,
): Promise<string> {
  const passwordFile = `${data}.password`
  const parent = dirname(data)
  const beginning = `${data}.new-`
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    if (path.startsWith(beginning)) rmSync(path, { recursive: true, force: true })
  }
  if (existsSync(data)) return readPassword(passwordFile, data)

  const password = randomBytes(24).toString('base64url')
  const work = `${beginning}${process.pid}`
  mkdirSync(work, { mode: 0o700 })
  writeFileSync(join(work, 'password'), password, { mode: 0o600 })
  if (identity.owner) {
    for (const path of [join(work, 'password'), work]) chownSync(path, identity.owner.uid, identity.owner.gid)
  }
  await initdb(work, binaries, identity, durable)
  // The password first: a database without its password is lost, a password without a database is overwritten by the next start.
  writeFileSync(`${passwordFile}.new`, password, { mode: 0o600, flush: true })
  renameSync(`${passwordFile}.new`, passwordFile)
  renameSync(join(work, 'data'), data)
  rmSync(work, { recursive: true, force: true })
  return password
}

function readPassword(file: string, data: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  throw new EmbeddedError(`The password of the database in ${data} is gone: restore the file ${file} from a backup.`)
}

async function initdb(work: string, binaries: Binaries, identity: Identity, durable: boolean): Promise<void> {
  const child = identity.spawn(
    binaries.initdb,
    [
      '-D',
      join(work, 'data'),
      '--username',
      NAME,
      '--auth=scram-sha-256',
      '--pwfile',
      join(work, 'password'),
      '--encoding=UTF8',
      // Without a LANG it would choose SQL_ASCII, and with one an order that depends on the machine's libc.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(durable ? [] : ['--no-sync']),
    ],
    { env: { LC_ALL: 'C', TZ: 'UTC' }, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const outcome = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'a signal'))
  })
  if (outcome !== 0) {
    rmSync(work, { recursive: true, force: true })
    throw new EmbeddedError(`The embedded database could not be made in ${work} (${outcome}).\n${said.trim()}`)
  }
}

/** The settings of a small server on one machine, given on the command line so that a new release's settings hold for old data. */
export function settings(options: { port: number; durable: boolean; tag: string }): string[] {
  const values: Record<string, string> = {
    port: `${options.port}`,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    cluster_name: options.tag,
    shared_buffers: '128MB',
    max_connections: options.durable ? '100' : '300',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Queries here take milliseconds, less than compiling them would.
    jit: 'off',
    max_wal_size: '512MB',
    // Refused statements are the application's to log (it knows the request); these stay: starts, stops, crashes, full disks.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', autovacuum: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
