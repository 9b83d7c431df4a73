/**
 * Mutation testing without a framework: each mutant is one line of server/time changed into a plausible mistake, in a
 * copy of the folder; the quick tests named with it must fail there. A mutant that survives is a rule nobody checks.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

export interface Mutant {
  /** The mistake, in words. */
  readonly mistake: string
  /** Within server/time. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly code: string
  readonly instead: string
}

/** How long the tests of one mutant may take; a mutant that loops for ever is caught as well. */
const PATIENCE_MS = 20_000

/**
 * Declares one test: the `tests` (paths within server/time) pass on the code as it stands, and fail on every mutant.
 */
export function catchMutants(name: string, tests: readonly string[], mutants: readonly Mutant[]): void {
  test(`each of ${mutants.length} single-line mutants of ${name} is caught`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'banister-mutants-'))
    try {
      cpSync(join(import.meta.dirname, '..'), folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
      const sound = run(folder, tests)
      assert.equal(sound.status, 0, `the tests fail without a mutant:\n${sound.stdout}${sound.stderr}`)
      const survivors = mutants.filter((mutant) => !isCaught(folder, mutant, tests))
      assert.deepEqual(
        survivors.map(({ mistake }) => mistake),
        [],
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

function isCaught(folder: string, { mistake, file, code, instead }: Mutant, tests: readonly string[]): boolean {
  const path = join(folder, file)
  const sound = readFileSync(path, 'utf8')
  assert.equal(sound.split(code).length, 2, `"${mistake}" does not name one place of ${file}`)
  writeFileSync(
    path,
    sound.replace(code, () => instead),
  )
  const { status } = run(folder, tests, [`--import=${firstFailureEnds}`])
  writeFileSync(path, sound)
  return status !== 0
}

/** Ends the process with the first failure: what the other tests would say of a caught mutant changes nothing. */
const firstFailureEnds = `data:text/javascript,${encodeURIComponent(
  "import { afterEach } from 'node:test'; afterEach(({ passed }) => { if (passed === false) process.exit(1) })",
)}`

function run(folder: string, tests: readonly string[], options: readonly string[] = []) {
  // In one process, because a mutant costs mostly the start of it. Without our environment, which tells a test run
  // within a test run to do nothing.
  const args = ['--test', '--test-isolation=none', ...options, ...tests]
  const env = { NODE_COMPILE_CACHE: join(folder, 'compiled') }
  return spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8', timeout: PATIENCE_MS })
}
