import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'

const house = await openHouse()

test('What is wrong with hours is said in the language of who asks, with its values beside it', async () => {
  const anna = await house.person('provider')
  const add = (json: Record<string, unknown>): Promise<Answer> =>
    house.call('POST', '/api/v1/schedules/', { token: anna.token, json, headers: { 'accept-language': 'ru' } })
  const monday = { kind: 'weekly', weekday: 1, start_time: '09:00', end_time: '17:00' }
  await add(monday)

  const overlapping = await add({ ...monday, start_time: '16:00', end_time: '18:00' })
  const late = await add({ kind: 'override', date: '2300-01-01', intervals: [] })

  const [overlap, year] = [overlapping, late].map(({ body }) => body['error'].details[0])
  assert.equal(overlap.message, 'Пересекается с часами дня недели 1: с 09:00 до 17:00')
  assert.deepEqual([year.message, year.params], ['Год должен быть от 2000 до 2199', { from: 2000, to: 2199 }])
})
