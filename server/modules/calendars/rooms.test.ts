import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { refusal } from '../../../test/company.ts'
import { openHouse, type Answer, type House } from '../../../test/support.ts'
import { at, idOf, openOffice, rightfulClaims, standingClaims, type Office } from './support.fixture.ts'

const house: House = await openHouse()

const rules = (answer: Answer): string[] =>
  answer.body['error'].details.map(
    ({ rule, params }: { rule: string; params: { start_time: string } }) => `${rule} ${params.start_time.slice(8, 16)}`,
  )
const claimsAreRight = async (): Promise<void> =>
  assert.deepEqual(await standingClaims(house), await rightfulClaims(house))

describe('rooms of events', () => {
  let office: Office

  before(async () => {
    office = await openOffice(house)
  })

  const daily = (room_id: string, fields: object = {}) =>
    office.event(office.admin, { title: 'Daily', room_id, recurrence_rule: 'FREQ=DAILY;COUNT=5', ...fields })
  const single = (room_id: string, day: string, fields: object = {}) =>
    office.event(office.admin, {
      title: 'Single',
      room_id,
      start_time: at(`${day}T10:30`),
      end_time: at(`${day}T11:30`),
      ...fields,
    })

  test('a clash names each occurrence that clashes, and nothing of what stands there', async () => {
    const room = await office.room()
    await single(room, '14', { title: 'Secret plans' })
    await single(room, '16')

    const clash = await daily(room)

    assert.equal(refusal(clash), '409 CONFLICT')
    assert.deepEqual(rules(clash), ['room_taken 14T10:00', 'room_taken 16T10:00'])
    assert.equal(clash.body['error'].details[0].params.occurrence, '2026-01-14T10:00:00Z')
    assert.ok(!clash.text.includes('Secret'))
    await claimsAreRight()
  })

  test('on request the occurrences that clash go without the room', async () => {
    const room = await office.room()
    await single(room, '14')

    const made = await daily(room, { on_room_clash: 'skip' })

    const { id, room_changes } = made.body['data']
    assert.deepEqual(room_changes, [
      { occurrence: '2026-01-14T10:00:00Z', start_time: at('14T10:00'), room_id: null, room_name: null },
    ])
    const rows = (await office.rows(office.admin)).filter((row) => row['event_id'] === id)
    assert.deepEqual(
      rows.map((row) => row['room_id']),
      [room, null, room, room, room],
    )
    await claimsAreRight()
  })

  test('on request they move to the nearest free room: the same place, then the nearest size that holds everybody', async () => {
    const [far, near, small, room] = await Promise.all([
      office.room({ name: 'Far', location: 'Cellar', capacity: 8 }),
      office.room({ name: 'Near', location: 'Moved here', capacity: 30 }),
      office.room({ name: 'Small', location: 'Moved here', capacity: 1 }),
      office.room({ name: 'Wanted', location: 'Moved here', capacity: 8 }),
    ])
    await single(room, '14')
    await single(room, '15')
    await single(near, '15')

    const made = await daily(room, { on_room_clash: 'move', participants: [{ user_id: office.colleague.id }] })

    const moved = made.body['data'].room_changes.map((change: Record<string, string>) => change['room_name'])
    const rows = (await office.rows(office.admin)).filter((row) => row['event_id'] === made.body['data'].id)
    assert.equal(moved[0], 'Near')
    assert.ok(moved[1] !== 'Near' && moved[1] !== 'Small' && moved[1] !== 'Wanted')
    assert.deepEqual(
      rows.map((row) => row['room_id'] === room),
      [true, false, false, true, true],
    )
    assert.ok(![far, small].includes(rows[1]!['room_id']))
    await claimsAreRight()
  })

  test('a single event is moved, or goes without', async () => {
    const room = await office.room()
    await single(room, '14')

    const moved = await single(room, '14', { on_room_clash: 'move' })
    const skipped = await single(room, '14', { on_room_clash: 'skip' })

    assert.notEqual(moved.body['data'].room_id, room)
    assert.ok(moved.body['data'].room_id)
    assert.equal(skipped.body['data'].room_id, null)
    await claimsAreRight()
  })

  test('a room that is closed then is refused by a rule of its own name', async () => {
    const room = await office.room({ time_zone: 'UTC' })
    for (const weekday of [2, 3])
      await office.ask('POST', 'schedules/', office.admin, {
        room_id: room,
        kind: 'weekly',
        weekday,
        start_time: '08:00',
        end_time: '18:00',
        time_zone: 'UTC',
      })

    const closed = await daily(room)
    const made = await daily(room, { on_room_clash: 'skip' })
    const renamed = await office.ask('PUT', `events/${idOf(made)}/`, office.admin, { title: 'Renamed' })

    // 13 January 2026 is a Tuesday.
    assert.deepEqual(rules(closed), ['room_closed 15T10:00', 'room_closed 16T10:00', 'room_closed 17T10:00'])
    assert.equal(renamed.status, 200)
    await claimsAreRight()
  })

  test('rooms of others do not exist, and one that is not in use is not taken', async () => {
    const theirs = await office.room({}, office.stranger, office.elsewhere)
    const idle = await office.room({ is_active: false })
    const gone = await office.room()
    await office.ask('DELETE', `rooms/${gone}/`, office.admin)

    assert.equal(refusal(await single(theirs, '20')), '404 NOT_FOUND')
    assert.equal(refusal(await single(gone, '20')), '404 NOT_FOUND')
    assert.equal(refusal(await single(idle, '20')), '409 CONFLICT')
  })

  test('a room with meetings ahead is not archived', async () => {
    const room = await office.room()
    const event = idOf(await daily(room))

    assert.equal(refusal(await office.ask('DELETE', `rooms/${room}/`, office.admin)), '409 CONFLICT')
    await office.ask('DELETE', `events/${event}/`, office.admin)
    assert.equal((await office.ask('DELETE', `rooms/${room}/`, office.admin)).status, 200)
  })

  test('a change that clashes changes nothing', async () => {
    const room = await office.room()
    const series = idOf(await daily(room))
    await office.event(office.admin, { room_id: room, start_time: at('15T12:00'), end_time: at('15T13:00') })
    const earlier = await standingClaims(house)

    const clash = await office.ask('PUT', `events/${series}/`, office.admin, {
      title: 'New',
      start_time: at('13T11:30'),
      end_time: at('13T12:30'),
    })

    const { title, version } = (await office.ask('GET', `events/${series}/`, office.admin)).body['data']
    assert.deepEqual(rules(clash), ['room_taken 15T11:30'])
    assert.deepEqual([title, version], ['Daily', 1])
    assert.deepEqual(await standingClaims(house), earlier)
  })

  test('a series whose occurrences run into each other has its room without a break', async () => {
    const room = await office.room()
    const made = await daily(room, { end_time: at('14T12:00') })

    assert.equal(made.status, 201, made.text)
    assert.equal(
      refusal(
        await office.event(office.admin, { room_id: room, start_time: at('14T09:00'), end_time: at('14T10:00') }),
      ),
      '409 CONFLICT',
    )
    await office.ask('DELETE', `events/${idOf(made)}/`, office.admin)
    await claimsAreRight()
  })

  test('cancelled and transparent events: the one takes nothing, the other only its room', async () => {
    const room = await office.room()
    const series = idOf(
      await daily(room, { transparency: 'transparent', participants: [{ user_id: office.colleague.id }] }),
    )
    assert.equal((await standingClaims(house)).filter((claim) => claim.startsWith(`${office.colleague.id} `)).length, 5)
    await claimsAreRight()

    await office.ask('PUT', `events/${series}/`, office.admin, { status: 'cancelled' })

    await claimsAreRight()
    assert.equal((await single(room, '14')).status, 201)
  })

  test('an all-day event has its room for the whole day of the room’s zone', async () => {
    const room = await office.room({ time_zone: 'Asia/Tokyo' })
    await office.event(office.admin, { room_id: room, start_time: '2026-01-20', end_time: '2026-01-21' })
    const tries = [
      ['19T14:00', '19T15:00'],
      ['19T15:00', '19T16:00'],
      ['20T14:00', '20T15:00'],
      ['20T15:00', '20T16:00'],
    ] as const

    const answers: number[] = []
    for (const [from, to] of tries)
      answers.push((await office.event(office.admin, { room_id: room, start_time: at(from), end_time: at(to) })).status)

    assert.deepEqual(answers, [201, 409, 409, 201])
  })
})
