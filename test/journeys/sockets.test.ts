import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Client } from '../socket.ts'
import type { Person } from '../support.ts'
import { openTown } from './town.ts'

/** How many sockets are open at once; the product is judged with 1,000. */
const sockets = Number(process.env['JOURNEY_SOCKETS'] ?? 200)
const [talkers, words] = [6, 30]

const town = await openTown(2)

type Entry = { seq: number; type: string; data: { client_id?: string } }
/** A client as it should be: it keeps the number of the last entry, and goes elsewhere when its server is gone. */
type Follower = { person: Person; heard: Entry[]; moves: number; open: () => boolean; stop: () => Promise<void> }

function follow(person: Person, first: number): Follower {
  const heard: Entry[] = []
  let client: Client | null = null
  const stopping = new AbortController()
  let node = first
  const follower = {
    person,
    heard,
    moves: 0,
    open: () => client !== null,
    stop: async () => {
      stopping.abort()
      await client?.close()
      await living
    },
  }
  const live = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        client = await connect(town.base(node), { token: person.token, seq: heard.at(-1)?.seq ?? 0 })
        const { ws } = client
        heard.push(...client.heard.filter(isEntry))
        ws.on('message', (data: Buffer) => {
          const frame = JSON.parse(data.toString()) as Entry
          if (isEntry(frame)) heard.push(frame)
        })
        await client.closed
        follower.moves++
      } catch {
        // Its server is gone, or not there yet.
        await sleep(50 + Math.random() * 100)
      }
      client = null
      node = 1 - node
    }
  }
  const living = live()
  return follower
}

const isEntry = (frame: { type?: string; seq?: number }): frame is Entry =>
  frame.seq !== undefined && !['hello', 'resumed'].includes(frame.type ?? '')

/** Sends until it is acknowledged, wherever somebody listens; the same `client_id` is the same message. */
async function tell(from: Person, to: Person, n: number): Promise<string> {
  const clientId = `${from.id}-${n}`
  for (let tries = 0; ; tries++) {
    try {
      const json = { recipient_id: to.id, text: `Word ${n}`, client_id: clientId }
      const { status, text } = await town.call('POST', '/message/messages/', {
        token: from.token,
        json,
        node: (n + tries) % 2,
      })
      if (status === 201 || status === 200) return clientId
      if (status < 500) throw new Error(`refused: ${text}`)
    } catch (error) {
      if (tries > 100 || (error instanceof Error && error.message.startsWith('refused'))) throw error
    }
    await sleep(100)
  }
}

test(`${sockets} sockets on two processes, each killed once while people talk: every entry reaches each of them exactly once and in order`, async () => {
  const provider = await town.person('provider')
  const service = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' }
  const made = await town.call('POST', '/services/', { token: provider.token, json: service })
  assert.equal(made.status, 201, made.text)
  const customers = await Promise.all(Array.from({ length: talkers }, () => town.person()))
  const people = [provider, ...customers]
  const followers = Array.from({ length: sockets }, (_, i) => follow(people[i % people.length]!, i % 2))
  while (!followers.every(({ open }) => open())) await sleep(50)

  const talking = Promise.all(
    customers.map(async (customer) => {
      const said: string[] = []
      for (let n = 0; n < words; n++) {
        said.push(await tell(customer, provider, n))
        await sleep(100)
      }
      return said
    }),
  )
  await sleep(500)
  await town.crash(0)
  await sleep(500)
  await town.crash(1)
  const said = await talking

  const until = performance.now() + 60_000
  let last = new Map<number, number>()
  const isBehind = ({ person, heard }: Follower): boolean => (heard.at(-1)?.seq ?? 0) < (last.get(person.id) ?? 0)
  for (let quiet = 0; quiet < 4 && performance.now() < until;) {
    await sleep(500)
    const rows = await town.rows('SELECT user_id::int, last_seq::int FROM streams')
    const now = new Map(rows.map((row) => [row['user_id'] as number, row['last_seq'] as number]))
    const isQuiet =
      JSON.stringify([...now].toSorted(([a], [b]) => a - b)) === JSON.stringify([...last].toSorted(([a], [b]) => a - b))
    last = now
    quiet = isQuiet && !followers.some(isBehind) ? quiet + 1 : 0
  }
  await Promise.all(followers.map(({ stop }) => stop()))

  for (const { person, heard } of followers) {
    assert.deepEqual(
      heard.map(({ seq }) => seq),
      Array.from({ length: last.get(person.id) ?? 0 }, (_, i) => i + 1),
    )
  }
  const told = followers[0]!.heard
    .filter(({ type }) => type === 'message.created')
    .flatMap(({ data: { client_id: id } }) => (id ? [id] : []))
  assert.equal(told.length, said.flat().length)
  assert.deepEqual(new Set(told), new Set(said.flat()))
  assert.ok(followers.reduce((sum, { moves }) => sum + moves, 0) >= sockets)
})
