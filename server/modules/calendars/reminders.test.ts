import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction } from '../../platform/db/transaction.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { idOf, openOffice, signInAgain } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house, 2)
const { ask, admin, others, stranger, event, room } = office
const [anna, boris] = others as [Person, Person]

const at = async (text: string): Promise<void> => {
  await house.drain()
  house.pass({ seconds: Temporal.Instant.from(text).since(house.ctx().now).total('seconds') })
}
/** Days pass here, and tokens do not live so long. */
const back = async (): Promise<void> => {
  for (const person of [admin, anna, boris, stranger]) await signInAgain(house, person)
}
const remind = async (): Promise<void> => {
  await house.house.jobs.run('calendars.remind')
  await house.drain()
}
const release = async (): Promise<void> => {
  await house.house.jobs.run('calendars.release_rooms')
  await house.drain()
}
/** The instants of which somebody was reminded, of one event. */
const told = async (person: Person, id: string, kind = 'event_reminder'): Promise<string[]> => {
  const rows = await house.house.db
    .selectFrom('notifications')
    .where('user_id', '=', person.id)
    .where('kind', '=', kind)
    .orderBy('id')
    .select(['target', 'params'])
    .execute()
  return rows
    .filter(({ target }) => (target as { id: string }).id === id)
    .map(({ params }) => (params as { at: string }).at)
}
const meeting = async (fields: object): Promise<string> =>
  idOf(
    await event(admin, {
      title: 'Planning',
      participants: [{ user_id: anna.id }, { user_id: boris.id }],
      reminders: [60, 10],
      ...fields,
    }),
  )

test('everybody who has not declined is reminded once at each moment, also by two runs at once', async () => {
  const id = await meeting({ start_time: '2026-01-20T10:00:00Z', end_time: '2026-01-20T11:00:00Z' })
  await ask('POST', `events/${id}/respond/`, boris, { status: 'declined' })
  const counts: number[] = []

  for (const time of ['08:59', '09:00', '09:05', '09:49', '09:51', '09:55', '10:05']) {
    await at(`2026-01-20T${time}:00Z`)
    await Promise.all([remind(), remind()])
    counts.push((await told(anna, id)).length)
  }

  assert.deepEqual(counts, [0, 1, 1, 1, 2, 2, 2])
  assert.deepEqual(await told(admin, id), ['2026-01-20T10:00:00Z', '2026-01-20T10:00:00Z'])
  assert.deepEqual(await told(boris, id), [])
})

test('a series reminds of each occurrence by the clock on the wall, the cancelled one left out', async () => {
  await back()
  const id = await meeting({
    start_time: '2026-03-27T10:00:00',
    end_time: '2026-03-27T11:00:00',
    time_zone: 'Europe/Kyiv',
    recurrence_rule: 'FREQ=DAILY;COUNT=4',
    reminders: [30],
  })
  await ask('DELETE', `events/${id}/?scope=this&occurrence=2026-03-28T08:00:00Z`, admin)

  for (let hour = 0; hour < 100; hour++) {
    await at(Temporal.Instant.from('2026-03-27T00:30:00Z').add({ hours: hour }).toString())
    await remind()
  }

  // Clocks go forward on the 29th: ten o'clock is at seven, not at eight, from then on.
  assert.deepEqual(await told(anna, id), ['2026-03-27T08:00:00Z', '2026-03-29T07:00:00Z', '2026-03-30T07:00:00Z'])
})

test('what is moved is reminded of anew, and a moment that had passed when it was made is not', async () => {
  await at('2026-04-01T08:00:00Z')
  await back()
  const id = await meeting({ start_time: '2026-04-01T08:30:00Z', end_time: '2026-04-01T09:00:00Z' })
  await at('2026-04-01T08:21:00Z')
  await remind()
  assert.deepEqual(await told(anna, id), ['2026-04-01T08:30:00Z'])

  await ask('PUT', `events/${id}/`, admin, { start_time: '2026-04-02T08:30:00Z', end_time: '2026-04-02T09:00:00Z' })
  await at('2026-04-02T08:25:00Z')
  await remind()

  assert.deepEqual(await told(anna, id), ['2026-04-01T08:30:00Z', '2026-04-02T08:30:00Z'])
})

test('after an hour away nobody is reminded of what began long ago', async () => {
  await back()
  const id = await meeting({ start_time: '2026-04-03T10:00:00Z', end_time: '2026-04-03T12:00:00Z' })
  await at('2026-04-03T11:00:00Z')

  await remind()

  assert.deepEqual(await told(anna, id), [])
})

test('a room that wants a check-in is free again when nobody comes, for this occurrence alone', async () => {
  await back()
  const strict = await room({ name: 'Strict', check_in_minutes: 10 })
  const fields = { start_time: '2026-04-06T10:00:00Z', end_time: '2026-04-06T11:00:00Z', room_id: strict }
  const id = await meeting({ ...fields, recurrence_rule: 'FREQ=DAILY;COUNT=2' })
  const other = {
    title: 'Other',
    start_time: '2026-04-06T10:20:00Z',
    end_time: '2026-04-06T11:00:00Z',
    room_id: strict,
  }

  await at('2026-04-06T10:09:00Z')
  await back()
  await release()
  const before = await event(boris, other)
  await at('2026-04-06T10:10:00Z')
  await release()
  const after = await event(boris, other)
  const tomorrow = await event(boris, {
    ...other,
    start_time: '2026-04-07T10:20:00Z',
    end_time: '2026-04-07T11:00:00Z',
  })

  assert.deepEqual([before.status, after.status, tomorrow.status], [409, 201, 409])
  assert.deepEqual(await told(admin, id, 'event_room_lost'), ['2026-04-06T10:00:00Z'])
})

test('of two processes that give a room away at the same moment one does, and its organizer is told once', async () => {
  await back()
  const strict = await room({ name: 'Twice', check_in_minutes: 10 })
  const id = await meeting({ start_time: '2026-04-07T10:00:00Z', end_time: '2026-04-07T11:00:00Z', room_id: strict })
  await at('2026-04-07T10:10:00Z')
  const waiting = async (): Promise<number> => {
    const { rows } = await house.house.pool.query<{ count: number }>(
      `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows[0]!.count
  }

  const releasing = await inTransaction(house.ctx(), async (tx) => {
    await tx.db.selectFrom('events').where('id', '=', id).select('id').forUpdate().execute()
    const both = [release(), release()]
    for (let i = 0; i < 1000 && (await waiting()) < 2; i++) await sleep(10)
    return { both }
  })
  await Promise.all(releasing.both)

  assert.deepEqual(await told(admin, id, 'event_room_lost'), ['2026-04-07T10:00:00Z'])
})

test('who takes part checks in from a quarter of an hour before, and the room is kept', async () => {
  await back()
  const strict = await room({ name: 'Kept', check_in_minutes: 5 })
  const id = await meeting({ start_time: '2026-04-08T10:00:00Z', end_time: '2026-04-08T11:00:00Z', room_id: strict })
  const come = (who: Person) => ask('POST', `events/${id}/check-in/`, who, {})

  await at('2026-04-08T09:44:00Z')
  await back()
  const early = await come(anna)
  await at('2026-04-08T09:45:00Z')
  const answers = [await come(anna), await come(anna), await come(stranger)]
  await at('2026-04-08T10:06:00Z')
  await back()
  await release()

  assert.deepEqual([early.status, ...answers.map(({ status }) => status)], [409, 200, 200, 404])
  assert.equal((await ask('GET', `events/${id}/`, anna)).body['data'].room_id, strict)
})
