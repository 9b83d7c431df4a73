import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house, 3)
const { ask, admin, others, stranger, event, room } = office
const [anna, boris, carl] = others as [Person, Person, Person]

const day = (date: string) => `from=2026-01-${date}T00:00:00Z&to=2026-01-${Number(date) + 1}T00:00:00Z&time_zone=UTC`
const times = async (who: Person, query: string) => {
  const answer = await ask('GET', `events/meeting-times/?page_size=100&${query}`, who)
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data'].results as {
    start: string
    local: string
    missing: number[]
    optional_missing: number[]
    outside_working_hours: number[]
    rooms: { id: string }[]
  }[]
}
const hours = (found: { start: string }[]) => found.map(({ start }) => start.slice(11, 16))

test('times at which all are free lie within the working hours of all, and on the clock of who asks', async () => {
  await event(anna, { start_time: at('20T09:00'), end_time: at('20T12:00') })
  await event(boris, { start_time: at('20T13:00'), end_time: at('20T16:00') })

  const found = await times(admin, `user_id=${anna.id},${boris.id}&duration_minutes=60&${day('20')}`)

  // Without hours of their own people work from nine to five.
  assert.deepEqual(hours(found), ['12:00', '16:00'])
  assert.deepEqual(await times(admin, `user_id=${anna.id},${boris.id}&duration_minutes=120&${day('20')}`), [])
  const kyiv = await times(
    admin,
    `user_id=${anna.id},${boris.id}&duration_minutes=60&from=2026-01-20T00:00:00Z&to=2026-01-21T00:00:00Z&time_zone=Europe/Kyiv`,
  )
  assert.equal(kyiv[0]?.local, '2026-01-20T14:00:00+02:00')
})

test('nobody is asked for on a Saturday, unless times outside working hours are wanted, which come last', async () => {
  const wish = `user_id=${anna.id}&duration_minutes=60`
  assert.deepEqual(await times(admin, `${wish}&${day('24')}`), [])

  const found = await times(
    admin,
    `${wish}&from=2026-01-24T00:00:00Z&to=2026-01-26T12:00:00Z&time_zone=UTC&step_minutes=60&working_hours=false`,
  )

  assert.deepEqual(
    found.slice(0, 4).map(({ start }) => start),
    ['2026-01-26T09:00:00Z', '2026-01-26T10:00:00Z', '2026-01-26T11:00:00Z', '2026-01-24T00:00:00Z'],
  )
  assert.deepEqual(found[3]?.outside_working_hours, [anna.id])
})

test('the optional may be missing, and so many of the required as are allowed; the most people come first', async () => {
  await event(anna, { start_time: at('21T09:00'), end_time: at('21T13:00') })
  await event(carl, { start_time: at('21T11:00'), end_time: at('21T17:00') })
  const wish = `user_id=${anna.id},${boris.id}&optional_user_id=${carl.id}&duration_minutes=60&step_minutes=60&${day('21')}`

  const strict = await times(admin, wish)
  const lenient = await times(admin, `${wish}&missing=1`)

  assert.deepEqual(hours(strict), ['13:00', '14:00', '15:00', '16:00'])
  assert.deepEqual(strict[0]?.optional_missing, [carl.id])
  assert.deepEqual(hours(lenient), ['13:00', '14:00', '15:00', '16:00', '09:00', '10:00', '11:00', '12:00'])
  assert.deepEqual(lenient[4]?.missing, [anna.id])
  assert.deepEqual(lenient[4]?.optional_missing, [])
})

