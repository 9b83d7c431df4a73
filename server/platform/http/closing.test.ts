import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { serverWith } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { operation } from './operation.ts'

const house = await openHouse()

/** Waits for what has to have come about before the test goes on, however long a busy machine takes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5)
}

/** A listening server with an operation that ends when the test says so. */
async function listening(t: TestContext) {
  const arrived = Promise.withResolvers<void>()
  let underWay = 0
  const release = Promise.withResolvers<void>()
  const { http } = await serverWith(house, (app) =>
    operation(app, {
      method: 'GET',
      path: '/slow/',
      who: 'public',
      tag: 'Test',
      summary: 'Slow',
      limit: 'none',
      data: Type.Object({ done: Type.Boolean() }),
      message: 'Done',
      run: async () => {
        underWay++
        arrived.resolve()
        await release.promise
        return { done: true }
      },
    }),
  )
  await http.listen({ host: '127.0.0.1', port: 0 })
  const { port } = http.server.address() as AddressInfo
  t.after(async () => {
    release.resolve()
    await http.close()
  })
  return { http, port, arrived: arrived.promise, underWay: () => underWay, release: release.resolve }
}

type Heard = { status: number; body: string; headers: IncomingMessage['headers'] }
async function ask(port: number, path: string, agent?: Agent): Promise<Heard> {
  const sent = request({ host: '127.0.0.1', port, path, ...(agent ? { agent } : {}) }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: answer.headers }
}

/** Sends bytes as they are and answers what comes back until the server hangs up. */
async function raw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  let heard = ''
  socket.on('data', (chunk) => (heard += chunk.toString()))
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('close', resolve))
  return heard
}

test('A server that shuts down finishes the requests under way, and sends new ones of open connections away', async (t) => {
  const { http, port, arrived, release } = await listening(t)
  const underWay = ask(port, '/api/v1/slow/')
  await arrived
  // A connection in the middle of a request is open: its next request comes while the server shuts down.
  const connected = once(http.server, 'connection')
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /api/v1/nothing/ HTTP/1.1\r\nhost: x\r\n')
  const [theirs] = (await connected) as [Socket]
  await until(() => theirs.bytesRead > 0)

  const closed = http.close()
  await until(() => !http.server.listening)
  socket.write('\r\n')
  const [late] = (await once(socket, 'data')) as [Buffer]
  const refused = await raw(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  const released = performance.now()
  release()
  const finished = await underWay
  await closed
  const took = performance.now() - released

  assert.deepEqual([finished.status, (JSON.parse(finished.body) as { data: object }).data], [200, { done: true }])
  assert.match(late.toString(), /^HTTP\/1\.1 503 [\s\S]*retry-after: \d+[\s\S]*SERVICE_UNAVAILABLE/i)
  assert.match(late.toString(), /connection: close/i)
  assert.equal(refused, '')
  assert.ok(took < 3000, `the connection was held for ${took} ms`)
})

test('More requests at once than can be served well are sent away at once, and told to come back', async (t) => {
  const { port, underWay, release } = await listening(t)
  const agent = new Agent({ maxSockets: 2000 })
  const waiting = Array.from({ length: 1000 }, () => ask(port, '/api/v1/slow/', agent))
  await until(() => underWay() === 1000)

  const extra = await ask(port, '/api/v1/slow/')
  release()
  const answers = await Promise.all(waiting)
  const after = await ask(port, '/api/v1/health/live/').catch(() => null)

  assert.deepEqual([extra.status, extra.headers['retry-after']], [503, '2'])
  assert.ok(answers.every(({ status }) => status === 200))
  assert.equal(after?.status, 404)
})

test('Bytes that are no HTTP, and headers without end, are answered in the envelope', async (t) => {
  const { port } = await listening(t)

  const rubbish = await raw(port, '\u0016\u0003\u0001 no http\r\n\r\n')
  const long = await raw(port, `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(40_000)}\r\n\r\n`)
  const smuggled = await raw(
    port,
    'POST /api/v1/slow/ HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /',
  )
  const split = await raw(
    port,
    'GET /api/v1/nothing/ HTTP/1.1\r\nhost: x\r\nx-request-id: abcdefgh\rSet-Cookie: a=b\r\n\r\n',
  )

  for (const heard of [rubbish, long, smuggled, split]) {
    assert.match(heard, /^HTTP\/1\.1 4\d\d /)
    assert.match(heard, /"error_number":"VALIDATION_ERROR"/)
    assert.doesNotMatch(heard, /^set-cookie/im)
  }
})
