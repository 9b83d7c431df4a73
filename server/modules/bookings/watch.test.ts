import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeBeside } from '../../../test/platform.ts'
import { connect } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { claim, resourcesFor } from '../scheduling/index.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse()
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })
const provider = await house.person('provider')
const customer = await house.person('customer')
await openHours(house, provider)

const versionOf = async (service: number): Promise<number> => {
  const url = `/api/v1/services/${service}/slots/?from=2026-01-14&to=2026-01-14`
  return Number((await house.call('GET', url)).headers['x-slots-version'])
}

test('who watches slots on the socket is told their version on every process, and may resume from the version that the slots bore', async (t) => {
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const service = await offer(house, provider)
  const seen = await versionOf(service)
  const socket = await connect(otherBase, { token: customer.token })

  const first = await socket.ask({ type: 'subscribe', topic: 'slots', service_id: service, version: seen })
  assert.equal((await book(house, customer, service, '2026-01-14T09:00:00Z')).status, 201)
  const changed = await socket.next('topic.changed')
  await socket.close()
  const back = await connect(base, { token: customer.token })
  const behind = await back.ask({ type: 'subscribe', topic: 'slots', service_id: service, version: seen })

  assert.deepEqual(first, { topic: 'slots', service_id: service, version: seen, changed: false })
  assert.deepEqual(changed['data'], { topic: 'slots', service_id: service, version: await versionOf(service) })
  assert.deepEqual(behind, { ...changed['data'], changed: true })
  await back.close()
})

test('who joins a class, or leaves it while others stay, is told to those who watch it on another process, and its version is another one', async (t) => {
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const yoga = await offer(house, provider, { title: 'Yoga', capacity: 3 })
  const friend = await house.person('customer')
  const at = '2026-01-20T09:00:00Z'
  assert.equal((await book(house, customer, yoga, at)).status, 201)
  const socket = await connect(otherBase, { token: customer.token })
  const { version } = await socket.ask({ type: 'subscribe', topic: 'slots', service_id: yoga })

  const joined = await book(house, friend, yoga, at)
  const full = (await socket.next('topic.changed'))['data'].version
  const after = await versionOf(yoga)
  await house.call('DELETE', `/api/v1/bookings/${joined.body['data'].id}/`, { token: friend.token })
  const left = (await socket.next('topic.changed'))['data'].version

  assert.equal(joined.status, 201)
  assert.ok(version < full && full < left, `${version} ${full} ${left}`)
  assert.deepEqual([after, await versionOf(yoga)], [full, left])
  await socket.close()
})

test('that a hold has run out is told at that moment, on the socket and by server-sent events, and its time is another version from then on', async () => {
  const paid = await offer(house, provider, { payment: 'online' })
  const held = await book(house, customer, paid, '2026-01-21T09:00:00Z')
  const soon = house.house.clock().add({ milliseconds: 700 })
  await house.house.db.updateTable('claims').set({ expires_at: soon }).where('expires_at', 'is not', null).execute()
  await house.house.db
    .updateTable('bookings')
    .set({ expires_at: soon })
    .where('id', '=', held.body['data'].id)
    .execute()
  const socket = await connect(base, { token: customer.token })
  const stop = new AbortController()
  const stream = await fetch(`${base}/api/v1/services/${paid}/slots/live/`, { signal: stop.signal })
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  const { version } = await socket.ask({ type: 'subscribe', topic: 'slots', service_id: paid })

  house.pass({ milliseconds: 700 })
  const began = performance.now()
  const told = (await socket.next('topic.changed'))['data'].version
  let text = ''
  while (!text.includes(`{"version":${told}}`)) text += (await reader.read()).value ?? ''
  const waited = performance.now() - began
  await house.drain()

  assert.ok(told > version && waited < 5000, `${version} ${told} ${waited}`)
  assert.equal(await versionOf(paid), told)
  const after = await house.call('GET', `/api/v1/bookings/${held.body['data'].id}/`, { token: customer.token })
  assert.deepEqual([after.body['data'].status, after.body['data'].cancel_reason], ['cancelled', 'expired'])
  stop.abort()
  await socket.close()
})

