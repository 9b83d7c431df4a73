// Makes sure that the dependencies are installed: in a few milliseconds when they are, by npm when they are not.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Installs what package-lock.json lists unless it is there. `what` is 'prod' (enough to run) or 'all' (to test and check too).
 * What is there is never taken away: a server may be running on it. Throws an Error with npm's words when npm fails.
 */
export async function ensureInstalled(root, what) {
  if (isInstalled(root, what)) return
  const release = await lockInstalling(root)
  try {
    if (isInstalled(root, what)) return
    // Who has the tools for development keeps them.
    const groups = existsSync(join(root, 'node_modules/typescript')) ? 'all' : what
    await install(root, groups)
    stamp(root, groups)
  } finally {
    release()
  }
}

const stampFile = (root) => join(root, 'node_modules/.banister.json')
const treeFile = (root) => join(root, 'node_modules/.package-lock.json')
const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** What the stamp is valid for: this lock file, and this tree as npm left it (npm rewrites its hidden lock file with every change). */
function fingerprint(root) {
  const tree = statSync(treeFile(root))
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  return `${lock} ${tree.mtimeMs} ${tree.size}`
}

function isInstalled(root, what) {
  if (!existsSync(treeFile(root))) return false
  const found = read(stampFile(root))
  if (found?.of === fingerprint(root) && (found.what === 'all' || found.what === what)) return true
  if (!isTreeComplete(root, what)) return false
  stamp(root, what)
  return true
}

function stamp(root, what) {
  try {
    linkCommand(root)
    writeFileSync(stampFile(root), JSON.stringify({ of: fingerprint(root), what }))
  } catch {
    // A read-only installation (an image) is looked through at every start instead.
  }
}

/** `npx banister` looks in node_modules/.bin; npm does not link a project's own command there. */
function linkCommand(root) {
  const link = join(root, 'node_modules/.bin/banister')
  if (process.platform !== 'win32' && !existsSync(link)) symlinkSync('../../bin/banister.mjs', link)
}

/** Compares npm's own record of node_modules with package-lock.json, as far as the packages are for this platform. */
function isTreeComplete(root, what) {
  const wanted = read(join(root, 'package-lock.json'))?.packages ?? {}
  const there = read(treeFile(root))?.packages ?? {}
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (what === 'prod' && entry.dev) || !isForHere(entry)) return true
    // Of the optional ones those count that are made for this platform; npm leaves out the others that only they need.
    if (entry.optional && !entry.os && !entry.cpu) return true
    return there[path]?.version === entry.version
  })
}

const fits = (list, value) => !list || [list].flat().includes(value)
const isForHere = ({ os, cpu, libc }) =>
  fits(os, process.platform) &&
  fits(cpu, process.arch) &&
  (!libc || process.platform !== 'linux' || fits(libc, libcHere()))

let knownLibc
function libcHere() {
  if (knownLibc) return knownLibc
  process.report.excludeNetwork = true // it would look up names
  knownLibc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
  return knownLibc
}

async function install(root, what) {
  const fresh = !existsSync(treeFile(root))
  console.error(
    fresh ? 'Installing the dependencies (once, about a minute)' : 'Installing what is missing of the dependencies',
  )
  // Not `npm ci`: it empties node_modules, on which a server may be running, and refuses a lock file from a registry that lacked
  // some other platform's optional package. This installs the locked versions too, and with --no-save never writes the lock file.
  const groups = what === 'all' ? '--include=dev' : '--omit=dev'
  // The only install script that matters makes symlinks, which the embedded server makes itself: none has to be trusted.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--no-progress', '--loglevel=error']
  const { code, said } = await npm(root, ['install', '--no-save', groups, '--include=optional', ...quiet])
  if (code !== 0) throw new Error(`${said.trim()}\nnpm could not install the dependencies (see above).`)
}

function npm(root, args) {
  const script = process.env.npm_execpath
  const [program, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []]
  return new Promise((resolve) => {
    const child = spawn(program, [...first, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && first.length === 0,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    child.on('error', (error) => resolve({ code: 1, said: error.message }))
    child.on('close', (code) => resolve({ code, said }))
  })
}

/** Waits until no other living process installs here; answers how to let the next one. Node 20 has no lock of the kernel's to offer. */
async function lockInstalling(root) {
  const file = join(root, '.install.lock')
  const mine = `${process.pid} ${startOf(process.pid)}`
  for (let told = false; ;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isStale(file)) takeAway(file)
    else {
      if (!told) console.error('Waiting for another process that installs the dependencies')
      told = true
      await sleep(200)
    }
  }
}

function isStale(file) {
  try {
    const [pid, start] = readFileSync(file, 'utf8').split(' ')
    // Written a moment after it is made: young and empty is alive.
    if (!start) return Date.now() - statSync(file).mtimeMs > 5000
    return startOf(Number(pid)) !== start
  } catch {
    return false
  }
}

/** Of several that found the same dead lock one renames it; should another have made a living one in between, it is put back. */
function takeAway(file) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (!isStale(aside) && !existsSync(file)) renameSync(aside, file)
    else rmSync(aside, { force: true })
  } catch {
    // another was quicker
  }
}

/** When a living process began (a pid alone is given again); undefined when it is gone. */
function startOf(pid) {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0) && '0'
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch (error) {
    return error.code === 'EPERM' ? '0' : undefined
  }
}
