import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openWaitingList } from './waiting.fixture.ts'

const { house, waits, offers, booked, cancel } = await openWaitingList()
const { db, jobs } = house.house

const freed = () => db.selectFrom('freed_times').select('starts_at').orderBy('starts_at').execute()
const entries = () => db.selectFrom('waiting_list').select(['customer_id', 'ended_at']).orderBy('id').execute()
const startsOf = (rows: { starts_at: Temporal.Instant }[]) => rows.map(({ starts_at }) => starts_at.toString())

test('What was waited for in vain ends with its time, and freed times are forgotten the day after they have passed; what is still to come stays', async () => {
  const soon = await waits('2026-01-14T00:00:00Z', '2026-01-15T00:00:00Z')
  const later = await waits('2026-01-14T00:00:00Z', '2026-01-30T00:00:00Z')
  for (const date of ['2026-01-14T09:00:00Z', '2026-01-28T09:00:00Z']) await cancel(await booked(date))
  const told = [await offers(soon), await offers(later)]
  assert.deepEqual(told, [['2026-01-14T09:00:00Z'], ['2026-01-28T09:00:00Z']])

  await jobs.run('bookings.clean')
  assert.deepEqual(startsOf(await freed()), ['2026-01-14T09:00:00Z', '2026-01-28T09:00:00Z'])
  assert.deepEqual(
    (await entries()).map(({ ended_at }) => ended_at),
    [null, null],
  )

  house.pass({ hours: 5 * 24 })
  await jobs.run('bookings.clean')
  assert.deepEqual(startsOf(await freed()), ['2026-01-28T09:00:00Z'])
  assert.deepEqual(
    (await entries()).map(({ ended_at }) => ended_at?.toString() ?? null),
    ['2026-01-15T00:00:00Z', null],
  )
})

test('Many freed times are forgotten at once, with who was told of them', async () => {
  const { now } = house.ctx()
  await sql`
    INSERT INTO freed_times (service_id, starts_at, ends_at, freed_at)
    SELECT id, ${now}::timestamptz - interval '1 hour', ${now}::timestamptz, ${now}::timestamptz FROM services, generate_series(1, 2500)`.execute(
    db,
  )
  house.pass({ hours: 2 * 24 })
  await jobs.run('bookings.clean')

  assert.deepEqual(startsOf(await freed()), ['2026-01-28T09:00:00Z'])
})

test('What ended a year ago is forgotten', async () => {
  house.pass({ hours: 366 * 24 })
  await jobs.run('bookings.clean')
  assert.equal((await entries()).length, 1)
  house.pass({ hours: 30 * 24 })
  await jobs.run('bookings.clean')

  assert.deepEqual([await entries(), await freed()], [[], []])
  assert.deepEqual(await db.selectFrom('waiting_offers').select('freed_id').execute(), [])
})
