import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'

const house = await openHouse()

type Body = Record<string, unknown>
const monday = { kind: 'weekly', weekday: 1, start_time: '09:00', end_time: '17:00' }
const provider = (extra: Body = {}): Promise<Person> => house.person('provider', extra)
const add = (person: Person, json: Body, query = ''): Promise<Answer> =>
  house.call('POST', `/api/v1/schedules/${query}`, { token: person.token, json })
const on = (
  method: 'GET' | 'PUT' | 'DELETE',
  id: unknown,
  person: Person,
  json?: Body,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  house.call(method, `/api/v1/schedules/${String(id)}/`, { token: person.token, headers, ...(json ? { json } : {}) })
const listed = async (person: Person, query = ''): Promise<Body[]> => {
  const answer = await house.call('GET', `/api/v1/schedules/${query}`, { token: person.token })
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data'].results
}
const fieldsOf = (answer: Answer): string[] =>
  (answer.body['error'].details ?? []).map(({ field }: { field: string }) => field).toSorted()

test('weekly hours are kept as they were said, in the zone of the person who said none', async () => {
  const anna = await provider({ time_zone: 'Europe/Kyiv' })

  const made = await add(anna, monday)

  assert.equal(made.status, 201, made.text)
  const { id, created_at, updated_at, ...rest } = made.body['data']
  assert.deepEqual(rest, { ...monday, user_id: anna.id, room_id: null, time_zone: 'Europe/Kyiv' })
  assert.deepEqual([created_at, updated_at], ['2026-01-12T08:00:00Z', '2026-01-12T08:00:00Z'])
  assert.deepEqual((await on('GET', id, anna)).body['data'], made.body['data'])
})

test('every kind shows its own fields', async () => {
  const anna = await provider()
  const kinds = [
    { kind: 'weekly', weekday: 5, start_time: '22:00', end_time: '06:00' },
    { kind: 'weekly', weekday: 7, start_time: '09:00', end_time: '24:00' },
    { kind: 'override', date: '2026-02-01', intervals: [] },
    {
      kind: 'override',
      date: '2026-02-02',
      intervals: [
        { start_time: '10:00', end_time: '12:00' },
        { start_time: '20:00', end_time: '02:00' },
      ],
    },
    { kind: 'time_off', starts_at: '2026-03-01T00:00', ends_at: '2026-03-08T12:30', reason: 'Holidays' },
    { kind: 'slot', starts_at: '2026-03-20T18:15', ends_at: '2026-03-20T19:00' },
  ]

  for (const json of kinds) {
    const made = await add(anna, json)
    assert.equal(made.status, 201, made.text)
    const { id, created_at, updated_at, user_id, room_id, time_zone, ...fields } = made.body['data']
    assert.deepEqual(fields, json)
    assert.ok(id && created_at && updated_at && user_id && room_id === null && time_zone)
  }

  const kindsInOrder = (await listed(anna)).map(({ kind, date, starts_at }) => [kind, date ?? starts_at])
  assert.deepEqual(kindsInOrder, [
    ['weekly', undefined],
    ['weekly', undefined],
    ['override', '2026-02-01'],
    ['override', '2026-02-02'],
    ['time_off', '2026-03-01T00:00'],
    ['slot', '2026-03-20T18:15'],
  ])
})

test('a list is filtered by kind and by a span, which leaves the week in', async () => {
  const anna = await provider()
  await add(anna, monday)
  await add(anna, { kind: 'override', date: '2026-02-01', intervals: [] })
  await add(anna, { kind: 'time_off', starts_at: '2026-02-03T00:00', ends_at: '2026-02-05T00:00' })

  const kinds = async (query: string) => (await listed(anna, query)).map(({ kind }) => kind)

  assert.deepEqual(await kinds('?kind=override'), ['override'])
  assert.deepEqual(await kinds('?from=2026-02-04&to=2026-02-28'), ['weekly', 'time_off'])
  assert.deepEqual(await kinds('?from=2026-02-05'), ['weekly'])
  assert.deepEqual(await kinds('?to=2026-02-02'), ['weekly', 'override'])
  assert.deepEqual(await kinds('?from=2026-02-01&to=2026-02-01&kind=override'), ['override'])
  const backwards = await house.call('GET', '/api/v1/schedules/?from=2026-02-02&to=2026-02-01', { token: anna.token })
  assert.equal(backwards.status, 400)
})

test('everything that is wrong is told at once, by field', async () => {
  const anna = await provider()

  const cases: [Body, string[]][] = [
    [{}, ['kind']],
    [{ kind: 'weekly' }, ['end_time', 'start_time', 'weekday']],
    [{ kind: 'weekly', weekday: 8, start_time: '9:00', time_zone: 'Mars/Olympus' }, ['end_time', 'start_time', 'time_zone', 'weekday']],
    [{ kind: 'weekly', weekday: '1', start_time: '24:00', end_time: '24:01' }, ['end_time', 'start_time', 'weekday']],
    [{ kind: 'weekly', weekday: 1, start_time: 900, end_time: null }, ['end_time', 'start_time']],
    [{ kind: 'weekly', weekday: 1, start_time: '09:00:00', end_time: '17:00' }, ['start_time']],
    [{ ...monday, time_zone: '+02:00' }, ['time_zone']],
    [{ ...monday, end_time: '09:00' }, ['end_time']],
    [{ ...monday, weekday: 0, end_time: '09:00' }, ['end_time', 'weekday']],
    [{ kind: 'slot', starts_at: '1999-03-08T12:30' }, ['ends_at', 'starts_at']],
    [{ kind: 'override' }, ['date', 'intervals']],
    [{ kind: 'override', date: '2026-02-30', intervals: 'none' }, ['date', 'intervals']],
    [{ kind: 'override', date: '2026-02-01', intervals: [{ start_time: '10:00' }, {}] }, ['intervals.0.end_time', 'intervals.1.end_time', 'intervals.1.start_time']],
    [{ kind: 'override', date: '1999-12-31', intervals: [{ start_time: '10:00', end_time: '10:00' }, { start_time: '20:00', end_time: '02:00' }, { start_time: '23:00', end_time: '24:00' }] }, ['date', 'intervals.0.end_time', 'intervals.2.start_time']],
    [{ kind: 'time_off', starts_at: '2026-03-01', ends_at: '2026-03-08T12:30:00Z' }, ['ends_at', 'starts_at']],
    [{ kind: 'time_off', starts_at: '2026-03-08T12:30', ends_at: '2026-03-08T12:30' }, ['ends_at']],
    [{ kind: 'time_off', starts_at: '2026-03-08T12:30', ends_at: '2046-03-08T12:30' }, ['ends_at']],
    [{ kind: 'slot', starts_at: '2026-03-08T12:30', ends_at: '2026-03-09T12:31' }, ['ends_at']],
    [{ kind: 'holiday', date: '2026-03-08' }, ['kind']],
  ] // prettier-ignore

  for (const [json, fields] of cases) {
    const answer = await add(anna, json)
    assert.equal(answer.status, 400, JSON.stringify(json))
    assert.deepEqual(fieldsOf(answer), fields, answer.text)
  }
  assert.deepEqual(await listed(anna), [])
})

test('hours of a week that overlap are refused by naming the others, over midnight and over Sunday too', async () => {
  const anna = await provider()
  for (const json of [
    monday,
    { kind: 'weekly', weekday: 3, start_time: '22:00', end_time: '06:00' },
    { kind: 'weekly', weekday: 7, start_time: '20:00', end_time: '08:00' },
  ])
    assert.equal((await add(anna, json)).status, 201)

  const weekly = (weekday: number, start_time: string, end_time: string) =>
    add(anna, { kind: 'weekly', weekday, start_time, end_time })
  const inside = await weekly(1, '16:59', '18:00')
  const tail = await weekly(4, '05:00', '10:00')
  const overSunday = await weekly(1, '07:30', '08:30')
  const around = await weekly(2, '23:00', '22:00')
  const touching = [
    await weekly(1, '17:00', '18:00'),
    await weekly(4, '06:00', '10:00'),
    await weekly(1, '08:00', '09:00'),
  ]

  assert.deepEqual(
    [inside, tail, overSunday, around].map(({ status }) => status),
    [409, 409, 409, 201],
  )
  assert.deepEqual(
    touching.map(({ status }) => status),
    [201, 201, 201],
  )
  const ben = await provider()
  await add(ben, { ...monday, start_time: '00:30', end_time: '02:00' })
  const night = { kind: 'weekly', weekday: 7, start_time: '22:00', end_time: '01:00' }
  assert.equal((await add(ben, night)).status, 409)
  const [detail] = inside.body['error'].details
  assert.equal(detail.message, 'This overlaps the hours of weekday 1 from 09:00 to 17:00')
  assert.equal(detail.params.start_time, '09:00')
})

test('a date has one override, a start one slot', async () => {
  const anna = await provider()
  const closed = { kind: 'override', date: '2026-02-01', intervals: [] }
  const slot = { kind: 'slot', starts_at: '2026-03-08T12:30', ends_at: '2026-03-08T13:30' }

  const statuses = []
  for (const json of [closed, closed, slot, slot]) statuses.push((await add(anna, json)).status)

  assert.deepEqual(statuses, [201, 409, 201, 409])
})

test('a schedule has one zone: the first entry sets it, another is refused, and moving it moves all entries', async () => {
  const anna = await provider({ time_zone: 'Europe/Kyiv' })
  const first = await add(anna, { ...monday, time_zone: 'America/New_York' })

  const silent = await add(anna, { ...monday, weekday: 2 })
  const same = await add(anna, { ...monday, weekday: 3, time_zone: 'US/Eastern' })
  const other = await add(anna, { ...monday, weekday: 4, time_zone: 'Europe/Kyiv' })
  const moved = await house.call('PUT', '/api/v1/schedules/time-zone/', {
    token: anna.token,
    json: { time_zone: 'europe/lisbon' },
  })

  assert.deepEqual(
    [first, silent, same, other, moved].map(({ status }) => status),
    [201, 201, 201, 409, 200],
  )
  assert.equal(silent.body['data'].time_zone, 'America/New_York')
  assert.deepEqual(fieldsOf(other), ['time_zone'])
  assert.deepEqual(moved.body['data'], { time_zone: 'Europe/Lisbon', user_id: anna.id, room_id: null, entries: 3 })
  const all = await listed(anna)
  assert.deepEqual(
    all.map(({ time_zone, start_time }) => `${String(start_time)} ${String(time_zone)}`),
    Array(3).fill('09:00 Europe/Lisbon'),
  )
  // The last one left may take its zone with it.
  for (const { id } of all.slice(1)) await on('DELETE', id, anna)
  const replaced = await on('PUT', all[0]?.['id'], anna, { ...monday, time_zone: 'Asia/Tokyo' })
  assert.equal(replaced.body['data'].time_zone, 'Asia/Tokyo')
})

test('PUT replaces an entry, whatever its kind was, and never lets it clash with itself', async () => {
  const anna = await provider()
  const { id } = (await add(anna, monday)).body['data']
  await add(anna, { ...monday, weekday: 2 })

  const longer = await on('PUT', id, anna, { ...monday, end_time: '18:00' })
  const onTheOther = await on('PUT', id, anna, { ...monday, weekday: 2 })
  const another = await on('PUT', id, anna, {
    kind: 'time_off',
    starts_at: '2026-03-01T00:00',
    ends_at: '2026-03-02T00:00',
  })

  assert.deepEqual([longer.status, onTheOther.status, another.status], [200, 409, 200])
  assert.equal(longer.body['data'].end_time, '18:00')
  assert.ok(!('weekday' in another.body['data']))
  assert.equal(another.body['data'].reason, '')
  const stale = await on('PUT', id, anna, monday, { 'if-match': '"stale"' })
  assert.equal(stale.status, 412)
  assert.equal((await on('DELETE', id, anna)).status, 200)
  assert.equal((await on('DELETE', id, anna)).status, 404)
  assert.equal((await on('PUT', id, anna, monday)).status, 404)
})

test('of ten who add the same hours at once, one does, and nobody is told a lie', async () => {
  const anna = await provider()
  await add(anna, { ...monday, weekday: 2 })

  const answers = await Promise.all(Array.from({ length: 10 }, () => add(anna, monday)))

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, ...Array(9).fill(409)],
  )
  assert.equal((await listed(anna)).length, 2)
})

