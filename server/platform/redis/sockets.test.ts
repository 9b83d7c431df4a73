import assert from 'node:assert/strict'
import { after, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeBeside } from '../../../test/platform.ts'
import { connect, type Client } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { appendToStreams } from '../streams.ts'
import { startRedis, withoutRedis, type RedisServer } from './server.fixture.ts'

/** Sockets on two nodes whose messages go through Redis: nothing is lost, repeated or out of order, also when Redis dies. */

const skip = withoutRedis
let server: RedisServer | undefined
if (!skip) {
  server = await startRedis()
  after(() => server?.stop())
}
const house = await openHouse(server ? { REDIS_URL: server.url } : {})
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })
await house.house.realtime.start()

async function nodeWithSockets(t: TestContext) {
  const node = await nodeBeside(house, t, { REDIS_URL: server!.url })
  await node.house.realtime.start()
  return { node, base: await node.http.listen({ port: 0, host: '127.0.0.1' }) }
}
const seqsOf = ({ heard }: Client): number[] =>
  heard.filter(({ type }) => type === 'note').map(({ seq }) => seq as number)
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)
async function until(holds: () => boolean, ms = 15_000): Promise<void> {
  const end = performance.now() + ms
  while (!holds()) {
    if (performance.now() > end) assert.fail('it did not come in time')
    await sleep(20)
  }
}

test(
  'Entries reach sockets on every node, each once and in order, through a death of Redis in between',
  { skip, timeout: 60_000 },
  async (t) => {
    const { node, base: otherBase } = await nodeWithSockets(t)
    const jane = await house.person()
    const sockets = [await connect(base, { token: jane.token }), await connect(otherBase, { token: jane.token })]
    const tell = async (from: number, to: number): Promise<void> => {
      for (let n = from; n <= to; n++) {
        const ctx = n % 2 === 0 ? node.contextFor('test') : house.ctx()
        await appendToStreams(ctx, [jane.id], { type: 'note', data: { n } })
      }
    }

    await tell(1, 30)
    await until(() => sockets.every((socket) => seqsOf(socket).length === 30))
    await server!.kill()
    await tell(31, 60)
    // Nobody can be woken now, and still they are told, by looking.
    await until(() => sockets.every((socket) => seqsOf(socket).length === 60))
    const starting = server!.start()
    await tell(61, 90)
    await starting
    await tell(91, 120)

    await until(() => sockets.every((socket) => seqsOf(socket).length >= 120))
    await sleep(300)
    for (const socket of sockets) assert.deepEqual(seqsOf(socket), upTo(120))
    await Promise.all(sockets.map((socket) => socket.close()))
  },
)

test(
  'Signing out on one node closes the sockets on the other, at once with Redis and soon without',
  { skip, timeout: 60_000 },
  async (t) => {
    const { base: otherBase } = await nodeWithSockets(t)
    const [jane, mary] = [await house.person(), await house.person()]
    const first = await connect(otherBase, { token: jane.token })
    const second = await connect(otherBase, { token: mary.token })

    await house.call('POST', '/api/v1/auth/logout/', { token: jane.token })
    // The message has left before the answer: how long a busy machine takes to sign out is not the question.
    const began = performance.now()
    assert.equal((await first.closed).code, 4401)
    assert.ok(performance.now() - began < 2000)

    await server!.kill()
    await house.call('POST', '/api/v1/auth/logout/', { token: mary.token })
    assert.equal((await second.closed).code, 4401)
    await server!.start()
  },
)

test(
  'A topic is told on every node through Redis, and what was said while Redis was dead is noticed by looking',
  { skip, timeout: 60_000 },
  async (t) => {
    const { base: otherBase } = await nodeWithSockets(t)
    const jane = await house.person()
    const ask = (path: string, json: object) =>
      house.call('POST', `/api/v1/${path}`, { token: jane.token, json }).then(({ body }) => body['data'].id as string)
    const calendar_id = await ask('calendars/', { name: 'Team' })
    const event = (day: number): Promise<string> => {
      const date = `2026-02-0${day}`
      return ask('events/', {
        title: 'Meeting',
        calendar_id,
        start_time: `${date}T10:00:00Z`,
        end_time: `${date}T11:00:00Z`,
      })
    }
    const socket = await connect(otherBase, { token: jane.token })
    const { version } = await socket.ask({ type: 'subscribe', topic: 'calendar', calendar_id })

    await event(1)
    const first = await socket.next('topic.changed')
    await server!.kill()
    await event(2)
    const second = await socket.next('topic.changed')
    await server!.start()

    const versions = [version, first['data'].version, second['data'].version]
    assert.deepEqual(
      versions,
      versions.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(versions).size, 3)
    await socket.close()
  },
)

test(
  'What happens while Redis says nothing is told on the other node within some five seconds, from the first moment on',
  { skip, timeout: 60_000 },
  async (t) => {
    const { base: otherBase } = await nodeWithSockets(t)
    const jane = await house.person()
    const socket = await connect(otherBase, { token: jane.token })
    await appendToStreams(house.ctx(), [jane.id], { type: 'note', data: { n: 1 } })
    await until(() => seqsOf(socket).length === 1)

    server!.freeze(true)
    const began = performance.now()
    try {
      await appendToStreams(house.ctx(), [jane.id], { type: 'note', data: { n: 2 } })
      await until(() => seqsOf(socket).length === 2)
    } finally {
      server!.freeze(false)
    }
    const late = performance.now() - began

    assert.ok(late < 6500, `${late} ms`)
    await socket.close()
  },
)
