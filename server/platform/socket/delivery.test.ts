import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { connect, type Client } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { inTransaction } from '../db/transaction.ts'
import {
  appendEach,
  appendToStreams,
  forgetOldEntries,
  lastSeqOf,
  streamsTopic,
  type StreamMessage,
} from '../streams.ts'
import { tellNow } from './presence.ts'

const house = await openHouse()
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })

const note = (userId: number, n: unknown, on: { ctx: typeof house.ctx } = house) =>
  appendToStreams(on.ctx(), [userId], { type: 'note', data: { n } })

/** The numbers of the entries that a client was sent. */
const seqsOf = ({ heard }: Client): number[] =>
  heard.filter(({ type }) => type === 'note').map(({ seq }) => seq as number)

/** From one number to another, both included. */
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries === 500) throw new Error(`never ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The numbers of a person's entries as this process hears of them. */
function heardOf(userId: number): number[] {
  const heard: number[] = []
  house.house.realtime.subscribe(streamsTopic, (message) => {
    for (const [to, seq] of (message as StreamMessage).to) if (to === userId) heard.push(seq)
  })
  return heard
}

test('what is told to a person reaches all their sockets, on every process, in its order, and nobody else', async (t) => {
  const [jane, mary] = [await house.person(), await house.person()]
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const sockets = await Promise.all([
    connect(base, { token: jane.token }),
    connect(base, { token: jane.token }),
    connect(otherBase, { token: jane.token }),
  ])
  const unrelated = await connect(otherBase, { token: mary.token })

  for (let n = 1; n <= 20; n++) await note(jane.id, n, n % 2 === 0 ? { ctx: () => other.contextFor('test') } : house)

  await until(() => sockets.every((socket) => seqsOf(socket).length === 20), 'all there')
  for (const socket of sockets) {
    assert.deepEqual(seqsOf(socket), range(1, 20))
    assert.deepEqual(socket.heard.at(-1), { type: 'note', seq: 20, data: { n: 20 } })
  }
  assert.deepEqual(seqsOf(unrelated), [])
  await Promise.all([...sockets, unrelated].map((socket) => socket.close()))
})

test('who resumes is sent exactly what was missed, in order, while more is being written', async () => {
  const jane = await house.person()
  for (let n = 1; n <= 350; n++) await note(jane.id, n)
  const writer = new AbortController()
  const writing = (async () => {
    for (let n = 351; !writer.signal.aborted; n++) {
      const entries = Array.from({ length: 3 }, () => ({ userId: jane.id, type: 'note', data: { n } }))
      await inTransaction(house.ctx(), (tx) => appendEach(tx, entries))
    }
  })()

  const clients = await Promise.all(
    range(0, 7).map(async (i) => {
      const from = i * 45
      if (i % 2 === 0) return { from, client: await connect(base, { token: jane.token, seq: from }) }
      const client = await connect(base, { token: jane.token })
      client.say({ type: 'resume', id: 'r', seq: from })
      return { from, client }
    }),
  )
  const resumed = await Promise.all(clients.map(({ client }) => client.next('resumed')))
  writer.abort()
  await writing
  const last = await lastSeqOf(house.house.db, jane.id)
  await until(() => clients.every(({ client }) => seqsOf(client).at(-1) === last), 'caught up')

  for (const [i, { from, client }] of clients.entries()) {
    assert.deepEqual(seqsOf(client), range(from + 1, last))
    // What is told as resumed has been sent before.
    const place = client.heard.indexOf(resumed[i]!)
    assert.deepEqual(client.heard.slice(0, place).findLast(({ type }) => type === 'note')?.['seq'], resumed[i]!['seq'])
  }
  await Promise.all(clients.map(({ client }) => client.close()))
})

test('without a resume the entries after hello are sent: at the first frame, or after a second', async () => {
  const jane = await house.person()
  await note(jane.id, 'before')
  const [silent, pinging] = [await connect(base, { token: jane.token }), await connect(base, { token: jane.token })]

  await note(jane.id, 'after')
  await pinging.ask({ type: 'ping' })

  assert.equal((await pinging.next('note'))['seq'], 2)
  assert.equal((await silent.next('note'))['seq'], 2)
  await Promise.all([silent.close(), pinging.close()])
})

test('who has missed nothing is told so; who asks from another time, or from before what is kept, is told to load anew', async () => {
  const jane = await house.person()
  // Heard of before anybody listens: a process remembers what it heard while somebody did.
  const heard = heardOf(jane.id)
  for (let n = 1; n <= 3; n++) await note(jane.id, n)
  await until(() => heard.length === 3, 'heard of')
  const socket = await connect(base, { token: jane.token })

  socket.say({ type: 'resume', id: 'now', seq: 3 })
  const now = await socket.next()
  socket.say({ type: 'resume', id: 'future', seq: 99 })
  const future = await socket.next()
  house.pass({ days: 31 })
  await forgetOldEntries(house.ctx())
  const signedIn = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: jane.email, password: jane.password },
  })
  await note(jane.id, 4)
  const late = await connect(base, { token: signedIn.body['data'].access })
  late.say({ type: 'resume', id: 'past', seq: 1 })
  const past = await late.next()
  await note(jane.id, 5)

  assert.deepEqual(now, { type: 'resumed', id: 'now', seq: 3 })
  assert.deepEqual(future, { type: 'reset', id: 'future', seq: 3 })
  assert.deepEqual(past, { type: 'reset', id: 'past', seq: 4 })
  assert.equal((await late.next('note'))['seq'], 5)
  await late.close()
})

test('nothing is lost when the listening connection is killed again and again while entries are written', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token, seq: 0 })
  const killer = new AbortController()
  const killing = (async () => {
    while (!killer.signal.aborted) {
      await house.house.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'banister listen' AND datname = current_database()`,
      )
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  })()

  for (let n = 1; n <= 300; n++) {
    await note(jane.id, n)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  killer.abort()
  await killing

  await until(() => seqsOf(socket).length >= 300, 'all there')
  assert.deepEqual(seqsOf(socket), range(1, 300))
  await socket.close()
})

