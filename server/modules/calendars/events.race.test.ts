import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice, rightfulClaims, signInAgain, standingClaims } from './support.fixture.ts'

const house = await openHouse()

/** How often each status came. */
const countsOf = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => String(status))].map(([status, all]) => [status, all.length]),
  )

async function overlaps(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM claims a JOIN claims b ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
    WHERE a.exclusive AND b.exclusive`.execute(house.house.db)
  return rows[0]!.n
}

test('of two hundred events and series that want one room at once on two processes one wins, and each loser is told why', async (t) => {
  const other = await nodeBeside(house, t)
  const office = await openOffice(house)
  const room = await office.room()
  const make = (i: number): Promise<Answer> =>
    (i % 2 ? house : other).call('POST', '/api/v1/events/', {
      token: office.admin.token,
      json: {
        title: `Race ${i}`,
        room_id: room,
        start_time: at(i % 3 === 0 ? '19T10:00' : '20T10:00'),
        end_time: at(i % 3 === 0 ? '19T11:00' : '20T11:00'),
        ...(i % 3 === 0 ? { recurrence_rule: 'FREQ=DAILY;COUNT=5' } : {}),
      },
    })

  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => make(i)))

  assert.deepEqual(countsOf(answers), { 201: 1, 409: 199 })
  for (const { status, body } of answers) if (status === 409) assert.equal(body['error'].details[0].rule, 'room_taken')
  assert.deepEqual(await standingClaims(house), await rightfulClaims(house))
})

test('events, series, moves, splits, deletions, bookings of a salon and the nightly job, mixed on two processes, never take a room twice nor lose it', async (t) => {
  const other = await nodeBeside(house, t)
  const office = await openOffice(house, 3)
  const [room, second] = [await office.room({ name: 'First' }), await office.room({ name: 'Second' })]
  const ask = (
    i: number,
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    who: Person,
    json?: object,
  ): Promise<Answer> =>
    (i % 2 ? house : other).call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })
  const [master] = office.others as [Person]
  for (let weekday = 1; weekday <= 7; weekday++)
    await office.ask('POST', 'schedules/', office.admin, {
      user_id: master.id,
      kind: 'weekly',
      weekday,
      start_time: '08:00',
      end_time: '20:00',
      time_zone: 'UTC',
    })
  const service = await office.ask('POST', 'services/', office.admin, {
    title: 'Massage',
    description: 'An hour',
    price: 0,
    duration_minutes: 60,
    organization_id: office.organization,
    staff: [master.id],
    room_ids: [room],
  })
  const buyer = await house.person()
  const standing: string[] = []
  for (const day of ['19', '20', '21', '22'])
    standing.push(
      idOf(
        await office.event(office.admin, {
          room_id: second,
          start_time: at(`${day}T09:00`),
          end_time: at(`${day}T10:00`),
          recurrence_rule: 'FREQ=WEEKLY;COUNT=6',
        }),
      ),
    )
  const wishes: ((i: number) => Promise<Answer>)[] = [
    (i) =>
      ask(i, 'POST', 'events/', office.admin, {
        title: 'New',
        room_id: room,
        start_time: at(`19T${10 + (i % 4)}:00`),
        end_time: at(`19T${11 + (i % 4)}:30`),
      }),
    (i) =>
      ask(i, 'POST', 'events/', office.others[1]!, {
        title: 'Series',
        room_id: room,
        start_time: at('19T10:00'),
        end_time: at('19T12:00'),
        recurrence_rule: 'FREQ=DAILY;COUNT=4',
        on_room_clash: i % 2 ? 'skip' : 'move',
      }),
    (i) => ask(i, 'POST', 'bookings/', buyer, { service: service.body['data'].id, date: at(`19T${10 + (i % 5)}:00`) }),
    (i) =>
      ask(i, 'PUT', `events/${standing[i % 4]}/`, office.admin, {
        room_id: i % 8 < 4 ? room : second,
        start_time: at(`19T${10 + (i % 3)}:00`),
        on_room_clash: i % 3 ? 'refuse' : 'skip',
      }),
    (i) =>
      ask(i, 'PUT', `events/${standing[i % 4]}/?scope=this_and_following&occurrence=${at('26T09:00')}`, office.admin, {
        room_id: room,
      }),
    (i) =>
      ask(i, 'PUT', `events/${standing[i % 4]}/?scope=this&occurrence=${at('19T09:00')}`, office.admin, {
        room_id: room,
      }),
    (i) =>
      i % 5
        ? ask(i, 'POST', `events/${standing[i % 4]}/participants/`, office.admin, { user_id: office.others[i % 3]!.id })
        : ask(i, 'DELETE', `events/${standing[i % 4]}/`, office.admin),
  ]
  // Tomorrow, so that the nightly job has something to do.
  house.pass({ hours: 20 })
  for (const person of [office.admin, buyer, ...office.others]) await signInAgain(house, person)

  const answers = await Promise.all([
    ...Array.from({ length: 200 }, (_, i) => wishes[i % wishes.length]!(i)),
    ...[house, other].map(async ({ house: { jobs } }): Promise<Answer> => {
      await jobs.run('calendars.extend_horizon')
      return { status: 200, headers: {}, body: {}, text: '', bytes: Buffer.alloc(0) }
    }),
  ])

  const counts = countsOf(answers)
  assert.deepEqual(
    Object.keys(counts).filter((status) => !['200', '201', '404', '409'].includes(status)),
    [],
    JSON.stringify(counts),
  )
  assert.ok(counts['201']! > 3 && counts['409']! > 20, JSON.stringify(counts))
  assert.equal(await overlaps(), 0)
  assert.deepEqual(await standingClaims(house), await rightfulClaims(house))
})

test('of two who change different things of a calendar at the same moment neither undoes what the other has changed', async (t) => {
  const other = await nodeBeside(house, t)
  const { token } = await house.person('customer')
  const id = idOf(await house.call('POST', '/api/v1/calendars/', { token, json: { name: 'Work' } }))
  const path = `/api/v1/calendars/${id}/`
  const rounds = Array.from({ length: 12 }, (_, i) => ({
    name: `Work ${i}`,
    color: `#0000${String(i + 10)}`,
    is_public: i % 2 === 1,
  }))

  const found = []
  for (const { name, color, is_public } of rounds) {
    await Promise.all([
      house.call('PUT', path, { token, json: { name } }),
      other.call('PUT', path, { token, json: { color } }),
      house.call('PUT', path, { token, json: { is_public } }),
    ])
    found.push((await house.call('GET', path, { token })).body['data'])
  }

  assert.deepEqual(
    found.map(({ name, color, is_public }) => ({ name, color, is_public })),
    rounds,
  )
})
