import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { openHouse, type House } from '../../../test/support.ts'
import { idOf, openOffice, rightfulClaims, signInAgain, standingClaims, type Office } from './support.fixture.ts'

const house: House = await openHouse()

const claimsAreRight = async (): Promise<void> =>
  assert.deepEqual(await standingClaims(house), await rightfulClaims(house))

const nightly = () => house.house.jobs.run('calendars.extend_horizon')
const lastClaim = async (event: string): Promise<string> => {
  const { during } = await house.house.db
    .selectFrom('claims')
    .select('during')
    .where('source_id', '=', event)
    .orderBy('during', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return during.slice(2, 12)
}

describe('the horizon of claims', () => {
  let office: Office

  before(async () => {
    office = await openOffice(house)
  })

  const weekly = async (room_id: string | null, fields: object = {}): Promise<string> =>
    idOf(await office.event(office.admin, { room_id, title: 'Weekly', recurrence_rule: 'FREQ=WEEKLY', ...fields }))
  const pass = async (days: number): Promise<void> => {
    house.pass({ days })
    await signInAgain(house, office.admin)
  }

  test('a series without an end has its room for 18 months, and says until when', async () => {
    const room = await office.room()
    const event = await weekly(room)

    const { room_claimed_until } = (await office.ask('GET', `events/${event}/`, office.admin)).body['data']

    assert.equal(room_claimed_until, '2027-07-12T00:00:00Z')
    assert.equal(await lastClaim(event), '2027-07-06')
    await claimsAreRight()
  })

  test('beyond the horizon an event stands, without claiming its room', async () => {
    const room = await office.room()
    const far = { room_id: room, start_time: '2027-08-02T10:00:00Z', end_time: '2027-08-02T11:00:00Z' }
    const first = await office.event(office.admin, far)
    const second = await office.event(office.admin, far)

    assert.deepEqual(
      [first.status, second.status, first.body['data'].room_claimed_until],
      [201, 201, '2027-07-12T00:00:00Z'],
    )
    assert.deepEqual(
      (await standingClaims(house)).filter((claim) => claim.startsWith(room)),
      [],
    )
  })

  test('each night the horizon moves on, older series first; who loses the room goes without and is told', async () => {
    const room = await office.room()
    const older = await weekly(room, { title: 'Older', recurrence_rule: 'FREQ=WEEKLY;INTERVAL=80' })
    house.pass({ minutes: 1 })
    // Both meet for the first time on 26 July 2027, beyond the horizon of today.
    const younger = await weekly(room, {
      title: 'Younger',
      start_time: '2027-07-27T10:30:00Z',
      end_time: '2027-07-27T11:30:00Z',
    })

    await pass(30)
    await nightly()

    const rows = (await office.ask('GET', 'events/?from=2027-07-01&to=2027-08-31&page_size=100', office.admin)).body[
      'data'
    ].results
    const roomsOf = (title: string) =>
      rows
        .filter((row: Record<string, string>) => row['title'] === title)
        .map((row: Record<string, string>) => row['room_id'])
    assert.deepEqual(roomsOf('Older'), [room])
    assert.deepEqual(roomsOf('Younger').slice(0, 3), [null, room, room])
    const told = (await office.ask('GET', 'notifications/', office.admin)).body['data'].results
    const lost = told.filter(
      ({ kind, target }: { kind: string; target: { id: string } }) =>
        kind === 'event_room_lost' && target.id === younger,
    )
    assert.equal(lost.length, 1)
    assert.ok(older)
    await claimsAreRight()
  })

  test('a room that has got hours since is not taken while it is closed', async () => {
    const room = await office.room({ time_zone: 'UTC' })
    const event = await weekly(room)
    const hours = {
      room_id: room,
      kind: 'weekly',
      weekday: 1,
      start_time: '08:00',
      end_time: '18:00',
      time_zone: 'UTC',
    }
    assert.equal((await office.ask('POST', 'schedules/', office.admin, hours)).status, 201)
    const earlier = await lastClaim(event)

    await pass(21)
    await nightly()

    const { overrides } = (await office.ask('GET', `events/${event}/`, office.admin)).body['data']
    const rooms = overrides.map((one: Record<string, unknown>) => one['room_id'])
    assert.deepEqual(rooms, [null, null, null])
    assert.ok((await lastClaim(event)) > earlier)
    await claimsAreRight()
  })

  test('the nightly job is safe to repeat, and made up for after it was missed', async () => {
    const earlier = await standingClaims(house)
    await nightly()
    const again = await standingClaims(house)
    await pass(100)
    await nightly()

    assert.deepEqual(again, earlier)
    assert.ok((await standingClaims(house)).length > 0)
    await claimsAreRight()
  })

  test('an event that is made between the nights claims no further than all others', async () => {
    const room = await office.room()
    const until = await house.house.db.selectFrom('claim_horizon').select('until').executeTakeFirstOrThrow()
    await pass(5)

    const event = await weekly(room)

    const { room_claimed_until } = (await office.ask('GET', `events/${event}/`, office.admin)).body['data']
    assert.equal(room_claimed_until, until.until.toString())
    await claimsAreRight()
  })

  test('a series of very many occurrences is claimed a number at a time, and with a room it is refused', async () => {
    const fields = {
      recurrence_rule: 'FREQ=HOURLY',
      start_time: '2026-06-01T10:00:00Z',
      end_time: '2026-06-01T10:10:00Z',
    }
    const refused = await office.event(office.admin, { ...fields, room_id: await office.room() })
    const dense = idOf(await office.event(office.admin, fields))
    const countOf = async (): Promise<number> =>
      (await house.house.db.selectFrom('claims').where('source_id', '=', dense).select('id').execute()).length
    const first = await countOf()
    const last = await lastClaim(dense)

    await pass(60)
    await nightly()

    assert.deepEqual([refused.status, refused.body['error'].details[0].field], [400, 'recurrence_rule'])
    assert.equal(first, 4000)
    assert.ok((await lastClaim(dense)) > last)
  })
})
