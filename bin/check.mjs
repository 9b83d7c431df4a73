// Types, lint, format, dead code, architecture, and whether what is generated is fresh. Says only what fails; exit code 1 then.
// Run through `bin/check`; `bin/check lint types` runs those two.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tool = (path, ...args) => [join('node_modules', path), ...args]

const checks = [
  { name: 'types', args: tool('typescript/bin/tsc', '-p', '.') },
  { name: 'lint', args: tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings') },
  { name: 'format', args: tool('oxfmt/bin/oxfmt', '--check') },
  { name: 'dead code', args: tool('knip/bin/knip.js', '--no-progress') },
  { name: 'architecture', args: ['--test', '--test-reporter=dot', 'test/architecture.test.ts'] },
  { name: 'generated', args: ['bin/banister.mjs', 'generate', '--check'], needsDatabase: true },
]

const wanted = process.argv.slice(3)
const chosen = checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
if (chosen.length === 0) {
  console.error(`There is no check ${wanted.join(', ')}; there are: ${checks.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

const waiting = [...chosen]
const failed = []
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const began = performance.now()
      const { code, said } = check.needsDatabase ? await runOnFreshDatabase(check.args) : await run(check.args)
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      if (code !== 0) failed.push(check.name)
      console.log(
        `${code === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)${code === 0 ? '' : `\n${said.trimEnd()}\n`}`,
      )
    }
  }),
)
if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`)
// Not process.exit: the test server, if one was started, stops when nothing else is left to do.
process.exitCode = failed.length > 0 ? 1 : 0

/** What is generated follows from the migrations alone: never from the developer's own database. */
async function runOnFreshDatabase(args) {
  try {
    const { createDatabase } = await import('../test/postgres.ts')
    const database = await createDatabase()
    const outcome = await run(args, { DATABASE_URL: database.url })
    await database.drop()
    return outcome
  } catch (error) {
    return { code: 1, said: error.stack }
  }
}

function run(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    child.on('error', (error) => resolve({ code: 1, said: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, said }))
  })
}
