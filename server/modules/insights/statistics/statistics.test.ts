import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../../../../test/support.ts'
import { join } from '../../../../test/company.ts'
import { openOffice, refusal } from '../../../../test/office.ts'

const { house, ask, hire, open, back, id: office, boss } = await openOffice()
const helper = await hire('it')
const worker = await hire('employee')
const rival = await house.person('provider')
const rivals: string = (await ask('POST', 'organizations/', rival, { name: 'Rivals' })).body['data'].id

const made = async (path: string, who: Person, json: object): Promise<string> => {
  const answer = await ask('POST', path, who, json)
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
const statistics = async (query = '', who = boss): Promise<Answer['body']> => {
  const answer = await ask('GET', `statistics/?from=2026-01-12&to=2026-01-18${query}`, who)
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data']
}
const big = await made('rooms/', boss, { name: 'Big', capacity: 8 })
await made('rooms/', boss, { name: 'Small', capacity: 2 })
const foreignRoom = await made('rooms/', rival, { name: 'Theirs', capacity: 2 })
const calendar = await made('calendars/', boss, { name: 'Work', color: '#336699' })
const rivalCalendar = await made('calendars/', rival, { name: 'Work', color: '#336699' })
const event = (start: string, end: string, more: object = {}, who = boss): Promise<string> =>
  made('events/', who, {
    title: 'Meeting',
    calendar_id: who.id === boss.id ? calendar : rivalCalendar,
    start_time: `2026-01-${start}:00Z`,
    end_time: `2026-01-${end}:00Z`,
    ...more,
  })

test('Employees, outsiders and admins of other organizations get no statistics', async () => {
  const outsider = await house.person('super_admin')
  const answers = [
    await ask('GET', 'statistics/', worker),
    await ask('GET', `statistics/?organization_id=${office}`, rival),
    await ask('GET', `statistics/?organization_id=${office}`, outsider),
    await ask('GET', `statistics/?organization_id=${rivals}`, boss),
  ]

  assert.deepEqual(answers.map(refusal), ['403 PERMISSION_DENIED', '404 NOT_FOUND', '404 NOT_FOUND', '404 NOT_FOUND'])
  assert.equal((await ask('GET', 'statistics/', helper)).status, 200)
})

test('A span that ends before it begins, is too long or lies nowhere is refused', async () => {
  const rules = []
  for (const query of ['from=2026-02-01&to=2026-01-01', 'from=2020-01-01&to=2026-01-01', 'from=1999-01-01', 'from=now'])
    rules.push((await ask('GET', `statistics/?${query}`, boss)).status)

  assert.deepEqual(rules, [400, 400, 400, 400])
})

test('Meetings, their hours and the hours of their people are counted, and of one’s own day only that it was', async () => {
  await event('13T10:00', '13T12:00', { room_id: big, is_recurring: true, recurrence_rule: 'FREQ=DAILY;COUNT=3' })
  await event('14T14:00', '14T14:30', { participants: [{ user_id: worker.id }, { user_id: helper.id }] })
  await event('14T18:00', '14T19:00')
  await event('20T18:00', '20T19:00')
  await event('15T09:00', '15T10:00', { room_id: foreignRoom }, rival)

  const { events } = await statistics()

  assert.deepEqual(events, { total: 5, meetings: 4, meeting_hours: 6.5, person_hours: 7.5 })
  assert.equal((await statistics(`&organization_id=${rivals}`, rival))['events'].total, 1)
})

test('The use of rooms is told by room, and by the hour of the day on the clocks asked for', async () => {
  const { rooms } = await statistics()
  const kathmandu = (await statistics('&time_zone=Asia/Kathmandu'))['rooms']

  assert.deepEqual([rooms.total, rooms.hours], [2, 6])
  assert.deepEqual(
    rooms.by_room.map(({ name, hours, events }: Record<string, unknown>) => [name, hours, events]),
    [
      ['Big', 6, 3],
      ['Small', 0, 0],
    ],
  )
  const busy = ({ by_hour }: typeof rooms) =>
    by_hour
      .filter(({ hours }: { hours: number }) => hours > 0)
      .map(({ hour, hours }: { hour: number; hours: number }) => [hour, hours])
  assert.deepEqual(busy(rooms), [
    [10, 3],
    [11, 3],
  ])
  assert.deepEqual(busy(kathmandu), [
    [15, 0.75],
    [16, 3],
    [17, 2.25],
  ])
  assert.equal(rooms.by_hour[10].share, 0.2143)
})

test('Tickets are told by state and age, and by what was done in the span', async () => {
  const [first, second] = [await open(worker, { priority: 'urgent' }), await open(worker), await open(worker)]
  house.pass({ hours: 6 })
  const staff = await back(helper)
  await ask('PUT', `tickets/${first['id']}/`, staff, { status: 'resolved' })
  house.pass({ days: 2 })
  await ask('PUT', `tickets/${second['id']}/`, await back(helper), { status: 'in_progress' })

  const { tickets } = await statistics('', await back(boss))

  assert.deepEqual(tickets, {
    opened: 3,
    resolved: 1,
    closed: 0,
    resolved_late: 1,
    median_hours: 6,
    by_status: { open: 1, in_progress: 1, resolved: 1, closed: 0 },
    by_priority: { low: 0, normal: 2, high: 0, urgent: 0 },
    by_age: [
      { from_days: 0, to_days: 1, tickets: 0 },
      { from_days: 1, to_days: 3, tickets: 2 },
      { from_days: 3, to_days: 7, tickets: 0 },
      { from_days: 7, to_days: 30, tickets: 0 },
      { from_days: 30, to_days: null, tickets: 0 },
    ],
    overdue: 0,
  })
})

test('People are told by role and department, and the whole as a table', async () => {
  const admin = await back(boss)
  const sales = await made('departments/', admin, { name: 'Sales' })
  await ask('PUT', `users/${worker.id}/`, admin, { department_id: sales })

  const { people } = await statistics('', admin)
  const table = await ask('GET', 'statistics/?format=csv&from=2026-01-12&to=2026-01-18', admin)

  assert.deepEqual(people, {
    total: 3,
    joined: 3,
    by_role: { admin: 1, it: 1, employee: 1 },
    by_department: [
      { id: sales, name: 'Sales', members: 1 },
      { id: null, name: null, members: 2 },
    ],
  })
  assert.match(table.headers['content-type']!, /^text\/csv/)
  for (const line of [
    'events_meeting_hours,,6.5',
    'room_hours,Big,6',
    'rooms_hours_by_hour,10,3',
    'tickets_by_status,open,1',
  ])
    assert.ok(table.text.includes(`\n${line}\r`), line)
  assert.equal((await ask('GET', 'statistics/?format=csv', await back(worker))).status, 403)
})

test('Tickets and departments are null for whom they are closed to', async () => {
  const admin = await back(boss)
  await ask('PUT', `users/${helper.id}/`, admin, { access_tickets: false, access_org_structure: false })

  const { tickets, people } = await statistics('', await back(helper))

  assert.deepEqual([tickets, people.by_department], [null, null])
})

test('Who belongs to two organizations brings to neither what stands in a room of the other', async () => {
  const [admin, other] = [await back(boss), await back(rival)]
  await join(house, rivals, other, 'employee', {}, admin)
  const before = (await statistics(`&organization_id=${office}`, admin))['events'].total
  const there = (await statistics(`&organization_id=${rivals}`, other))['events'].total
  await event('16T09:00', '16T10:00', { room_id: foreignRoom }, admin)

  const after = (await statistics(`&organization_id=${office}`, admin))['events'].total

  assert.equal(after, before)
  assert.equal((await statistics(`&organization_id=${rivals}`, other))['events'].total, there + 1)
})
