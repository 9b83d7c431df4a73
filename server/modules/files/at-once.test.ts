import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { mock, test } from 'node:test'
import { form, pdf } from '../../platform/files/samples.fixture.ts'
import { openHouse, type Person } from '../../../test/support.ts'

const house = await openHouse()
// The clock of whoever waits for slow uploads.
mock.timers.enable({ apis: ['setInterval'] })
const { call, person } = house
const url = '/api/v1/files/attachments/'
const { headers, payload } = form(pdf())
const half = payload.length >> 1
const upload = (who: Person) => call('POST', url, { token: who.token, headers, payload })

const address = new URL(await house.http.listen({ host: '127.0.0.1', port: 0 }))

/** An upload that has stopped in the middle; injected ones are read whole before they begin. */
function stopped(who: Person) {
  const sent = request(new URL(url, address), {
    method: 'POST',
    headers: { ...headers, 'content-length': payload.length, authorization: `Bearer ${who.token}` },
  })
  const answer = new Promise<number>((resolve, reject) => {
    sent.once('response', ({ statusCode = 0 }) => resolve(statusCode))
    sent.once('error', reject)
  })
  sent.write(payload.subarray(0, half))
  return { sent, answer }
}

/** Four uploads of one person that stand still, once all of them have their places: whatever more comes is refused. */
async function standStill(who: Person) {
  const held = new Set([1, 2, 3, 4, 5].map(() => stopped(who)))
  const { one, status } = await Promise.race([...held].map(async (each) => ({ one: each, status: await each.answer })))
  assert.equal(status, 429)
  held.delete(one)
  one.sent.destroy()
  return [...held]
}

test('a person uploads four files at once and no more, others go on, and a cut upload frees its place', async () => {
  const [jane, john] = [await person(), await person()]
  const held = new Set([1, 2, 3, 4, 5, 6].map(() => stopped(jane)))
  const first = () => Promise.race([...held].map(async (one) => ({ one, status: await one.answer })))

  for (const _ of [1, 2]) {
    const { one, status } = await first()
    assert.equal(status, 429)
    held.delete(one)
    one.sent.destroy()
  }
  const more = await upload(jane)
  assert.deepEqual([more.status, more.headers['retry-after']], [429, '2'])
  assert.equal((await upload(john)).status, 201)

  const [cut, ...rest] = held
  cut!.sent.destroy()
  await assert.rejects(cut!.answer)
  for (const { sent } of rest) sent.end(payload.subarray(half))
  for (const { answer } of rest) assert.equal(await answer, 201)
  const four = await Promise.all([upload(jane), upload(jane), upload(jane), upload(jane)])
  assert.deepEqual(
    four.map(({ status }) => status),
    [201, 201, 201, 201],
  )
})

test('an upload that stands still is told so in the envelope, and its place is free again', async (t) => {
  // Before the house goes: it has intervals of its own to end.
  t.after(() => mock.timers.reset())
  const jane = await person()
  const held = await standStill(jane)
  const bodies = held.map(async ({ sent }) => text(((await once(sent, 'response')) as [IncomingMessage])[0]))
  const answers = Promise.all(held.map(({ answer }) => answer))

  // Their bytes may have been on the way for the first of them.
  for (let second = 0; second < 30; second++) {
    mock.timers.tick(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }

  assert.deepEqual(await answers, [400, 400, 400, 400])
  const { error } = JSON.parse((await bodies[0])!)
  assert.equal(error.error_number, 'VALIDATION_ERROR')
  assert.deepEqual(error.details, [{ field: 'file', message: 'The file came too slowly; try again', rule: 'too_slow' }])
  assert.equal((await upload(jane)).status, 201)
})
