import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { protocolOf } from '../server/platform/socket/frame.ts'
import { formats } from '../server/platform/http/validation.ts'
import { openHouse } from './support.ts'

const house = await openHouse()
const { body: document } = await house.call('GET', '/asyncapi.json')

test('the document is AsyncAPI 3.0 by its own rules', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'banister-asyncapi-'))
  const file = path.join(folder, 'asyncapi.json')
  writeFileSync(file, JSON.stringify(document))
  writeFileSync(path.join(folder, 'redocly.yaml'), 'extends: [spec]\ntelemetry: off\n')
  const cli = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js')

  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'lint', file, '--format=stylish'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  rmSync(folder, { recursive: true })

  assert.equal(document['asyncapi'], '3.0.0')
  assert.equal(status, 0, stdout + stderr)
})

test('every frame and entry that was declared is in it, and every example is one', () => {
  const { frames, entries, topics } = protocolOf(house.http)
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, { type: 'string', validate })
  ajv.addSchema(document, 'document')
  const messages = Object.entries(
    document['components'].messages as Record<string, { examples: { payload: object }[] }>,
  )
  const names = new Set(messages.map(([name]) => name))

  const missing = [
    ...[...frames.keys(), 'auth', 'ping'].flatMap((type) => [`client.${type}`, `ack.${type}`]),
    ...[...entries.keys()].map((type) => `told.${type}`),
    ...[...topics.keys()].flatMap((topic) =>
      [
        'client.subscribe',
        'ack.subscribe',
        'client.unsubscribe',
        'ack.unsubscribe',
        'told.topic.changed',
        'told.topic.ended',
      ].map((name) => `${name}.${topic}`),
    ),
    ...['hello', 'resumed', 'reset', 'expiring', 'error'].map((type) => `server.${type}`),
  ].filter((name) => !names.has(name))
  const wrong = messages.flatMap(([name, { examples }]) => {
    const validate = ajv.getSchema(`document#/components/messages/${name}/payload`)
    if (!validate) return [`${name} has no shape`]
    return validate(examples[0]?.payload) ? [] : [`${name}: ${ajv.errorsText(validate.errors)}`]
  })

  assert.deepEqual(missing, [])
  assert.deepEqual(wrong, [])
  assert.ok(messages.length >= 9)
  assert.deepEqual([...topics.keys()].toSorted(), ['calendar', 'room', 'slots'])
})

test('every reference leads somewhere, and every message stands in its channel', () => {
  const text = JSON.stringify(document)
  const broken = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)]
    .map(([, pointer]) => pointer!)
    .filter((pointer) => {
      let at: unknown = document
      for (const part of pointer.split('/')) at = (at as Record<string, unknown> | undefined)?.[part]
      return at === undefined
    })

  assert.deepEqual(broken, [])
  assert.deepEqual(
    Object.keys(document['channels'].socket.messages).toSorted(),
    Object.keys(document['components'].messages).toSorted(),
  )
})
