import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours } from './support.fixture.ts'
import { mostOfAddress } from './service/live.ts'

const house = await openHouse()
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })
const provider = await house.person('provider')
const other = await house.person('provider')
const customer = await house.person('customer')
await openHours(house, provider)
await openHours(house, other)
const service = await offer(house, provider)
const unrelated = await offer(house, other)

type Stream = { next: () => Promise<number | null>; close: () => void; headers: Headers }

/** Opens the stream; `next` answers the next version, or null at its end. */
async function watch(id = service): Promise<Stream> {
  const control = new AbortController()
  const response = await fetch(`${base}/api/v1/services/${id}/slots/live/`, { signal: control.signal })
  assert.equal(response.status, 200)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<number | null> => {
    for (;;) {
      const event = /event: slots\nid: \d+\ndata: \{"version":(\d+)\}\n\n/.exec(text)
      if (event) {
        text = text.slice(event.index + event[0].length)
        return Number(event[1])
      }
      const { value, done } = await reader.read().catch(() => ({ value: '', done: true }))
      if (done) return null
      text += value
    }
  }
  return { next, close: () => control.abort(), headers: response.headers }
}

test('who watches a service is told its version at once and again when somebody books, and not of others’ bookings', async () => {
  const stream = await watch()
  const first = await stream.next()

  await book(house, customer, unrelated, '2026-01-14T09:00:00Z')
  const booked = await book(house, customer, service, '2026-01-14T09:00:00Z')
  const second = await stream.next()
  await house.call('DELETE', `/api/v1/bookings/${booked.body['data'].id}/`, { token: customer.token })
  const third = await stream.next()
  const again = await watch()

  assert.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.equal(stream.headers.get('cache-control'), 'no-store')
  assert.ok(first !== null && second !== null && third !== null && first < second && second < third)
  assert.equal(await again.next(), third)
  stream.close()
  again.close()
})

test(
  'who watches a service is told when its length changes and when its provider opens hours for the first time, and the stream ends when it is offered no more',
  { timeout: 20_000 },
  async () => {
    const beginner = await house.person('provider')
    const fresh = await offer(house, beginner)
    const url = `/api/v1/services/${fresh}/`
    const stream = await watch(fresh)
    const first = await stream.next()

    await openHours(house, beginner)
    // Told before the next change is made: two that come within one look are told as one.
    const opened = await untilNow(stream, fresh)
    const longer = await house.call('PUT', url, { token: beginner.token, json: { duration_minutes: 90 } })
    const changed = await untilSame(stream, opened)
    await house.call('DELETE', url, { token: beginner.token })

    assert.equal(longer.status, 200, longer.text)
    assert.ok(first !== null && first < opened)
    assert.ok(changed)
    assert.equal(await stream.next(), null)
  },
)

test('a service that is not there cannot be watched, and one address has only so many streams', async () => {
  const missing = await fetch(`${base}/api/v1/services/999999/slots/live/`)
  const head = await fetch(`${base}/api/v1/services/${service}/slots/live/`, { method: 'HEAD' })
  const streams: Stream[] = []
  await eventually(async () => {
    // The streams of the test before end when the server notices.
    while (streams.length < mostOfAddress) streams.push(await watch())
  })

  const refused = await fetch(`${base}/api/v1/services/${service}/slots/live/`)
  for (const stream of streams) stream.close()

  assert.deepEqual([missing.status, head.status], [404, 200])
  assert.equal(refused.status, 429)
  assert.ok(refused.headers.get('retry-after'))
  await eventually(async () => (await watch()).close())
})

test('the streams end when the server stops', async () => {
  let stream: Stream | undefined
  await eventually(async () => {
    stream = await watch()
  })
  await stream!.next()

  await house.http.close()

  assert.equal(await stream!.next(), null)
})

/** Reads on until the version is told that the slots of the service bear now. */
async function untilNow(stream: Stream, id: number): Promise<number> {
  const { headers } = await house.call('GET', `/api/v1/services/${id}/slots/?from=2026-01-14&to=2026-01-14`)
  const now = Number(headers['x-slots-version'])
  for (;;) {
    const next = await stream.next()
    assert.ok(next !== null)
    if (next === now) return now
  }
}

/** Reads on until a version is told a second time; false when the stream ends before. */
async function untilSame(stream: Stream, told: number): Promise<boolean> {
  for (let last = told; ;) {
    const next = await stream.next()
    if (next === null) return false
    if (next === last) return true
    last = next
  }
}

async function eventually(work: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
