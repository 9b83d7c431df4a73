import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { EmbeddedError } from './error.ts'

/** As whom PostgreSQL runs: as ourselves, or, since it refuses root, as another user when we are root. */
export interface Identity {
  /** The user that must own the data; undefined when it is our own. */
  owner: { uid: number; gid: number } | undefined
  spawn: (program: string, args: string[], options: SpawnOptions) => ChildProcess
}

interface User {
  name: string
  uid: number
  gid: number
}

/**
 * Decides as whom PostgreSQL runs.
 * @param parent the directory that will hold its data; it exists.
 * @param data the data directory; when it exists its owner stays, so that installing a `postgres` user later changes nothing.
 * @param programs what this user must be able to run.
 *
 * Where that user cannot enter a directory on the way (a clone below /root or below `mktemp -d`), it is given the one capability
 * that lets it pass, by `setpriv` of util-linux: PostgreSQL only looks whether it is user 0. Throws EmbeddedError where that is
 * impossible too.
 */
export function chooseIdentity(parent: string, data: string, programs: string[]): Identity {
  if (process.geteuid?.() !== 0) {
    const owner = statSync(data, { throwIfNoEntry: false })?.uid
    if (process.geteuid && owner !== undefined && owner !== process.geteuid()) {
      throw new EmbeddedError(
        `The database in ${data} belongs to another user: start Banister as that user, or set another DATA_DIR.`,
      )
    }
    return { owner: undefined, spawn }
  }
  const user = chooseUser(data)
  const closed = [parent, ...programs.map((program) => dirname(program))]
    .map((path) => closedDirectory(path, user))
    .find((path) => path !== undefined)
  const unusable = programs.find((program) => !mayUse(program, user, 0o5))
  if (closed === undefined && unusable === undefined) {
    return {
      owner: user,
      spawn: (program, args, options) => spawn(program, args, { ...options, uid: user.uid, gid: user.gid }),
    }
  }
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
  // dac_read_search only opens directories and is enough, unless a program's own mode is in the way.
  const capability = ['dac_read_search', 'dac_override'].slice(unusable ? 1 : 0).find(hasCapability)
  if (setpriv === undefined || capability === undefined)
    throw new EmbeddedError(closedMessage(user.name, closed ?? unusable!))
  const drop = ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups']
  const keep = ['--inh-caps', `+${capability}`, '--ambient-caps', `+${capability}`]
  return {
    owner: user,
    spawn: (program, args, options) => spawn(setpriv, [...drop, ...keep, '--', program, ...args], options),
  }
}

function closedMessage(user: string, path: string): string {
  return (
    `PostgreSQL does not run as root, and the user ${user}, as whom it runs instead, cannot enter ${path}. ` +
    `Open it for passing through (chmod o+x "${path}"), or move the project and DATA_DIR elsewhere, ` +
    'or start Banister as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.'
  )
}

function chooseUser(data: string): User {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name: name ?? '', uid: Number(uid), gid: Number(gid) }))
  const owner = existsSync(data) ? statSync(data) : undefined
  if (owner && owner.uid !== 0) {
    return users.find((user) => user.uid === owner.uid) ?? { name: `${owner.uid}`, uid: owner.uid, gid: owner.gid }
  }
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody')
  if (user) return user
  throw new EmbeddedError(
    'PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody to run it as. ' +
      'Add one (useradd --system postgres), or start Banister as an ordinary user, or set DATABASE_URL.',
  )
}

function closedDirectory(path: string, user: User): string | undefined {
  const above = dirname(path)
  const closedAbove = above === path ? undefined : closedDirectory(above, user)
  return closedAbove ?? (mayUse(path, user, 0o1) ? undefined : path)
}

function mayUse(path: string, user: User, wanted: number): boolean {
  const { mode, uid, gid } = statSync(path)
  const granted = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode
  return (granted & wanted) === wanted
}

function hasCapability(name: string): boolean {
  const bit = name === 'dac_override' ? 1n : 2n
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
  return effective !== undefined && (BigInt(`0x${effective}`) & (1n << bit)) !== 0n
}

/** Makes `path` and what is missing above it. Under root what it makes can be passed through, for PostgreSQL's user, whatever the umask. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(resolve(path)))
  mkdirSync(path, { recursive: true })
  chmodSync(path, process.geteuid?.() === 0 ? 0o711 : 0o700)
}
