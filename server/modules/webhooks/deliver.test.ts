import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { commands } from './index.ts'
import { askerFor, deliver, isSigned, logOf, openReceiver, register, type Json } from './support.fixture.ts'

const house = await openHouse({ WEBHOOK_TIMEOUT_SECONDS: '3' })
const ask = askerFor(house)
const receiver = await openReceiver()
const jane = await house.person('provider')
let signedIn = { person: jane, at: house.house.clock() }
const send = async (endpoint: Json, json: object = {}) => {
  const answer = await ask('POST', `endpoints/${endpoint['id']}/test/`, await back(), json)
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data']
}
/** Jane, signed in anew where the clock has moved past the life of her token. */
const back = async () => {
  const now = house.house.clock()
  if (Temporal.Instant.compare(signedIn.at.add({ minutes: 29 }), now) > 0) return signedIn.person
  const { email, password } = jane
  const { body } = await house.call('POST', '/api/v1/auth/login/', { json: { email, password } })
  signedIn = { person: { ...jane, token: body['data'].access }, at: now }
  return signedIn.person
}
const of = async (endpoint: Json) => (await logOf(house, await back(), endpoint))[0]!
/** Seconds from an instant to the next try. */
const wait = (row: Json, from: string): number =>
  Temporal.Instant.from(row['next_attempt_at']).since(Temporal.Instant.from(from)).total('seconds')

test('A test arrives signed, and the log tells what was sent and what was answered', async () => {
  const endpoint = await register(house, jane, receiver.url('/fine?key=1'))
  receiver.moods.set('/fine?key=1', { status: 200, text: 'thanks\u0000!' })

  const sent = await send(endpoint)
  await house.drain()

  const [got, ...others] = receiver.at('/fine?key=1')
  assert.deepEqual([sent.status, others.length], ['pending', 0])
  assert.ok(isSigned(got!, endpoint['secret']))
  assert.equal(got!.headers['webhook-id'], sent.event_id)
  assert.equal(Number(got!.headers['webhook-timestamp']), house.house.clock().epochMilliseconds / 1000)
  assert.deepEqual(got!.json, {
    id: sent.event_id,
    type: 'webhook.test',
    created_at: '2026-01-12T08:00:00Z',
    api_version: 'v1',
    test: true,
    data: { endpoint_id: endpoint['id'] },
  })
  const detail = await ask('GET', `endpoints/${endpoint['id']}/deliveries/${sent.id}/`, jane)
  const { status, attempts, request } = detail.body['data']
  assert.deepEqual([status, request.body], ['delivered', got!.body])
  const { duration_ms: took, ...attempt } = attempts[0]
  assert.deepEqual(
    [attempts.length, typeof took, attempt],
    [1, 'number', { number: 1, at: '2026-01-12T08:00:00Z', status_code: 200, error: null, response_body: 'thanks!' }],
  )
})

test('The example of a type can be sent, marked as a test', async () => {
  const endpoint = await register(house, jane, receiver.url('/example'))

  await send(endpoint, { event_type: 'booking.created' })
  await house.drain()

  const { type, test: isTest, data } = receiver.at('/example')[0]!.json
  assert.deepEqual([type, isTest, data.service.title], ['booking.created', true, 'Web Development'])
})

