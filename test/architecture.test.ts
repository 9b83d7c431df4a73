import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The plan (HOUSE section 1): a module imports only modules to its left, through their index.ts. */
const plan =
  'files accounts notifications organizations scheduling rooms catalog calendars payments chat documents bookings tickets reviews webhooks google caldav insights backups administration'.split(
    ' ',
  )
const imports = /(?<![.\w])(?:from\s+|import\s+|import\s*\(\s*)['"]([^'"\n]+)['"]/g
const writes =
  /(?:insertInto|updateTable|deleteFrom|mergeInto)\(\s*['"`](\w+)|(?:INSERT INTO|DELETE FROM|MERGE INTO|TRUNCATE|UPDATE(?=\s+\w+\s+(?:(?:AS\s+)?\w+\s+)?SET\b))\s+(\w+)/g

/** Which room a file is in: a module, `platform`, `time`, `demo`, or the composition root around them. */
const roomOf = (file: string): string =>
  /^server\/modules\/([^/]+)\//.exec(file)?.[1] ?? /^server\/(platform|time|demo)\//.exec(file)?.[1] ?? 'root'
/** The tests of time and what they are made of may read files and compare with others' libraries. */
const isProof = (file: string): boolean => /\.test\.ts$|\/(?:vectors|mutation|proof|brute)\//.test(file)
const isModule = (file: string): boolean => file.startsWith('server/modules/')

/** What is wrong with the files (path and text), in words. */
function problemsOf(files: Map<string, string>): string[] {
  const problems: string[] = []
  const writers = new Map<string, string>()
  let seen = 0
  for (const [file, text] of files) {
    const room = roomOf(file)
    if (isModule(file) && !plan.includes(room)) problems.push(`${room} is not on the list`)
    for (const [, name] of text.matchAll(imports)) {
      const target = name!.startsWith('.') ? path.posix.join(path.posix.dirname(file), name!) : name!
      const other = roomOf(target)
      seen++
      if (name === 'fastify' && room !== 'platform' && !mayImportFastify(file, text))
        problems.push(`${file} imports fastify`)
      if (room === 'time' && !isProof(file) && !target.startsWith('server/time/'))
        problems.push(`${file} is not pure: ${name}`)
      if (other === 'demo' && room !== 'demo' && room !== 'root') problems.push(`${file} knows the demo`)
      if (other === room || !isModule(target)) continue
      if (!target.endsWith(`/${other}/index.ts`)) problems.push(`${file} passes by the front door of ${other}`)
      if (room === 'platform') problems.push(`${file} knows the module ${other}`)
      if (isModule(file) && plan.indexOf(other) > plan.indexOf(room))
        problems.push(`${file} imports to its right: ${other}`)
    }
    // The demo fills the tables of all modules in bulk, so that a house of a hundred thousand services can be measured: no API makes that in minutes.
    if (file.endsWith('.test.ts') || room === 'demo') continue
    for (const [, built, raw] of text.matchAll(writes)) {
      const table = built ?? raw!
      if (room === 'root') problems.push(`${file} writes ${table} outside the modules`)
      const writer = writers.getOrInsert(table, room)
      if (writer !== room) problems.push(`${table} is written by ${writer} and ${room}`)
    }
  }
  if (seen === 0 || writers.size === 0) problems.push('there is nothing to check')
  return [...new Set(problems)]
}

/** Routes do; a front door and the composition root hand the server on and may name its type. */
const mayImportFastify = (file: string, text: string): boolean =>
  /\/routes(?:\.ts$|\/)/.test(file) ||
  (/(?:\/index|^server\/app)\.ts$/.test(file) && !/import (?!type)[^'"]*['"]fastify['"]/.test(text))

test('The house is built to its plan', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const names = globSync('server/**/*.ts', { cwd: root })

  const problems = problemsOf(new Map(names.map((name) => [name, readFileSync(path.join(root, name), 'utf8')])))

  assert.deepEqual(problems, [])
})

const sound = {
  'server/modules/bookings/queries.ts': `import { x } from '../accounts/index.ts'; db.insertInto('bookings')`,
  'server/modules/accounts/routes.ts': `import type { FastifyInstance } from 'fastify'; sql\`DELETE FROM users\``,
  'server/demo/load.ts': `import { hashPassword } from '../modules/accounts/index.ts'; db.insertInto('users')`,
}
const broken: [what: string, files: Record<string, string>, problem: RegExp][] = [
  ['nothing to check', {}, /there is nothing to check/],
  ['a module that is not on the list', { 'server/modules/misc/a.ts': '' }, /misc is not on the list/],
  [
    'a way past the front door',
    { 'server/modules/bookings/a.ts': `import '../accounts/queries.ts'` },
    /passes by the front door of accounts/,
  ],
  [
    'a way past the front door from outside',
    { 'server/app.ts': `await import('./modules/accounts/service.ts')` },
    /front door/,
  ],
  [
    'a platform that knows a module',
    { 'server/platform/a.ts': `export * from '../modules/accounts/index.ts'` },
    /knows the module accounts/,
  ],
  ['a platform that knows the demo', { 'server/platform/a.ts': `import '../demo/load.ts'` }, /knows the demo/],
  [
    'a demo that passes by a front door',
    { 'server/demo/a.ts': `import '../modules/accounts/passwords.ts'` },
    /passes by the front door of accounts/,
  ],
  [
    'a table written outside the modules',
    { 'server/console.ts': `db.insertInto('wishes')` },
    /wishes outside the modules/,
  ],
  ['time that is not pure', { 'server/time/a.ts': `import { sql } from 'kysely'` }, /is not pure/],
  ['time that knows the platform', { 'server/time/a.ts': `import '../platform/log.ts'` }, /is not pure/],
  [
    'an import to the right',
    { 'server/modules/accounts/a.ts': `import { x } from\n'../bookings/index.ts'` },
    /to its right: bookings/,
  ],
  [
    'a service that knows HTTP',
    { 'server/modules/accounts/service.ts': `import type { FastifyRequest } from "fastify"` },
    /imports fastify/,
  ],
  [
    'a front door that runs a server',
    { 'server/modules/accounts/index.ts': `import fastify from 'fastify'` },
    /imports fastify/,
  ],
  [
    'two writers of a table',
    { 'server/modules/reviews/queries.ts': `db.updateTable('bookings')` },
    /bookings is written by bookings and reviews/,
  ],
  [
    'two writers of a table in SQL',
    { 'server/modules/chat/queries.ts': `sql\`UPDATE users u SET name = 1\`` },
    /users is written by accounts and chat/,
  ],
]
for (const [what, files, problem] of broken) {
  test(`The check turns red at ${what}`, () => {
    const base: Record<string, string> = what === 'nothing to check' ? {} : sound

    const problems = problemsOf(new Map(Object.entries({ ...base, ...files })))

    assert.match(problems.join('\n'), problem)
    assert.deepEqual(problemsOf(new Map(Object.entries(sound))), [])
  })
}
