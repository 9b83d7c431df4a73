import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { openHouse, type House, type Person } from '../../../test/support.ts'
import { claim, resourcesFor } from '../scheduling/index.ts'

const house: House = await openHouse()

describe('rooms that are free', () => {
  let admin: Person
  let salon: string

  before(async () => {
    admin = await house.person()
    const json = { name: 'Lavender Spa', time_zone: 'Europe/Kyiv' }
    const made = await house.call('POST', '/api/v1/organizations/', { token: admin.token, json })
    salon = made.body['data'].id
    for (const room of [
      { name: 'Large', capacity: 20, equipment: ['projector'] },
      { name: 'B small', capacity: 2 },
      { name: 'A small', capacity: 2, equipment: ['projector', 'shower'] },
      { name: 'Closed for ever', capacity: 1, is_active: false },
    ])
      assert.equal((await house.call('POST', '/api/v1/rooms/', { token: admin.token, json: room })).status, 201)
  })

  const ask = (query: string, { token }: Person = admin) =>
    house.call('GET', `/api/v1/rooms/available/?${query}`, { token })
  const free = async (from: string, to: string, more = ''): Promise<string[]> => {
    const answer = await ask(`from=2026-01-${from}:00Z&to=2026-01-${to}:00Z${more}`)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.body['data'].count, answer.body['data'].results.length)
    return answer.body['data'].results.map(({ name }: { name: string }) => name)
  }
  const resourceOf = async (name: string): Promise<number> => {
    const { id } = await house.house.db
      .selectFrom('rooms')
      .where('name', '=', name)
      .select('id')
      .executeTakeFirstOrThrow()
    return (await resourcesFor(house.ctx(), [{ roomId: id, organizationId: salon }]))[0]!
  }
  const take = async (name: string, from: string, to: string, expiresAt: Temporal.Instant | null = null) =>
    claim(house.ctx(), {
      source: { kind: 'event', id: `${name}${from}`.replaceAll(/[^\w]/g, '') },
      claims: [{ resourceId: await resourceOf(name), from: at(from), to: at(to), exclusive: true }],
      expiresAt,
    })
  const open = async (name: string, entry: object): Promise<void> => {
    const common = { resource_id: await resourceOf(name), created_at: house.ctx().now, updated_at: house.ctx().now }
    await house.house.db
      .insertInto('schedule_entries')
      .values({ ...common, ...entry } as never)
      .execute()
  }

  test('the smallest that fits comes first, with everything that is asked for', async () => {
    assert.deepEqual(await free('13T10:00', '13T11:00'), ['A small', 'B small', 'Large'])
    assert.deepEqual(await free('13T10:00', '13T11:00', '&capacity=3'), ['Large'])
    assert.deepEqual(await free('13T10:00', '13T11:00', '&equipment=Projector'), ['A small', 'Large'])
    assert.deepEqual(await free('13T10:00', '13T11:00', '&equipment=projector,shower&capacity=3'), [])
  })

  test('pages of it are pages, and an outsider sees none', async () => {
    const span = 'from=2026-01-13T10:00:00Z&to=2026-01-13T11:00:00Z'

    const second = await ask(`${span}&page=2&page_size=2`)
    const past = await ask(`${span}&page=3&page_size=2`)
    const outside = await ask(`${span}&organization_id=${salon}`, await house.person())

    assert.deepEqual([second.body['data'].count, second.body['data'].results.length], [3, 1])
    assert.equal(past.status, 404)
    assert.equal(outside.body['data'].count, 0)
  })

  test('a claim takes a room for its span and not a minute longer; a hold that has run out takes nothing', async () => {
    await take('Large', '14T10:00', '14T11:00')
    await take('B small', '14T10:00', '14T11:00', house.ctx().now.add({ minutes: 1 }))

    assert.deepEqual(await free('14T10:59', '14T12:00'), ['A small'])
    assert.deepEqual(await free('14T11:00', '14T12:00'), ['A small', 'B small', 'Large'])
    assert.deepEqual(await free('14T09:00', '14T10:00'), ['A small', 'B small', 'Large'])
    house.pass({ minutes: 1 })
    assert.deepEqual(await free('14T10:00', '14T11:00'), ['A small', 'B small'])
  })

  test('a room with hours is free only where they cover the whole span, in its own zone', async () => {
    // Thursdays in Kyiv, which is two hours ahead of UTC in January.
    await open('Large', { kind: 'weekly', weekday: 4, start_minute: 540, end_minute: 720 })
    await open('Large', { kind: 'weekly', weekday: 4, start_minute: 720, end_minute: 1020 })
    // The day before, which is laid out beside it.
    await open('Large', { kind: 'weekly', weekday: 3, start_minute: 540, end_minute: 1020 })

    assert.ok((await free('15T07:00', '15T15:00')).includes('Large'))
    assert.ok(!(await free('15T06:59', '15T15:00')).includes('Large'))
    assert.ok(!(await free('15T14:00', '15T15:01')).includes('Large'))
    assert.ok(!(await free('16T10:00', '16T11:00')).includes('Large'))
  })

  test('a span must end after it begins and last at most 31 days', async () => {
    const spans = [
      'from=2026-01-13T10:00:00Z&to=2026-01-13T10:00:00Z',
      'from=2026-01-13T10:00:00Z&to=2026-02-13T10:00:01Z',
      'from=2026-01-13T10:00:00Z',
      'from=2026-01-13&to=tomorrow',
    ]

    const answers = await Promise.all(spans.map((span) => ask(span)))

    assert.deepEqual(
      answers.map(({ status, body }) => [status, body['error']?.error_number]),
      spans.map(() => [400, 'VALIDATION_ERROR']),
    )
    assert.equal((await ask('from=2026-01-13T10:00:00Z&to=2026-02-13T10:00:00Z')).status, 200)
  })
})

const at = (time: string): Temporal.Instant => Temporal.Instant.from(`2026-01-${time}:00Z`)
