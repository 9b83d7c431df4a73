import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { nodeBeside } from '../../../test/platform.ts'
import { connect, type Client } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { sayChanged, topic, type Sight } from './topic.ts'
import { mostTopics } from './topics.ts'

const house = await openHouse()
await house.house.realtime.start()

/** Things that can be watched, each at a version, some for everybody and some only for those named. */
const things = new Map<number, { version: number; mark?: string; watchers?: number[] }>()
let looks = 0
let isBroken = false
let answering: Promise<void> | null = null
const declareThings = (app: typeof house.http): void =>
  topic(app, {
    topic: 'thing',
    noun: 'service',
    summary: 'A thing',
    fields: Type.Object({ thing_id: Type.Integer({ minimum: 1 }) }),
    example: { thing_id: 1 },
    hears: { bells: (message) => (message as { of: number[] }).of.map((id) => `thing:${id}`) },
    look: async (_ctx, { thing_id }): Promise<Sight | null> => {
      looks++
      if (isBroken) throw new Error('the database is away')
      const thing = things.get(thing_id)
      await answering
      if (!thing) return null
      const { watchers, ...seen } = thing
      return { ...seen, keys: [`thing:${thing_id}`], ...(watchers ? { watchers: new Set(watchers) } : {}) }
    },
  })
declareThings(house.http)
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })

const change = async (
  id: number,
  to: { version: number; mark?: string; watchers?: number[] } | null,
): Promise<void> => {
  if (to) things.set(id, to)
  else things.delete(id)
  await sayChanged(house.ctx(), [`thing:${id}`])
}
const watch = (client: Client, thing_id: number, version?: number) =>
  client.ask({ type: 'subscribe', topic: 'thing', thing_id, ...(version === undefined ? {} : { version }) })
const toldTo = ({ heard }: Client): unknown[] => heard.filter(({ type }) => type.startsWith('topic.'))

test('whoever watches is told the version at once, whether it is another than theirs, and each change on every process', async (t) => {
  const other = await nodeBeside(house, t)
  declareThings(other.http)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const [jane, mary] = [await house.person(), await house.person()]
  const [first, second] = [await connect(base, { token: jane.token }), await connect(otherBase, { token: mary.token })]
  things.set(1, { version: 7 })

  const answers = [await watch(first, 1), await watch(second, 1, 7), await watch(second, 1, 6)]
  await change(1, { version: 8 })
  const told = [await first.next('topic.changed'), await second.next('topic.changed')]
  await change(1, { version: 8, mark: 'another' })
  const again = await first.next('topic.changed')

  assert.deepEqual(answers, [
    { topic: 'thing', thing_id: 1, version: 7, changed: true },
    { topic: 'thing', thing_id: 1, version: 7, changed: false },
    { topic: 'thing', thing_id: 1, version: 7, changed: true },
  ])
  for (const frame of [...told, again])
    assert.deepEqual(frame, { type: 'topic.changed', data: { topic: 'thing', thing_id: 1, version: 8 } })
  await Promise.all([first.close(), second.close()])
})

test('what changes while somebody begins to watch is told after the answer', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })
  things.set(9, { version: 1 })
  const { promise, resolve } = Promise.withResolvers<void>()
  answering = promise

  const before = looks
  const hasBegun = (): boolean => looks > before
  const asked = watch(socket, 9)
  while (!hasBegun()) await sleep(5)
  answering = null
  await change(9, { version: 2 })
  // Until it has been heard of, by who does not listen for it yet.
  await sleep(200)
  resolve()

  assert.equal((await asked)['version'], 1)
  assert.equal((await socket.next('topic.changed'))['data'].version, 2)
  await socket.close()
})

