import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'banister launcher '))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A clone whose application is the given code, with an npm that only writes down how it was called. */
function makeClone(name: string, code: string): { home: string; env: NodeJS.ProcessEnv; installs: () => string[] } {
  const home = join(folder, name)
  mkdirSync(join(home, 'server'), { recursive: true })
  cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(home, file))
  for (const file of ['main.ts', 'console.ts']) writeFileSync(join(home, 'server', file), code)
  const npm = `import { appendFileSync, cpSync, mkdirSync } from 'node:fs'
    await new Promise((resolve) => setTimeout(resolve, 300))
    appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
    mkdirSync('node_modules/.bin', { recursive: true })
    cpSync(${JSON.stringify(join(root, 'node_modules/.package-lock.json'))}, 'node_modules/.package-lock.json')`
  writeFileSync(join(home, 'npm.js'), npm)
  const installs = (): string[] =>
    existsSync(join(home, 'calls')) ? readFileSync(join(home, 'calls'), 'utf8').trim().split('\n') : []
  return { home, env: { PATH: process.env['PATH'], npm_execpath: join(home, 'npm.js') }, installs }
}

const launcher = (home: string): string => join(home, 'bin/banister.mjs')

test('the first start installs what is needed to run, and the second installs nothing', () => {
  const { home, env, installs } = makeClone('first', `console.log('runs', process.argv.slice(2).join(' '))`)

  const first = spawnSync(process.execPath, [launcher(home), 'start', '--loud'], { env, encoding: 'utf8' })
  const second = spawnSync(process.execPath, [launcher(home), 'serve'], { env, encoding: 'utf8' })

  assert.deepEqual([first.status, first.stdout], [0, 'runs start --loud\n'])
  assert.match(first.stderr, /^Installing the dependencies.*\n$/)
  assert.deepEqual([second.status, second.stdout, second.stderr], [0, 'runs serve\n', ''])
  assert.equal(installs().length, 1)
  assert.match(installs()[0] ?? '', /^install --no-save --omit=dev .*--ignore-scripts/)
})

test('a changed lock file is followed by an install', () => {
  const { home, env, installs } = makeClone('changed', '')
  spawnSync(process.execPath, [launcher(home), 'start'], { env })
  const lock = readFileSync(join(home, 'package-lock.json'), 'utf8')
  writeFileSync(join(home, 'package-lock.json'), lock.replace('"node_modules/pg"', '"node_modules/pg-of-tomorrow"'))

  spawnSync(process.execPath, [launcher(home), 'start'], { env })

  assert.equal(installs().length, 2)
})

test('two first starts at once install once, and a lock that a killed one left holds nobody up', async () => {
  const { home, env, installs } = makeClone('twice', `console.log('runs')`)
  writeFileSync(join(home, '.install.lock'), '999999999 1')

  const both = [1, 2].map(() => spawn(process.execPath, [launcher(home), 'start'], { env, stdio: 'ignore' }))
  const ends = await Promise.all(both.map((child) => once(child, 'exit')))

  assert.deepEqual(ends, [
    [0, null],
    [0, null],
  ])
  assert.equal(installs().length, 1)
  assert.equal(existsSync(join(home, '.install.lock')), false)
})

test('when npm fails its words are shown, and nothing is started', () => {
  const { home, env } = makeClone('failing', `console.log('runs')`)
  writeFileSync(join(home, 'npm.js'), `console.error('no such host'); process.exit(7)`)

  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher(home), 'start'], { env, encoding: 'utf8' })

  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /no such host\nnpm could not install/)
})

test('the exit code of a command is passed on', () => {
  const { home, env } = makeClone('code', 'process.exit(5)')

  const { status } = spawnSync(process.execPath, [launcher(home), 'make-admin'], { env })

  assert.equal(status, 5)
})

test('an older Node goes on in the Node that npm brought, with signals and exit code passed through', async (t) => {
  const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
    (path) => Number.parseInt(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.slice(1) ?? '', 10) < 26,
  )
  const brought = join('node_modules', `node-${process.platform}-${process.arch}`)
  if (!old || !existsSync(join(root, brought))) return t.skip('there is no older Node here')
  const code = `process.on('SIGTERM', () => process.exit(6))
    console.log(process.version, process.env.UV_THREADPOOL_SIZE)
    setInterval(() => {}, 1000)`
  const { home, env } = makeClone('older', code)
  mkdirSync(join(home, 'node_modules'))
  symlinkSync(join(root, brought), join(home, brought))

  const child = spawn(old, [launcher(home), 'start'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(child.stdout, 'data')
  child.kill('SIGTERM')

  assert.match(String(line), /^v26\..* 8\n$/)
  assert.deepEqual(await once(child, 'exit'), [6, null])
  return undefined
})
