import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join } from '../company.ts'
import { documentOf, neededQuery, pathWith, type Described, type Schema } from '../document.ts'
import { openHouse, type Answer, type Person } from '../support.ts'

/**
 * Nothing of one organization shows in another, not even that it is there: each reading operation of the document is asked by the admin of another organization with the ids of
 * this one, in the path and in the query, and must answer as it does for ids that nothing bears.
 */
const house = await openHouse()
const ask = askerOf(house)
const data = async (answer: Promise<Answer>): Promise<Answer['body']> => {
  const { status, body, text } = await answer
  assert.ok(status === 200 || status === 201, text)
  return body['data']
}

/** Stands in every name and text of the organization. */
const secret = 'Verbena'
const admin = await house.person('provider', { first_name: secret, last_name: secret })
const organization_id = await found(house, admin, `${secret} Ltd`)
const names = { first_name: secret, last_name: secret }
const colleague = await join(house, organization_id, admin, 'employee', names)
const stranger = await house.person('provider')
const elsewhere = await found(house, stranger, 'Elsewhere')
await join(house, elsewhere, stranger, 'employee')

const post = (path: string, json: object, who: Person = admin): Promise<Answer['body']> =>
  data(ask('POST', path, who, json))
const time = { start_time: '2026-01-15T10:00:00Z', end_time: '2026-01-15T11:00:00Z' }
const department = await post('departments/', { organization_id, name: secret })
const room = await post('rooms/', { organization_id, name: secret, capacity: 4 })
const calendar = await post('calendars/', { organization_id, name: secret, is_public: true })
await post(`calendars/${calendar['id']}/shares/`, { user_id: colleague.id, access: 'write' })
const event = await post('events/', {
  ...time,
  calendar_id: calendar['id'],
  title: secret,
  room_id: room['id'],
  recurrence_rule: 'FREQ=DAILY;COUNT=40',
  participants: [{ user_id: colleague.id }],
})
const participant = event['participants'][0]
await post(`events/${event['id']}/comments/`, { text: secret }, colleague)
const ticket = await post('tickets/', { organization_id, title: secret, category: secret }, colleague)
await post(`tickets/${ticket['id']}/comments/`, { text: secret })
await post('services/', {
  organization_id,
  title: 'Massage',
  description: 'An hour',
  price: 5,
  payment: 'on_site',
  is_active: false,
  staff: [admin.id],
})
const hours = { kind: 'weekly', weekday: 1, start_time: '08:00', end_time: '20:00', time_zone: 'UTC' }
const schedule = await post('schedules/', hours)
const invitation = await post(`organizations/${organization_id}/invitations/`, {
  email: `${secret}@example.com`,
  role: 'employee',
})

/** What is this organization's, by the first part of a path or the name of a parameter. */
const uuids: Record<string, string> = {
  calendars: calendar['id'],
  events: event['id'],
  rooms: room['id'],
  departments: department['id'],
  organizations: organization_id,
  tickets: ticket['id'],
  participant_id: participant.id,
  calendar_id: calendar['id'],
  event_id: event['id'],
  room_id: room['id'],
  department_id: department['id'],
  parent_id: department['id'],
  organization_id,
}
const numbers: Record<string, number> = {
  user_id: colleague.id,
  optional_user_id: colleague.id,
  manager_id: admin.id,
  assignee_id: colleague.id,
  requester_id: colleague.id,
  provider_id: admin.id,
  schedules: schedule['id'],
  invitations: invitation['id'],
  invitation_id: invitation['id'],
  users: colleague.id,
}
const { operations } = await documentOf(house)
const areas =
  /^\/api\/v1\/(?:calendars|events|rooms|departments|organizations|tickets|users|statistics|schedules|dashboard|notifications|search)\//
const reading = operations.filter(({ method, path }) => method === 'GET' && areas.test(path))
const areaOf = ({ path }: Described): string => path.split('/')[3]!

/** An answer without what differs from one request to the next. */
const plain = ({ status, text }: Answer, id = 'ID'): string =>
  `${status} ${text.replaceAll(/"(?:timestamp|request_id)":"[^"]*"/g, '').replaceAll(id, 'ID')}`

const tells = ({ text }: Answer): boolean => text.includes(secret) || text.includes(organization_id)

