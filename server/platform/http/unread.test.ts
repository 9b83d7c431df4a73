import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { writeRead } from './unread.ts'

/** A stream, and who has asked for it without reading any of it yet. */
async function stream(t: { after: (end: () => void) => void }) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  client.pause()
  t.after(() => {
    client.destroy()
    server.close()
  })
  client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n')
  const [, raw] = (await once(server, 'request')) as [unknown, ServerResponse]
  raw.on('error', () => undefined)
  return { client, raw }
}

const event = 'x'.repeat(16_000)

test('Who asks for a stream and never reads it is cut off before much waits for them', async (t) => {
  const { raw } = await stream(t)
  let most = 0
  for (let i = 0; i < 10_000 && !raw.destroyed; i++) {
    writeRead(raw, event)
    most = Math.max(most, raw.writableLength)
    await turn()
  }
  assert.ok(raw.destroyed)
  assert.ok(most < 200_000, `${most} bytes waited`)
})

test('Who reads a stream gets all of it, however long it goes on', async (t) => {
  const { client, raw } = await stream(t)
  let read = 0
  client.on('data', (bytes: Buffer) => (read += bytes.length))
  client.resume()
  for (let i = 0; i < 2000; i++) {
    while (raw.writableLength > 30_000) await turn()
    writeRead(raw, event)
  }
  while (read < 2000 * event.length) await turn()
  assert.ok(!raw.destroyed)
})
