import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { warm } from '../server/app.ts'
import { formats } from '../server/platform/http/validation.ts'
import { documentOf, type Described, type Schema } from './document.ts'
import { openHouse } from './support.ts'

const house = await openHouse()
const { document, operations } = await documentOf(house)
const nameOf = ({ method, path: url }: Described): string => `${method} ${url}`

/** Operations for which something does not hold, by name. */
const without = (holds: (operation: Described) => unknown): string[] =>
  operations.filter((operation) => !holds(operation)).map(nameOf)

test('There is a document to check', () => {
  assert.ok(operations.length > 20)
  assert.equal(document['openapi'], '3.1.0')
  assert.equal(document['info'].title, 'Banister API v1')
})

test('What the start leaves for the first use compiles and loads', () => warm())

test('Every operation has a summary, a description, a tag that is explained, security, its refusals and a name of its own', () => {
  const explained = new Set(document['tags'].map((tag: Schema) => tag['description'] && tag['name']))

  assert.deepEqual(
    without(({ raw }) => raw['summary'] && raw['description']),
    [],
  )
  assert.deepEqual(
    without(({ raw }) => raw['tags'].every((tag: string) => explained.has(tag))),
    [],
  )
  assert.deepEqual(
    without(({ raw }) => Array.isArray(raw['security']) && raw['x-who']),
    [],
  )
  assert.deepEqual(
    without(({ raw }) => Object.keys(raw['responses']).some((status) => status.startsWith('4'))),
    [],
  )
  assert.deepEqual(
    without(({ raw, isPublic }) => isPublic || raw['responses']['401']),
    [],
  )
  assert.equal(new Set(operations.map(({ raw }) => raw['operationId'])).size, operations.length)
})

test('Every example is an example: its shape validates it', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, { type: 'string', validate })
  ajv.addSchema(document, 'document')
  const wrong: string[] = []
  const check = (operation: Described, what: string, content: Schema | undefined, pointer: string): void => {
    if (!content) return
    const [type, { example }] = Object.entries<Schema>(content)[0]!
    if (type === 'multipart/form-data') return
    if (example === undefined) return void wrong.push(`${nameOf(operation)}: no example of its ${what}`)
    if (type !== 'application/json') return
    const schema = `document#/paths/${escape(operation.path)}/${operation.method.toLowerCase()}/${pointer}/content/${escape(type)}/schema`
    if (!ajv.validate({ $ref: schema }, example)) wrong.push(`${nameOf(operation)}: ${what} ${ajv.errorsText()}`)
  }
  for (const operation of operations) {
    const { raw } = operation
    const status = Object.keys(raw['responses']).find((code) => code.startsWith('2'))!
    check(operation, 'body', raw['requestBody']?.content, 'requestBody')
    check(operation, 'answer', raw['responses'][status].content, `responses/${status}`)
  }

  assert.deepEqual(wrong, [])
})

test('An operation whose answer holds a token or a secret takes no Idempotency-Key, since its answer must not be kept', () => {
  // A client_secret of a payment is for one payment and must come again: its operations keep themselves from paying twice.
  // What one may do with a calendar is called access as well, and is a word of four.
  const secrets =
    /"(?:access(?!":(?:\{"type":"string","enum"|"(?:free_busy|read|write|owner)"))|refresh|token|secret|recovery_codes|app_password)":/

  const kept = operations.filter(({ raw }) => {
    const answers = JSON.stringify(Object.entries(raw['responses']).filter(([status]) => status.startsWith('2')))
    const keyed = raw['parameters'].some((parameter: Schema) => parameter['name'] === 'Idempotency-Key')
    return keyed && secrets.test(resolve(answers))
  })

  assert.deepEqual(kept.map(nameOf), [])
})

test('The document is clean under Redocly', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'banister-openapi-'))
  const file = path.join(folder, 'openapi.json')
  writeFileSync(file, JSON.stringify(document, null, 1))
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json')
  const config = fileURLToPath(new URL('../redocly.yaml', import.meta.url))

  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(path.dirname(manifest), 'bin/cli.js'), 'lint', '--config', config, '--format', 'stylish', file],
    { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
  )
  rmSync(folder, { recursive: true })

  assert.equal(status, 0, stdout + stderr)
  assert.doesNotMatch(stdout + stderr, /\d+ warning/, stdout + stderr)
})

/** The text with what it refers to put in its place. */
function resolve(text: string): string {
  return text.replaceAll(/\{"\$ref":"#\/components\/schemas\/([^"]+)"\}/g, (_, name: string) =>
    resolve(JSON.stringify(document['components'].schemas[name])),
  )
}

/** A key as a JSON pointer in a URI writes it. */
function escape(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
}
