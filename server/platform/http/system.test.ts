import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'

/** What is open to everybody without a token: health; and what is not: metrics. */

const house = await openHouse({ RATE_LIMIT_PER_MINUTE: '30' })

test('Metrics are for this machine: from elsewhere, or through a proxy, there is no such page', async () => {
  const here = await house.call('GET', '/metrics')
  const there = await house.call('GET', '/metrics', { address: '203.0.113.1' })
  const passedOn = await house.call('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.1' } })
  const nothing = await house.call('GET', '/nothing')

  assert.equal(here.status, 200)
  assert.match(here.text, /^process_cpu_seconds_total /m)
  for (const answer of [there, passedOn])
    assert.deepEqual([answer.status, answer.body['error'].error_message], [404, nothing.body['error'].error_message])
})

test('With a token set, metrics are for whoever brings it, from anywhere, and for nobody else', async (t) => {
  const token = 'a token for measuring'.replaceAll(' ', '-')
  const node = await nodeBeside(house, t, { METRICS_TOKEN: token })
  const ask = async (authorization?: string): Promise<number> =>
    (await node.call('GET', '/metrics', { address: '203.0.113.1', headers: authorization ? { authorization } : {} }))
      .status

  assert.equal(await ask(`Bearer ${token}`), 200)
  assert.deepEqual([await ask(), await ask(token), await ask(`Bearer ${token}x`)], [404, 404, 404])
  assert.equal((await node.call('GET', '/metrics')).status, 404)
})

test('Health is limited for each client, without the database, and is there for the others', async () => {
  const ask = async (address: string): Promise<number> =>
    (await house.call('GET', '/api/v1/health/', { address })).status

  const answers: number[] = []
  for (let i = 0; i < 31; i++) answers.push(await ask('203.0.113.2'))

  assert.ok(answers.slice(0, 30).every((status) => status === 200))
  assert.equal(answers[30], 429)
  assert.equal(await ask('203.0.113.3'), 200)
  assert.equal((await house.call('GET', '/api/v1/health/live/', { address: '203.0.113.2' })).status, 200)
  const rows = await house.house.db.selectFrom('rate_limits').where('key', 'like', '%health%').selectAll().execute()
  assert.deepEqual(rows, [])
  house.pass({ minutes: 1 })
  assert.equal(await ask('203.0.113.2'), 200)
})
