import assert from 'node:assert/strict'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { serverWith } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { operation } from './operation.ts'

const house = await openHouse()
mock.timers.enable({ apis: ['setInterval'] })
const { http, call } = await serverWith(house, (app) =>
  operation(app, {
    method: 'POST',
    path: '/echo/',
    who: 'public',
    tag: 'Test',
    summary: 'Echo',
    limit: 'none',
    body: Type.Object({ word: Type.String() }),
    data: Type.Object({ word: Type.String() }),
    message: 'Done',
    run: async (_ctx, { body }) => body,
  }),
)
await http.listen({ host: '127.0.0.1', port: 0 })
const { port } = http.server.address() as AddressInfo
const headOf = (length: number): string =>
  `POST /api/v1/echo/ HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

test('JSON that drips in for more than a minute is refused in the envelope, and the connection ends', async () => {
  const socket = connect(port, '127.0.0.1')
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  // A piece that comes after the end finds nobody there any more.
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  const most = 3000
  // Longer than all pieces, or the last of them would make it whole.
  socket.write(headOf(most + 1))

  const pieces: number[] = []
  // Where the machine is slow, the head may come in only after very many of these.
  while (!socket.closed && pieces.length < most) {
    pieces.push(5 * pieces.length)
    mock.timers.tick(5000)
    socket.write(' ')
    await sleep(10)
  }
  await closed
  const answer = Buffer.concat(heard).toString()

  assert.ok(pieces.length > 10, `refused after ${pieces.at(-1)} s`)
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.match(answer, /"error_number":"VALIDATION_ERROR"/)
})

test('A request that has no connection, as tests ask, is left alone however long ago its body was refused', async () => {
  const { status } = await call('POST', '/api/v1/echo/', {
    payload: 'x'.repeat(3_000_000),
    headers: { 'content-type': 'application/json' },
  })

  // What it would throw, nobody could catch.
  mock.timers.tick(120_000)

  assert.equal(status, 413)
})

test('JSON that takes most of a minute is read', async (t) => {
  // Before the house goes: it has intervals of its own to end.
  t.after(async () => {
    mock.timers.reset()
    await http.close()
  })
  const socket = connect(port, '127.0.0.1')
  const heard = text(socket)
  const body = '{"word":"hello"}'
  socket.write(headOf(body.length).replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))

  await sleep(50)
  mock.timers.tick(55_000)
  socket.write(body)

  assert.match(await heard, /^HTTP\/1\.1 200 /)
})
