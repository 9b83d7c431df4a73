import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Client } from '../socket.ts'
import type { Person } from '../support.ts'
import { openTown, type Json } from './town.ts'

/**
 * Two servers, killed with signal 9 in turns while a customer writes and a provider reads: what was acknowledged is read exactly once, in its order. CHAT_KILLS asks
 * for more than the few kills of every run.
 */
const kills = Number(process.env['CHAT_KILLS'] ?? 3) // eslint-disable-line node/no-process-env -- of the test alone

const town = await openTown(2)
const random = (below: number): number => Math.floor(Math.random() * below)

/** A socket of a person on any server that answers; `seq` is the last number they have. */
async function reconnect(person: Person, seq?: number): Promise<Client> {
  for (;;) {
    try {
      return await connect(town.base(random(2)), { token: person.token, ...(seq === undefined ? {} : { seq }) })
    } catch {
      // It is being killed or started: the other one, or a little later.
      await sleep(50)
    }
  }
}

test(
  'Whatever is killed, each acknowledged message is read exactly once and in its order',
  { timeout: 60_000 + kills * 30_000 },
  async () => {
    const [jane, olena] = [await town.person(), await town.person('provider')]
    const service = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' }
    assert.equal((await town.call('POST', '/services/', { token: olena.token, json: service })).status, 201)
    const now = { isWriting: true, isReading: true }

    const acknowledged: string[] = []
    /** Writes one after the other, by the socket and by HTTP; what was not acknowledged is sent again under its id. */
    const write = async (): Promise<void> => {
      let socket = await reconnect(jane)
      while (now.isWriting) {
        const client_id = `wish-${acknowledged.length}`
        const message = { recipient_id: olena.id, text: `Line ${acknowledged.length}`, client_id }
        for (let isKnown = false; !isKnown;) {
          try {
            if (random(2) === 0) await socket.ask({ type: 'send', ...message })
            else {
              const { status, text } = await town.call('POST', '/message/messages/', {
                token: jane.token,
                json: message,
                node: random(2),
              })
              if (status === 503) continue
              assert.equal(status, 201, text)
            }
            isKnown = true
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error
            socket.ws.terminate()
            socket = await reconnect(jane)
          }
        }
        acknowledged.push(client_id)
      }
      await socket.close()
    }

    const read: Json[] = []
    let last = 0
    /** Reads what comes, and after each loss goes on from the last number; a gap or a repetition shows at once. */
    const listen = async (): Promise<void> => {
      while (now.isReading) {
        const socket = await reconnect(olena, last)
        try {
          // One question at a time: a second one would be given the frame after.
          const come = (): Promise<Json> => {
            const frame = socket.next()
            frame.catch(() => undefined)
            return frame
          }
          let coming = come()
          while (now.isReading) {
            const frame = await Promise.race([coming, sleep(200)])
            if (frame === undefined) continue
            coming = come()
            if (typeof frame['seq'] !== 'number' || frame['data'] === undefined) continue
            assert.equal(frame['seq'], last + 1, JSON.stringify(frame))
            last = frame['seq']
            if (frame['type'] === 'message.created') read.push(frame['data'])
          }
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error
        }
        socket.ws.terminate()
      }
    }

    const [writing, listening] = [write(), listen()]
    for (const one of [writing, listening]) one.catch(() => undefined)
    for (let i = 0; i < kills; i++) {
      await sleep(200 + random(800))
      // On a busy machine a little later: there is to be something under way.
      for (let n = 0; n < 300 && acknowledged.length <= (i + 1) * 5; n++) await sleep(100)
      await town.crash(random(2))
    }
    await sleep(500)
    now.isWriting = false
    // The last one is under way until it is acknowledged.
    await writing
    for (let i = 0; i < 600 && read.length < acknowledged.length; i++) await sleep(100)
    now.isReading = false
    await listening

    assert.ok(acknowledged.length > kills * 5, `only ${acknowledged.length} were sent`)
    assert.deepEqual(
      read.map(({ client_id }) => client_id),
      acknowledged,
    )
    assert.deepEqual(
      read.map(({ seq }) => seq),
      acknowledged.map((_, i) => i + 1),
    )
  },
)