test('a room for all, with what it must have, is free too: the smallest that fits comes first', async () => {
  const small = await room({ name: 'Small', capacity: 2, equipment: ['Projector'] })
  const large = await room({ name: 'Large', capacity: 20, equipment: ['projector', 'whiteboard'] })
  await room({ name: 'Bare', capacity: 3 })
  await event(admin, { start_time: at('22T09:00'), end_time: at('22T10:00'), room_id: small })
  await event(admin, { start_time: at('22T09:00'), end_time: at('22T11:00'), room_id: large })
  const wish = `user_id=${anna.id},${boris.id}&duration_minutes=60&step_minutes=60&${day('22')}`

  const found = await times(admin, `${wish}&equipment=projector`)

  assert.deepEqual(hours(found), ['10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00'])
  assert.deepEqual(
    found[0]?.rooms.map(({ id }) => id),
    [small],
  )
  assert.deepEqual(
    found[1]?.rooms.map(({ id }) => id),
    [small, large],
  )
  assert.deepEqual(
    (await times(admin, `${wish}&equipment=projector&capacity=10`))[0]?.rooms.map(({ id }) => id),
    [large],
  )
  assert.deepEqual(await times(admin, `${wish}&capacity=100`), [])
})

test('what is listed can be had, and what is to be moved does not stand in its own way', async () => {
  const where = await room({ name: 'Cellar', capacity: 4 })
  const id = idOf(
    await event(admin, {
      start_time: at('23T10:00'),
      end_time: at('23T11:00'),
      room_id: where,
      participants: [{ user_id: anna.id }],
    }),
  )
  const wish = `user_id=${admin.id},${anna.id}&room_id=${where}&duration_minutes=60&step_minutes=60&${day('23')}`

  const [beside, moving] = [await times(admin, wish), await times(admin, `${wish}&event_id=${id}`)]

  assert.deepEqual([hours(beside).includes('10:00'), hours(moving).includes('10:00')], [false, true])
  for (const { start } of beside.slice(0, 3)) {
    const end_time = Temporal.Instant.from(start).add({ hours: 1 }).toString()
    assert.equal((await event(admin, { start_time: start, end_time, room_id: where })).status, 201)
  }
})

test('free and busy times of colleagues are told without a word on what takes them', async () => {
  await event(boris, { title: 'Dentist', start_time: at('27T09:00'), end_time: at('27T10:00') })
  await event(boris, { title: 'Surgeon', start_time: at('27T09:30'), end_time: at('27T11:00') })

  const answer = await ask(
    'GET',
    `events/free-busy/?user_id=${boris.id}&from=2026-01-27T00:00:00Z&to=2026-01-28T00:00:00Z`,
    admin,
  )

  assert.deepEqual(answer.body['data'].people[0].busy, [{ start: at('27T09:00'), end: at('27T11:00') }])
  assert.deepEqual(answer.body['data'].people[0].working_hours, [{ start: at('27T09:00'), end: at('27T17:00') }])
  assert.ok(!/Dentist|Surgeon/.test(answer.text))
})

test('strangers are nobody: neither their time nor their rooms can be asked for', async () => {
  const theirs = await room({ name: 'Vault' }, stranger, office.elsewhere)
  const span = 'from=2026-01-27T00:00:00Z&to=2026-01-28T00:00:00Z'
  const own = await room({ name: 'Ours' })

  const refused = await Promise.all([
    ask('GET', `events/free-busy/?user_id=${boris.id}&${span}`, stranger),
    ask('GET', `events/meeting-times/?user_id=${boris.id}&duration_minutes=30&${span}`, stranger),
    ask('GET', `events/meeting-times/?user_id=${stranger.id}&duration_minutes=30&${span}&room_id=${own}`, stranger),
    ask('GET', `events/meeting-times/?user_id=${admin.id}&duration_minutes=30&${span}&room_id=${theirs}`, admin),
    ask(
      'GET',
      `events/meeting-times/?user_id=${admin.id}&duration_minutes=30&${span}&room=true&organization_id=${office.elsewhere}`,
      admin,
    ),
    ask('GET', `events/free-busy/?user_id=999999&${span}`, admin),
    ask('GET', `events/free-busy/?user_id=,&${span}`, admin),
    ask('GET', `events/free-busy/?user_id=${boris.id}&from=2026-01-27T00:00:00Z&to=2027-01-27T00:00:00Z`, admin),
    house.call('GET', `/api/v1/events/free-busy/?user_id=${boris.id}&${span}`),
  ])

  assert.deepEqual(
    refused.map(({ status }) => status),
    [400, 400, 404, 404, 404, 400, 400, 400, 401],
  )
})