const theirs = (operation: Described, name: string, schema: Schema): string =>
  schema['format'] === 'uuid'
    ? (uuids[name] ?? uuids[areaOf(operation)] ?? event['id'])
    : String(numbers[name] ?? numbers[areaOf(operation)] ?? colleague.id)
const nobodys = (schema: Schema): string =>
  schema['format'] === 'uuid' ? '0199c3a2-7c1e-7b6e-9d0a-000000000000' : '987654321'

test('what is of another organization is not found, and not a word of it told', async () => {
  const wrong: string[] = []
  const unseen: string[] = []
  for (const operation of reading.filter(({ ids }) => ids.length > 0)) {
    const fill = (value: (id: Schema, name: string) => string): string =>
      operation.ids.reduce((path, one) => path.replace(`{${one.name}}`, value(one.schema, one.name)), operation.path) +
      neededQuery(operation)
    const path = fill((schema, one) => theirs(operation, one === 'id' ? areaOf(operation) : one, schema))
    const own = await house.call('GET', path, { token: admin.token })
    const answer = await house.call('GET', path, { token: stranger.token })
    const other = await house.call('GET', fill(nobodys), { token: stranger.token })
    if (own.status !== 200) unseen.push(operation.path)
    const ids = operation.ids.map((one) =>
      theirs(operation, one.name === 'id' ? areaOf(operation) : one.name, one.schema),
    )
    const blank = (one: Answer): string => ids.reduce((text, id) => text.replaceAll(id, 'ID'), plain(one))
    if (answer.status !== 404 || tells(answer) || blank(answer) !== blank(other))
      wrong.push(`${operation.path} (own: ${own.status}): ${answer.text.slice(0, 200)} ${other.status}`)
  }

  assert.deepEqual(wrong, [])
  assert.ok(reading.length > 30, String(reading.length))
  // Its own admin reads each of them: nothing was asked in vain.
  assert.deepEqual(unseen, [])
})

test('asked for by a parameter it is no different from what is not there, and not a word of it told', async () => {
  const wrong: string[] = []
  let walked = 0
  for (const operation of reading.filter(({ ids }) => ids.length === 0)) {
    const path = pathWith(operation, nobodys)
    const base = `${path}${neededQuery(operation) || '?'}`
    for (const { name, schema } of operation.query.filter((one) => one.name in uuids || one.name in numbers)) {
      const isNumber = !(name in uuids)
      const mine = String(isNumber ? numbers[name] : uuids[name])
      const other = isNumber ? '987654321' : nobodys({ ...schema, format: 'uuid' })
      const withValue = (value: string): string => {
        const [head, query] = base.split('?')
        const given = new URLSearchParams(query)
        given.set(name, value)
        // Spans of the statistics and the free times, in which the meetings lie.
        for (const one of operation.query)
          if ((one.name === 'from' || one.name === 'to') && name !== one.name)
            given.set(one.name, one.name === 'from' ? '2026-01-14T00:00:00Z' : '2026-01-20T00:00:00Z')
        return `${head}?${given.toString()}`
      }
      const answers = [mine, other].map((value) => house.call('GET', withValue(value), { token: stranger.token }))
      const [given, unknown] = (await Promise.all(answers)) as [Answer, Answer]
      walked++
      if (tells({ ...given, text: given.text.replaceAll(mine, 'ID') }) || plain(given, mine) !== plain(unknown, other))
        wrong.push(`${path} ${name}: ${plain(given, mine).slice(0, 200)} | ${plain(unknown, other).slice(0, 200)}`)
    }
  }

  assert.deepEqual(wrong, [])
  assert.ok(walked > 10, String(walked))
})

test('no list, count or search of another organization knows of it', async () => {
  const wrong: string[] = []
  for (const operation of reading.filter(({ ids }) => ids.length === 0)) {
    const given = new URLSearchParams(neededQuery(operation).slice(1))
    for (const { name } of operation.query) {
      if (name === 'q' || name === 'search') given.set(name, secret)
      if (name === 'from' || name === 'to')
        given.set(name, name === 'from' ? '2026-01-14T00:00:00Z' : '2026-02-20T00:00:00Z')
    }
    for (const query of ['', `?${given.toString()}`]) {
      const answer = await house.call('GET', `${operation.path}${query}`, { token: stranger.token })
      if (tells(answer)) wrong.push(`${operation.path}${query}: ${answer.text.slice(0, 300)}`)
    }
  }

  assert.deepEqual(wrong, [])
})
