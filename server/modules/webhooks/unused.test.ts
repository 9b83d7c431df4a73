import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type House } from '../../../test/support.ts'
import { isUnused } from './index.ts'
import { register } from './support.fixture.ts'

const house = await openHouse()
const url = 'https://example.com/hooks'
const becomes = async (wanted: boolean, { house: of }: Pick<House, 'house'>): Promise<boolean> => {
  for (let i = 0; i < 250 && isUnused(of) !== wanted; i++) await sleep(20)
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
