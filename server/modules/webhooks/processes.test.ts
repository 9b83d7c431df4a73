import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type House } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { isUnused } from './index.ts'
import { claimDue } from './queries/dispatch.ts'
import { askerFor, register } from './support.fixture.ts'

const house = await openHouse()
const url = 'https://example.com/hooks'
const becomes = async (wanted: boolean, { house: of }: Pick<House, 'house'>): Promise<boolean> => {
  for (let i = 0; i < 1500 && isUnused(of) !== wanted; i++) await sleep(20)
  return isUnused(of) === wanted
}
const recorded = async (): Promise<number> => {
  const { rows } = await house.house.pool.query(
    `SELECT FROM pgboss.job WHERE data ->> 'listener' = 'webhooks.record' AND state = 'created'`,
  )
  return rows.length
}

test('While there is no endpoint nothing is recorded; with the first one all processes know at once', async (t) => {
  const other = await nodeBeside(house, t)
  const unsure = isUnused(house.house)
  await house.house.realtime.start()
  await other.house.realtime.start()
  assert.deepEqual([unsure, await becomes(true, house), await becomes(true, other)], [false, true, true])
  const jane = await house.person('provider')
  const before = await recorded()

  await register(house, jane, url)

  assert.deepEqual([await becomes(false, house), await becomes(false, other), before], [true, true, 0])
  await house.person('customer')
  assert.equal(await recorded(), 1)
})

test('However many processes take what is due at the same moment, each delivery is taken once, and of an endpoint four', async () => {
  const jane = await house.person('provider')
  for (let n = 0; n < 8; n++) {
    const { id } = await register(house, jane, url)
    for (let i = 0; i < 5; i++) await askerFor(house)('POST', `endpoints/${id}/test/`, jane, {})
  }
  const ctx = house.ctx()
  const until = ctx.now.add({ seconds: 60 })
  const take = () => claimDue(ctx, { room: 100, failing: false, until })

  const taken = (await Promise.all([take(), take(), take(), take(), take()])).flat()
  const more = await take()

  assert.deepEqual([taken.length, new Set(taken.map(({ id }) => id)).size, more.length], [32, 32, 0])
  assert.ok([...Map.groupBy(taken, ({ endpointId }) => endpointId).values()].every((its) => its.length === 4))
})

test('What is under way in one process while the first endpoint is made in another is recorded for it, and nothing from before', async (t) => {
  await house.house.pool.query('DELETE FROM webhook_endpoints')
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const jane = await house.person('provider')
  const json = { title: 'Massage', description: 'An hour', price: 50 }
  const offered = async (): Promise<number> =>
    (await house.call('POST', '/api/v1/services/', { token: jane.token, json })).body['data'].id
  const [early, late] = [await offered(), await offered()]
  const ctx = { ...house.ctx(), house: other.house, db: other.house.db, log: other.house.log }
  const change = (id: number, meanwhile: () => Promise<unknown>) =>
    inTransaction(ctx, async (tx) => {
      await other.house.jobs.publish(tx, 'service.updated', { service_id: id })
      await meanwhile()
    })
  const told = async (): Promise<unknown[]> => {
    const { rows } = await house.house.pool.query(
      `SELECT body::jsonb -> 'data' ->> 'id' AS id FROM webhook_messages WHERE type = 'service.updated'`,
    )
    return rows.map((row: { id: string }) => Number(row.id))
  }
  assert.equal(await becomes(true, other), true)

  await change(early, async () => undefined)
  await sleep(3000)
  assert.equal(await becomes(true, other), true)
  await change(late, () => register(house, jane, url))

  for (let i = 0; i < 500 && (await told()).length === 0; i++) await sleep(20)
  await sleep(1500)
  assert.deepEqual(await told(), [late])
})