test('so is told that the hold on one seat of a class has run out, where others sit in it for good', async () => {
  const yoga = await offer(house, provider, { title: 'Yoga', capacity: 2, requires_approval: true })
  const friend = await house.person('customer')
  const at = '2026-01-22T09:00:00Z'
  const [sits, held] = [await book(house, customer, yoga, at), await book(house, friend, yoga, at)]
  const confirmed = await house.call('POST', `/api/v1/bookings/status/${sits.body['data'].id}/`, {
    token: provider.token,
    json: { status: 'confirmed' },
  })
  const soon = house.house.clock().add({ milliseconds: 700 })
  const id: number = held.body['data'].id
  await house.house.db.updateTable('bookings').set({ expires_at: soon }).where('id', '=', id).execute()
  const socket = await connect(base, { token: customer.token })
  const { version } = await socket.ask({ type: 'subscribe', topic: 'slots', service_id: yoga })

  house.pass({ milliseconds: 700 })
  const told = (await socket.next('topic.changed'))['data'].version

  const after = await house.call('GET', `/api/v1/bookings/${id}/`, { token: friend.token })
  assert.deepEqual([sits.status, held.status, confirmed.status], [201, 201, 200])
  assert.ok(told > version, `${version} ${told}`)
  assert.equal(await versionOf(yoga), told)
  assert.deepEqual([after.body['data'].status, after.body['data'].cancel_reason], ['cancelled', 'expired'])
  await socket.close()
})

test('a burst of 200 claims is told in a few frames, the last of which bears the last version', async () => {
  const service = await offer(house, provider)
  const socket = await connect(base, { token: customer.token })
  await socket.ask({ type: 'subscribe', topic: 'slots', service_id: service })
  const [resource] = await resourcesFor(house.ctx(), [{ userId: provider.id }])

  const began = performance.now()
  for (let n = 0; n < 200; n++) {
    const from = Temporal.Instant.from('2026-02-01T00:00:00Z').add({ hours: n })
    const claims = [{ resourceId: resource!, from, to: from.add({ minutes: 30 }), exclusive: true }]
    await claim(house.ctx(), { source: { kind: 'block', id: `burst:${n}` }, claims, expiresAt: null })
  }
  const last = await versionOf(service)
  while ((await socket.next('topic.changed'))['data'].version !== last);
  const seconds = (performance.now() - began) / 1000

  const told = socket.heard.filter(({ type }) => type === 'topic.changed').length
  assert.ok(told <= 2 + 4 * seconds, `${told} frames in ${seconds} s`)
  await socket.close()
})

test('a change of the service itself is told, and its archiving ends the topic; what is not offered cannot be watched', async () => {
  const service = await offer(house, provider)
  const url = `/api/v1/services/${service}/`
  const socket = await connect(base, { token: customer.token })
  const which = { topic: 'slots', service_id: service }
  const { version } = await socket.ask({ type: 'subscribe', ...which })
  // At the beginning it is looked at twice; from then on only when it changes.
  await sleep(700)

  await house.call('PUT', url, { token: provider.token, json: { duration_minutes: 90 } })
  const changed = await socket.next('topic.changed')
  await sleep(700)
  await house.call('DELETE', url, { token: provider.token })
  const ended = await socket.next('topic.ended')

  assert.deepEqual(changed['data'], { ...which, version })
  assert.deepEqual(ended['data'], which)
  await assert.rejects(socket.ask({ type: 'subscribe', ...which }), /NOT_FOUND: There is no such service/)
  await assert.rejects(socket.ask({ type: 'subscribe', topic: 'slots', service_id: 999_999 }), /NOT_FOUND/)
  await socket.close()
})

test('a provider whose account is closed is watched no more', async () => {
  const leaving = await house.person('provider')
  const service = await offer(house, leaving)
  const socket = await connect(base, { token: customer.token })
  await socket.ask({ type: 'subscribe', topic: 'slots', service_id: service })
  await sleep(700)

  const boss = await house.person('super_admin')
  const closed = await house.call('DELETE', `/api/v1/users/${leaving.id}/`, { token: boss.token })
  await house.drain()

  assert.equal(closed.status, 200, closed.text)
  assert.deepEqual((await socket.next('topic.ended'))['data'], { topic: 'slots', service_id: service })
  await socket.close()
})