test('many changes are told as few, the last one always, and one look serves all sockets', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => house.person()))
  const sockets = await Promise.all(people.flatMap(({ token }) => [connect(base, { token }), connect(base, { token })]))
  things.set(2, { version: 1 })
  for (const socket of sockets) await watch(socket, 2)
  await sleep(700)
  const before = looks

  for (let version = 2; version <= 300; version++) await change(2, { version })
  for (const socket of sockets) while ((await socket.next('topic.changed'))['data'].version !== 300);

  const looked = looks - before
  for (const socket of sockets) {
    assert.ok(toldTo(socket).length <= looked, `${toldTo(socket).length} frames of ${looked} looks`)
    assert.ok(toldTo(socket).length < 20, `${toldTo(socket).length} frames`)
  }
  await Promise.all(sockets.map((socket) => socket.close()))
})

test('what is gone or taken away ends, for whom it is, and nothing more is told of it', async () => {
  const [jane, mary] = [await house.person(), await house.person()]
  const [first, second] = [await connect(base, { token: jane.token }), await connect(base, { token: mary.token })]
  things.set(3, { version: 1, watchers: [jane.id, mary.id] })
  await watch(first, 3)
  await watch(second, 3)

  await change(3, { version: 1, watchers: [mary.id] })
  const ended = await first.next('topic.ended')
  await change(3, { version: 2, watchers: [mary.id] })
  const changed = await second.next('topic.changed')
  await assert.rejects(watch(first, 3), /NOT_FOUND: There is no such service/)
  await change(3, null)
  const gone = await second.next('topic.ended')
  await assert.rejects(watch(second, 3), /NOT_FOUND/)

  assert.deepEqual(ended, { type: 'topic.ended', data: { topic: 'thing', thing_id: 3 } })
  assert.deepEqual(gone, ended)
  assert.equal(changed['data'].version, 2)
  assert.equal(toldTo(first).length, 1)
  await Promise.all([first.close(), second.close()])
})

test('a socket watches so many topics, gives some up for others, and what it has given up it hears no more of', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })
  for (let id = 1000; id <= 1000 + mostTopics; id++) things.set(id, { version: 1 })
  for (let id = 1000; id < 1000 + mostTopics; id++) await watch(socket, id)

  await assert.rejects(watch(socket, 1000 + mostTopics), /CONFLICT: At most 100 topics/)
  assert.equal((await watch(socket, 1000, 1))['changed'], false)
  assert.equal(await socket.ask({ type: 'unsubscribe', topic: 'thing', thing_id: 1000 }), null)
  assert.equal(await socket.ask({ type: 'unsubscribe', topic: 'thing', thing_id: 1000 }), null)
  await watch(socket, 1000 + mostTopics)
  await change(1000, { version: 2 })
  await change(1000 + mostTopics, { version: 2 })

  assert.equal((await socket.next('topic.changed'))['data'].thing_id, 1000 + mostTopics)
  assert.equal(toldTo(socket).length, 1)
  await socket.close()
})

test('a frame about no topic, or without its fields, is refused as any other', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })

  await assert.rejects(socket.ask({ type: 'subscribe' }), ({ error }) => error.details[0].field === 'topic')
  await assert.rejects(socket.ask({ type: 'subscribe', topic: 'constructor' }), /VALIDATION_ERROR/)
  await assert.rejects(
    socket.ask({ type: 'subscribe', topic: 'thing', thing_id: 'one', version: -1 }),
    ({ error }) => error.details.length === 2,
  )
  await socket.close()
})

test('messages of other parts are understood, failures are made up for, and nobody is looked at whom nobody watches', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })
  things.set(5, { version: 1 })
  await watch(socket, 5)
  await sleep(700)

  things.set(5, { version: 2 })
  await house.house.realtime.broadcast(house.ctx(), 'bells', { of: [5] })
  const rung = await socket.next('topic.changed')
  isBroken = true
  await assert.rejects(watch(socket, 6), /UNKNOWN_ERROR/)
  await change(5, { version: 3 })
  await sleep(500)
  isBroken = false
  const late = await socket.next('topic.changed')
  await socket.close()
  await sleep(200)
  const before = looks
  await change(5, { version: 4 })
  await sleep(500)

  assert.equal(rung['data'].version, 2)
  assert.equal(late['data'].version, 3)
  assert.equal(looks, before)
})