test('a schedule has at most 500 entries', async () => {
  const anna = await provider()
  const { id } = (await add(anna, monday)).body['data']
  await house.house.pool.query(
    `INSERT INTO schedule_entries (resource_id, kind, date, intervals, created_at, updated_at)
     SELECT resource_id, 'override', DATE '2027-01-01' + n, '{}', created_at, created_at FROM schedule_entries, generate_series(1, 499) n WHERE id = $1`,
    [id],
  )

  const answer = await add(anna, { ...monday, weekday: 2 })

  assert.equal(answer.status, 409)
  assert.match(answer.body['error'].error_message, /500/)
})

test('nobody sees or touches the schedule of another, and a mere customer keeps none', async () => {
  const [anna, ben, customer] = [await provider(), await provider(), await house.person('customer')]
  const { id } = (await add(anna, monday)).body['data']

  const foreign = [await on('GET', id, ben), await on('PUT', id, ben, monday), await on('DELETE', id, ben)]
  const forOther = [
    await add(ben, { ...monday, user_id: anna.id }),
    await house.call('GET', `/api/v1/schedules/?user_id=${anna.id}`, { token: ben.token }),
    await add(ben, { ...monday, room_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d' }),
  ]
  const asCustomer = [
    await add(customer, monday),
    await on('GET', id, customer),
    await on('GET', 999_999, customer),
    await house.call('GET', '/api/v1/schedules/', { token: customer.token }),
  ]
  const anonymous = await house.call('POST', '/api/v1/schedules/', { json: {} })

  assert.deepEqual(
    foreign.map(({ status }) => status),
    [404, 404, 404],
  )
  assert.deepEqual(
    forOther.map(({ status }) => status),
    [404, 404, 404],
  )
  assert.deepEqual(
    asCustomer.map(({ status }) => status),
    [403, 403, 403, 403],
  )
  assert.equal(anonymous.status, 401)
  assert.equal((await on('GET', 'x', ben)).status, 404)
  assert.equal((await on('GET', 999_999, ben)).status, 404)
})
