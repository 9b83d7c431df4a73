import assert from 'node:assert/strict'
import { after, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type Answer, type House } from '../../../test/support.ts'
import { ConfigError, loadConfig } from '../config.ts'
import { inTransaction } from '../db/transaction.ts'
import { appendToStreams } from '../streams.ts'
import { openRedis } from './connection.ts'
import { startRedis, withoutRedis, type RedisServer } from './server.fixture.ts'

/** Limits and messages through a real Redis, with two nodes, and while it is gone. */

const skip = withoutRedis
// The hook of the server is first, so that it runs last: the house says goodbye to a Redis that is still there.
let server: RedisServer | undefined
if (!skip) {
  server = await startRedis()
  after(() => server?.stop())
}
const settings = { RATE_LIMIT_PER_MINUTE: '40', ...(server ? { REDIS_URL: server.url } : {}) }
const house = await openHouse(settings)
let addresses = 0
const newAddress = (): string => `198.18.${addresses >> 8}.${addresses++ & 255}`
const from = (address: string, call: House['call'] = house.call): Promise<Answer> =>
  call('GET', '/api/v1/auth/me/', { address })
const second = (t: TestContext) => nodeBeside(house, t, { REDIS_URL: server!.url })
const until = async (holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> => {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) assert.fail('it did not come in time')
    await sleep(20)
  }
}
const health = async (): Promise<{ status: string }> =>
  (await house.call('GET', '/api/v1/health/', { address: newAddress() })).body['data'].dependencies.redis
const rowsInDatabase = async (): Promise<number> =>
  (await house.house.db.selectFrom('rate_limits').selectAll().execute()).length
const metric = async (name: string): Promise<string> =>
  (await house.call('GET', '/metrics')).text.split('\n').find((line) => line.startsWith(`${name} `)) ?? ''

test(
  'Limits are exact, begin with the first request, and leave no row in PostgreSQL',
  { skip, timeout: 60_000 },
  async () => {
    const address = newAddress()

    const answers: Answer[] = []
    for (let i = 0; i < 41; i++) answers.push(await from(address))
    house.pass({ seconds: 59 })
    const still = await from(address)
    house.pass({ seconds: 1 })
    const again = await from(address)

    assert.ok(answers.slice(0, 40).every(({ status }) => status === 401))
    assert.deepEqual([answers[40]!.status, answers[40]!.headers['retry-after']], [429, '60'])
    assert.deepEqual([still.status, still.headers['retry-after'], again.status], [429, '1', 401])
    assert.equal(await rowsInDatabase(), 0)
  },
)

test(
  'Two nodes together never let through more than the limit, however many come at once',
  { skip, timeout: 60_000 },
  async (t) => {
    const other = await second(t)
    const address = newAddress()

    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, i) => from(address, i % 2 === 0 ? house.call : other.call)),
    )

    const through = answers.filter(({ status }) => status === 401).length
    assert.ok(through <= 40 && through > 30, String(through))
    assert.ok(answers.every(({ status }) => status === 401 || status === 429))
  },
)

test('Failures are counted and taken back, never below nothing', { skip, timeout: 60_000 }, async () => {
  const { limits } = house.house
  const now = house.house.clock()

  await limits.remove('failures')
  const first = await limits.add('failures', now)
  await limits.remove('failures')
  await limits.remove('failures')
  const next = await limits.add('failures', now)

  assert.deepEqual([first.count, next.count], [1, 1])
})

test('A limit of a day holds for a day', { skip, timeout: 60_000 }, async () => {
  const { limits } = house.house
  const day = 24 * 3_600_000
  const take = (): Promise<number | null> => limits.take('daily', 2, house.house.clock(), day)

  assert.deepEqual([await take(), await take()], [null, null])
  house.pass({ hours: 23 })
  assert.equal(await take(), 3600)
  house.pass({ hours: 1 })
  assert.equal(await take(), null)
})

test('Two installations that share a Redis do not meet', { skip, timeout: 60_000 }, async (t) => {
  const elsewhere = await nodeBeside(house, t, { REDIS_URL: server!.url, REDIS_PREFIX: 'other' })
  const address = newAddress()

  for (let i = 0; i < 41; i++) await from(address)

  assert.equal((await from(address)).status, 429)
  assert.equal((await from(address, elsewhere.call)).status, 401)
})

test(
  'What is told in a transaction is heard on every node once it is committed, and never if it is not',
  { skip, timeout: 60_000 },
  async (t) => {
    const other = await second(t)
    await house.house.realtime.start()
    await other.house.realtime.start()
    const heard: unknown[] = []
    house.house.realtime.subscribe('test', (message) => heard.push(message))
    other.house.realtime.subscribe('test', (message) => heard.push(message))

    await assert.rejects(
      inTransaction(house.ctx(), async (ctx) => {
        await ctx.house.realtime.broadcast(ctx, 'test', { undone: true })
        throw new Error('undone')
      }),
      /undone/,
    )
    await inTransaction(house.ctx(), async (ctx) => {
      await ctx.house.realtime.broadcast(ctx, 'test', { n: 1 })
      await sleep(100)
      assert.deepEqual(heard, [])
    })

    await until(() => heard.length === 2)
    assert.deepEqual(heard, [{ n: 1 }, { n: 1 }])
  },
)

test(
  'When a node starts, everybody looks: the one before it may have died before it told what it had gathered',
  { skip, timeout: 60_000 },
  async (t) => {
    const other = await second(t)
    await other.house.realtime.start()
    const third = await second(t)
    let looks = 0
    other.house.realtime.onGap(() => looks++)

    await third.house.realtime.start()

    await until(() => looks > 0)
  },
)

