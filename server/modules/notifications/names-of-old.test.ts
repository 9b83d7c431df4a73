import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { found, join } from '../../../test/company.ts'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'

const house = await openHouse()
const traced = readFileSync(new URL('../../../db/migrations/0060_erasable_names_of_old.sql', import.meta.url), 'utf8')
const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, who: Person, json?: object): Promise<Answer> => {
  const answer = await house.call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
  return answer
}

test('names that were told before it was kept whose they are go with their account all the same', async () => {
  const boss = await house.person('provider')
  const gone = await house.person('customer', { first_name: 'Iryna', last_name: 'Kovalenko' })
  const namesake = await house.person('customer', { first_name: 'Iryna', last_name: 'Kovalenko' })
  const salon = await found(house, boss, 'Lavender Spa')
  await join(house, salon, boss, 'employee', {}, gone)
  await ask('POST', 'tickets/', gone, { title: 'The lamp is dark' })
  const times = { start_time: '2026-01-13T10:00:00Z', end_time: '2026-01-13T11:00:00Z' }
  await ask('POST', 'events/', gone, { title: 'Meeting', ...times, participants: [{ user_id: boss.id }] })
  for (let weekday = 1; weekday <= 7; weekday++)
    await ask('POST', 'schedules/', boss, {
      kind: 'weekly',
      weekday,
      start_time: '08:00',
      end_time: '20:00',
      time_zone: 'UTC',
    })
  const offered = { title: 'Massage', description: 'An hour', price: 40, payment: 'on_site' }
  const service = (await ask('POST', 'services/', boss, offered)).body['data'].id
  const wish = { service, recurrence_rule: 'FREQ=WEEKLY;COUNT=2' }
  await ask('POST', 'bookings/series/', gone, { ...wish, date: '2026-01-14T10:00:00Z' })
  await ask('POST', 'bookings/series/', namesake, { ...wish, date: '2026-01-14T12:00:00Z' })
  await house.drain(true)
  const names = async () => {
    const rows = await house.house.db
      .selectFrom('notifications')
      .where('user_id', '=', boss.id)
      .select(['kind', 'params'])
      .execute()
    return rows
      .filter(({ params }) => JSON.stringify(params).includes('Kovalenko'))
      .map(({ kind }) => kind)
      .toSorted()
  }
  const before = await names()

  await house.house.pool.query('DELETE FROM notification_people')
  for (let time = 0; time < 2; time++) await house.house.pool.query(traced)
  await ask('DELETE', 'auth/profile/', gone, { password: gone.password })
  await house.drain(true)

  assert.deepEqual(before, ['booking_series_created', 'booking_series_created', 'event_invited', 'ticket_opened'])
  assert.deepEqual(await names(), ['booking_series_created'], 'only the namesake is left')
})