test('What fails is tried again with growing waits and the same id, until it arrives', async () => {
  const endpoint = await register(house, jane, receiver.url('/flaky'))
  receiver.moods.set('/flaky', (response, nth) => response.writeHead(nth < 3 ? 503 : 200).end())

  await send(endpoint)
  await house.drain()
  const first = await of(endpoint)
  house.pass({ seconds: 4 })
  await deliver(house)
  house.pass({ seconds: 2 })
  await deliver(house)
  const second = await of(endpoint)
  house.pass({ minutes: 6 })
  await deliver(house)

  assert.ok(Math.abs(wait(first, '2026-01-12T08:00:00Z') - 5) <= 0.5)
  assert.ok(Math.abs(wait(second, '2026-01-12T08:00:06Z') - 300) <= 30)
  const got = receiver.at('/flaky')
  assert.equal(got.length, 3)
  assert.equal(new Set(got.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size, 1)
  assert.equal(new Set(got.map(({ headers }) => headers['webhook-signature'])).size, 3)
  assert.equal((await of(endpoint))['status'], 'delivered')
})

test('After three days of tries it is given up, and one or all that failed can be replayed under the same id', async () => {
  const endpoint = await register(house, jane, receiver.url('/dead'))
  receiver.moods.set('/dead', { status: 500, text: 'down' })
  const since = house.house.clock().toString()
  const one = await send(endpoint)
  await send(endpoint)
  for (let i = 0; i < 11; i++) {
    await deliver(house)
    house.pass({ hours: 27 })
  }
  const given = await logOf(house, await back(), endpoint, '?status=failed')

  receiver.moods.delete('/dead')
  await ask('PUT', `endpoints/${endpoint['id']}/`, await back(), { is_active: true })
  const single = await ask('POST', `endpoints/${endpoint['id']}/deliveries/${one.id}/replay/`, await back())
  await house.drain()
  const rest = await ask('POST', `endpoints/${endpoint['id']}/replay/`, await back(), { since })
  await house.drain()

  assert.deepEqual(
    given.map((row) => row['last_error']),
    ['status', 'status'],
  )
  assert.deepEqual([single.body['data'].status, rest.body['data'].replayed], ['pending', 1])
  const fine = await logOf(house, await back(), endpoint, '?status=delivered')
  assert.equal(fine.length, 2)
  assert.equal(receiver.at('/dead').at(-2)!.headers['webhook-id'], one.event_id)
})

test('An endpoint for which nothing arrives for five days is switched off, and its owner told', async () => {
  const mails = async () =>
    (await house.mails(jane.email)).filter(({ subject }) => subject === 'A webhook was switched off')
  const before = await mails()
  const endpoint = await register(house, await back(), receiver.url('/gone-for-days'))
  receiver.moods.set('/gone-for-days', { status: 500 })
  for (let day = 0; day < 7; day++) {
    if ((await ask('GET', `endpoints/${endpoint['id']}/`, await back())).body['data'].is_active) await send(endpoint)
    await deliver(house)
    house.pass({ hours: 24 })
  }
  await house.drain()

  const { body } = await ask('GET', `endpoints/${endpoint['id']}/`, await back())
  const told = await mails()
  const refused = await ask('POST', `endpoints/${endpoint['id']}/test/`, await back(), {})
  assert.deepEqual([body['data'].is_active, body['data'].off_reason], [false, 'failing'])
  assert.equal(told.length, before.length + 1)
  assert.ok(told.every(({ text }) => !text.includes('/gone-for-days')))
  assert.deepEqual([refused.status, (await of(endpoint))['status']], [409, 'failed'])
})

test('410 switches it off at once, and what waits is given up', async () => {
  const endpoint = await register(house, await back(), receiver.url('/over'))
  receiver.moods.set('/over', { status: 410 })

  await send(endpoint)
  await house.drain()

  const { body } = await ask('GET', `endpoints/${endpoint['id']}/`, await back())
  const row = await of(endpoint)
  assert.deepEqual([body['data'].off_reason, row['status'], row['failed_because']], ['gone', 'failed', 'endpoint_off'])
})

test('A redirect is not followed, and one that breaks off or hangs has failed', async () => {
  receiver.moods.set('/moved', { status: 302, headers: { location: receiver.url('/target') } })
  receiver.moods.set('/broken', (response) => void response.socket?.destroy())
  receiver.moods.set('/hangs', () => undefined)
  const errors: unknown[] = []
  for (const path of ['/moved', '/broken', '/hangs']) {
    const endpoint = await register(house, await back(), receiver.url(path))
    await send(endpoint)
    await house.drain()
    errors.push((await of(endpoint))['last_error'])
    await ask('DELETE', `endpoints/${endpoint['id']}/`, await back())
  }

  assert.deepEqual(errors, ['redirect', 'connection', 'timeout'])
  assert.equal(receiver.at('/target').length, 0)
})

test('Who hangs holds nobody else back, and no transaction is open meanwhile', async () => {
  const who = await back()
  const hanging = await register(house, who, receiver.url('/still-hangs'))
  const quick = await register(house, who, receiver.url('/quick'))
  receiver.moods.set('/still-hangs', () => undefined)
  for (let i = 0; i < 10; i++) await send(hanging)
  const begun = performance.now()
  const working = deliver(house)
  for (let i = 0; i < 3; i++) await send(quick)
  // A second process that asks makes the first look again at once; both are one here.
  await deliver(house)
  while (receiver.at('/quick').length < 3 && performance.now() - begun < 10_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const heard = receiver.at('/still-hangs').length
  // One that stood around a call would be open for as long as that hangs; another may take its time on a busy machine.
  let open = 1
  for (const until = performance.now() + 2000; open > 0 && performance.now() < until;) {
    const { rows } = await house.house.pool.query<{ count: number }>(
      `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now() - interval '200 ms'`,
    )
    open = rows[0]!.count
  }
  await ask('DELETE', `endpoints/${hanging['id']}/`, who)
  await working

  assert.equal(receiver.at('/quick').length, 3)
  // Had the quick ones waited, those that hang would have been called one after another meanwhile.
  assert.ok(heard <= 4, `${heard} at once`)
  assert.equal(open, 0)
})

test('Two processes send each delivery once', async (t) => {
  const who = await back()
  const other = await nodeBeside(house, t, { WEBHOOK_TIMEOUT_SECONDS: '1' })
  const endpoints = [1, 2, 3].map((n) => register(house, who, receiver.url(`/both-${n}`)))
  for (const endpoint of await Promise.all(endpoints)) for (let i = 0; i < 15; i++) await send(endpoint)

  await Promise.all([deliver(house), deliver(other), deliver(house), deliver(other)])

  for (const n of [1, 2, 3]) {
    const ids = receiver.at(`/both-${n}`).map(({ headers }) => headers['webhook-id'])
    assert.deepEqual([ids.length, new Set(ids).size], [15, 15])
  }
})

test('What a crash leaves between the call and its record is sent again, with the same id', async () => {
  const who = await back()
  const endpoint = await register(house, who, receiver.url('/crash'))
  // As a kill leaves it: the call is made, and no word of it written down.
  receiver.moods.set('/crash', (response) => {
    const broken = house.house.pool.query(`ALTER TABLE webhook_attempts RENAME TO webhook_attempts_away`)
    void broken.then(() => response.writeHead(200).end())
  })
  await send(endpoint)
  await deliver(house)
  await house.house.pool.query(`ALTER TABLE webhook_attempts_away RENAME TO webhook_attempts`)
  receiver.moods.delete('/crash')
  await deliver(house)
  const early = receiver.at('/crash').length
  house.pass({ minutes: 2 })
  await deliver(house)

  const got = receiver.at('/crash').map(({ headers }) => headers['webhook-id'])
  assert.deepEqual([early, got.length, new Set(got).size], [1, 2, 1])
  assert.equal((await of(endpoint))['status'], 'delivered')
})

test('A new secret signs at once and the one before for a day more; a secret that others know is ended at once', async () => {
  const who = await back()
  const endpoint = await register(house, who, receiver.url('/rotated'))
  const rotate = async (json: object) =>
    (await ask('POST', `endpoints/${endpoint['id']}/rotate-secret/`, await back(), json)).body['data'].secret
  const last = async (secret: string) => {
    await send(endpoint)
    await deliver(house)
    return isSigned(receiver.at('/rotated').at(-1)!, secret)
  }

  const second = await rotate({})
  const both = [await last(endpoint['secret']), await last(second)]
  house.pass({ hours: 25 })
  const later = [await last(endpoint['secret']), await last(second)]
  const third = await rotate({ keep_previous: false })
  const leaked = [await last(second), await last(third)]

  assert.deepEqual(
    [both, later, leaked],
    [
      [true, true],
      [false, true],
      [false, true],
    ],
  )
})

test('The console sends again what failed, and the metrics tell how calls ended', async () => {
  const since = '2026-01-01T00:00:00Z'
  const who = await back()
  const endpoint = await register(house, who, receiver.url('/console'))
  await send(endpoint)
  await ask('PUT', `endpoints/${endpoint['id']}/`, who, { is_active: false })
  await ask('PUT', `endpoints/${endpoint['id']}/`, who, { is_active: true })

  const said = await commands['webhooks-replay']!.run(house.ctx(), {
    positionals: [],
    options: { endpoint: endpoint['id'], since },
  })
  await deliver(house)

  assert.deepEqual(said, ['1 will be sent again.'])
  assert.equal(receiver.at('/console').length, 1)
  const metrics = await house.house.metrics.registry.metrics()
  assert.match(metrics, /webhook_calls_total\{result="delivered"\} \d+/)
  assert.match(metrics, /webhook_deliveries_waiting \d+/)
})