test(
  'Entries of streams go the same way, whatever their size, and the database is not asked to notify',
  { skip, timeout: 60_000 },
  async (t) => {
    const other = await second(t)
    await other.house.realtime.start()
    const jane = await house.person()
    const heard: { to: [number, number][]; entry?: object }[] = []
    other.house.realtime.subscribe('streams', (message) => heard.push(message as (typeof heard)[number]))

    for (const text of ['short', 'x'.repeat(20_000)])
      await inTransaction(house.ctx(), (ctx) => appendToStreams(ctx, [jane.id], { type: 'test', data: { text } }))

    await until(() => heard.length === 2)
    assert.deepEqual(
      heard.map(({ to }) => to[0]![0]),
      [jane.id, jane.id],
    )
    assert.equal(heard[1]!.to[0]![1], heard[0]!.to[0]![1] + 1)
    assert.deepEqual(
      heard.map(({ entry }) => entry !== undefined),
      [true, false],
    )
  },
)

test(
  'While Redis is gone limits are counted in PostgreSQL; health, log and metrics say so; afterwards Redis has them again',
  { skip, timeout: 60_000 },
  async (t) => {
    const other = await second(t)
    await house.house.realtime.start()
    let gaps = 0
    house.house.realtime.onGap(() => gaps++)
    await server!.kill()
    await until(async () => (await health()).status === 'down')
    const address = newAddress()

    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, i) => from(address, i % 2 === 0 ? house.call : other.call)),
    )
    const through = answers.filter(({ status }) => status === 401).length
    // A write whose message cannot be sent is done all the same.
    await inTransaction(house.ctx(), (ctx) => ctx.house.realtime.broadcast(ctx, 'test', { n: 2 }))

    assert.ok(through <= 40 && through > 30, String(through))
    assert.ok((await rowsInDatabase()) > 0)
    assert.notEqual(await metric('limits_in_database_total'), 'limits_in_database_total 0')
    assert.equal(await metric('redis_up'), 'redis_up 0')

    const before = gaps
    await server!.start()
    await until(async () => (await health()).status === 'ok')
    await until(() => gaps > before)
    assert.equal((await from(newAddress())).status, 401)
    const heard: unknown[] = []
    house.house.realtime.subscribe('test', (message) => heard.push(message))
    await until(async () => {
      await house.house.realtime.broadcast(house.ctx(), 'test', { n: 3 })
      return heard.length > 0
    })
  },
)

test(
  'A Redis that answers nothing holds nobody up for long, and is left alone meanwhile',
  { skip, timeout: 60_000 },
  async () => {
    server!.freeze(true)
    try {
      const began = performance.now()
      const answers: Answer[] = []
      for (let i = 0; i < 10; i++) answers.push(await from(newAddress()))
      const spent = performance.now() - began

      assert.ok(answers.every(({ status }) => status === 401))
      assert.ok(spent < 3000, `${spent} ms`)
    } finally {
      server!.freeze(false)
    }
    await until(async () => (await health()).status === 'ok')
  },
)

test('A wrong password ends the start with a message that names the setting', { skip, timeout: 60_000 }, async (t) => {
  const guarded = await startRedis('right password')
  t.after(() => guarded.stop())
  const wrong = guarded.url.replace('right', 'wrong')

  await assert.rejects(
    nodeBeside(house, t, { REDIS_URL: wrong }),
    (error: unknown) => error instanceof ConfigError && /REDIS_URL was refused by Redis: WRONGPASS/.test(error.message),
  )
  const right = await nodeBeside(house, t, { REDIS_URL: guarded.url })
  assert.equal((await from(newAddress(), right.call)).status, 401)
})

test('A node starts while Redis is away, and takes it into use when it comes', { skip, timeout: 60_000 }, async (t) => {
  const late = await startRedis()
  t.after(() => late.stop())
  await late.kill()
  const node = await nodeBeside(house, t, { REDIS_URL: late.url })
  await node.house.realtime.start()
  const stateOf = async (name: string): Promise<string> =>
    (await node.call('GET', '/api/v1/health/', { address: newAddress() })).body['data'].dependencies[name].status
  assert.deepEqual([await stateOf('redis'), await stateOf('listener')], ['down', 'down'])
  assert.equal((await from(newAddress(), node.call)).status, 401)

  await late.start()

  await until(async () => (await stateOf('redis')) === 'ok' && (await stateOf('listener')) === 'ok')
})

test('Wrong addresses are refused by name before anything starts', () => {
  for (const url of ['localhost:6379', 'http://localhost:6379', 'redis://', 'redis://localhost/name'])
    assert.throws(() => loadConfig({ REDIS_URL: url }, '/nowhere'), /REDIS_URL must be/, url)
  assert.throws(() => loadConfig({ REDIS_PREFIX: 'with space' }, '/nowhere'), /REDIS_PREFIX must be/)
})

test('Without REDIS_URL health says that it is off', async () => {
  const plain = await openHouse()
  const { body } = await plain.call('GET', '/api/v1/health/')

  assert.equal(body['data'].dependencies.redis.status, 'off')
})

test(
  'An answer that waits at the door of a process which was held up is no silence',
  { skip, timeout: 60_000 },
  async (t) => {
    const redis = await openRedis({ url: server!.url, prefix: 'held', log: house.house.log, registry: new Registry() })
    t.after(() => redis.close())

    const asked = redis.command('PING')
    await new Promise((resolve) => setImmediate(resolve))
    const end = performance.now() + 500
    while (performance.now() < end);

    assert.equal(String(await asked), 'PONG')
    assert.deepEqual(redis.state(), { status: 'ok' })
  },
)
