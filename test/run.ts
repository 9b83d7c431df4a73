// The test run: one PostgreSQL for all files, then Node's own runner. `npm test -- bookings` runs the files with that in their path;
// what begins with a dash goes to the runner (`npm test -- --test-name-pattern=overlap`).
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestServer } from './postgres.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const given = process.argv.slice(2).filter((word, index) => !(index === 0 && word === 'test'))
const options = given.filter((word) => word.startsWith('-'))
const filters = given.filter((word) => !word.startsWith('-'))
const files = globSync(['server/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted()

if (files.length === 0) {
  console.error(`No test file has ${filters.join(' or ')} in its path.`)
  process.exit(1)
}

// Somebody else's server, as in the run on PostgreSQL 15, or one of our own until the end of the run.
const server = process.env['TEST_DATABASE_URL'] ? undefined : await startTestServer()
const concurrency = Math.min(4, Math.max(2, availableParallelism()))
const runner = spawn(
  process.execPath,
  ['--test', `--test-concurrency=${concurrency}`, '--test-timeout=300000', ...options, ...files],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      // Each file is a process that loads the whole application: what one has compiled, the others need not.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/banister'),
      ...process.env,
      ...(server && { TEST_DATABASE_URL: server.url }),
    },
  },
)
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => runner.kill('SIGTERM'))
const code = await new Promise<number>((resolve) => {
  runner.on('error', () => resolve(1))
  runner.on('exit', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 1)))
})
await server?.stop()
process.exit(code)