test('an entry too large for a wake-up arrives whole and in its place', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token, seq: 0 })
  const large = 'ü'.repeat(30_000)

  await Promise.all(['a', large, 'b', large, 'c'].map((n) => note(jane.id, n)))

  await until(() => seqsOf(socket).length === 5, 'all there')
  assert.deepEqual(seqsOf(socket), range(1, 5))
  assert.equal(socket.heard.filter(({ data }) => data?.n === large).length, 2)
  await socket.close()
})

test('a passing word reaches whoever is connected now, once for each socket, has no number and is not told again', async (t) => {
  const jane = await house.person()
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const sockets = [await connect(base, { token: jane.token }), await connect(otherBase, { token: jane.token })]

  await tellNow(house.ctx(), [jane.id, jane.id], { type: 'typing', data: { chat_id: 5 } })
  const told = await Promise.all(sockets.map(({ next }) => next('typing')))
  const late = await connect(base, { token: jane.token, seq: 0 })
  await late.next('resumed')

  for (const frame of told) assert.deepEqual(frame, { type: 'typing', data: { chat_id: 5 } })
  for (const { heard } of sockets) assert.equal(heard.filter(({ type }) => type === 'typing').length, 1)
  assert.ok(late.heard.every(({ type }) => type !== 'typing'))
  await Promise.all([...sockets, late].map((socket) => socket.close()))
})

test('what a transaction that fails has told is told to nobody', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token, seq: 0 })

  const failed = inTransaction(house.ctx(), async (tx) => {
    await appendToStreams(tx, [jane.id], { type: 'note', data: { n: 'lost' } })
    await tellNow(tx, [jane.id], { type: 'typing', data: {} })
    throw new Error('undone')
  })
  await assert.rejects(failed, /undone/)
  await note(jane.id, 'kept')

  assert.deepEqual(await socket.next('note'), { type: 'note', seq: 1, data: { n: 'kept' } })
  assert.ok(socket.heard.every(({ type }) => type !== 'typing'))
  await socket.close()
})
