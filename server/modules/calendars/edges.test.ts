import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { found, join, refusal } from '../../../test/company.ts'
import { openHouse, type House, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice, standingClaims, type Office } from './support.fixture.ts'

const house: House = await openHouse()

describe('the edges of events: the first year, blanks, guests, people who have left', () => {
  let office: Office
  let jane: Person
  let bob: Person

  before(async () => {
    office = await openOffice(house, 1)
    jane = office.admin
    bob = office.colleague
  })

  test('what lies before all times is refused, written or moved there', async () => {
    const first = { start_time: '0002-01-01T00:00:00Z', end_time: '0002-01-01T01:00:00Z' }
    const daily = idOf(await office.event(jane, { ...first, recurrence_rule: 'FREQ=YEARLY;COUNT=9' }))

    const tries = [
      await office.event(jane, { start_time: '0001-01-01T00:00:00Z', end_time: '0001-01-01T01:00:00Z' }),
      await office.event(jane, { start_time: '0000-01-01', end_time: null }),
      await office.event(jane, { start_time: '9999-12-31', end_time: null }),
      await office.ask('PUT', `events/${daily}/?occurrence=0005-01-01`, jane, { start_time: '0002-06-01T00:00:00Z' }),
    ]

    assert.deepEqual(
      tries.map((one) => `${refusal(one)} ${one.body['error']?.details[0].field}`),
      tries.map(() => '400 VALIDATION_ERROR start_time'),
    )
  })

  test('a title and a comment of nothing but blanks say nothing', async () => {
    const id = idOf(await office.event(jane, {}))

    const tries = [
      await office.event(jane, { title: '   ' }),
      await office.ask('PUT', `events/${id}/`, jane, { title: ' ' }),
      await office.ask('POST', `events/${id}/comments/`, jane, { text: ' \n ' }),
    ]

    assert.deepEqual(
      tries.map((one) => `${refusal(one)} ${one.body['error']?.details[0].rule}`),
      tries.map(() => '400 VALIDATION_ERROR required'),
    )
  })

  test('who may know only that the time is taken does not learn the UID, which may say what it is about', async () => {
    const calendar = idOf(await office.ask('POST', 'calendars/', jane, { name: 'Closed' }))
    const id = idOf(await office.event(jane, { calendar_id: calendar, uid: 'merger-talks@example.com' }))
    await office.ask('POST', `calendars/${calendar}/shares/`, jane, { user_id: bob.id, access: 'free_busy' })

    const seen = await office.ask('GET', `events/${id}/`, bob)
    const file = await office.ask('GET', `events/${id}/ics/`, bob)

    assert.deepEqual([seen.status, seen.body['data'].title, seen.body['data'].uid], [200, 'Busy', id])
    assert.ok(file.text.includes(`UID:${id}`) && !file.text.includes('merger'), file.text)
  })

  test('of a public calendar strangers read what is on, and neither who takes part nor what they say', async () => {
    const calendar = idOf(await office.ask('POST', 'calendars/', jane, { name: 'Lectures', is_public: true }))
    const participants = [{ user_id: bob.id }, { email: 'guest@example.com' }]
    const id = idOf(await office.event(jane, { calendar_id: calendar, title: 'Open lecture', participants }))
    const stranger = office.stranger

    const seen = (await office.ask('GET', `events/${id}/`, stranger)).body['data']
    const tries = [
      await office.ask('GET', `events/${id}/participants/`, stranger),
      await office.ask('GET', `events/${id}/comments/`, stranger),
      await office.ask('POST', `events/${id}/comments/`, stranger, { text: 'Buy my shoes' }),
      await office.ask('GET', `events/${id}/attachments/`, stranger),
    ]

    assert.deepEqual([seen.title, seen.participants], ['Open lecture', []])
    assert.deepEqual(
      tries.map(refusal),
      tries.map(() => '403 PERMISSION_DENIED'),
    )
    for (const path of [`events/${id}/ics/`, `calendars/${calendar}/export/`]) {
      const [open, closed] = [await office.ask('GET', path, bob), await office.ask('GET', path, stranger)]
      assert.deepEqual(
        [/ORGANIZER|ATTENDEE/.test(open.text), /ORGANIZER|ATTENDEE|@example/.test(closed.text)],
        [true, false],
      )
      assert.ok(closed.text.includes('SUMMARY:Open lecture'))
    }
    const colleague = (await office.ask('GET', `events/${id}/`, bob)).body['data']
    assert.equal(colleague.participants.length, 2)
  })

  test('who has left the organization makes nobody in it busy any more, and is told nothing of them', async () => {
    const leaver = await join(house, office.organization, jane, 'employee')
    const busy = async (): Promise<number> =>
      (await standingClaims(house)).filter((claim) => claim.startsWith(`${bob.id} `)).length
    const earlier = await busy()
    const times = { start_time: at('27T10:00'), end_time: at('27T11:00') }
    const id = idOf(await office.event(leaver, { ...times, participants: [{ user_id: bob.id }] }))
    const during = await busy()

    await office.ask('DELETE', `organizations/${office.organization}/members/${leaver.id}/`, jane)
    await house.drain()

    const kept = (await office.ask('GET', `events/${id}/`, leaver)).body['data']
    const told = (await office.ask('GET', 'notifications/', bob)).body['data'].results
    assert.deepEqual([during - earlier, (await busy()) - earlier, kept.participants], [1, 0, []])
    assert.equal((await office.ask('GET', `events/${id}/`, bob)).status, 404)
    assert.ok(told.some(({ kind }: { kind: string }) => kind === 'event_cancelled'))
  })

  test('of events with one UID that come at once one stands, and the others are told why', async () => {
    const times = ['10', '11', '12', '13'].map((hour) => ({
      start_time: at(`13T${hour}:00`),
      end_time: at('13T18:00'),
    }))

    const answers = await Promise.all(times.map((one) => office.event(jane, { ...one, uid: 'at-once@example.com' })))

    assert.deepEqual(answers.map((one) => String(one.status)).toSorted(), ['201', '409', '409', '409'])
  })

  test('floating times are taken where a person says that they are now', async () => {
    const calendar = idOf(await office.ask('POST', 'calendars/', bob, { name: 'Wherever I am' }))
    const times = { start_time: '2026-01-29T09:00:00', end_time: '2026-01-29T10:00:00' }
    const id = idOf(await office.event(bob, { calendar_id: calendar, ...times, reminders: [0] }))
    const busy = async (): Promise<string> => {
      const span = `from=${at('29T00:00')}&to=${at('30T00:00')}`
      const answer = await office.ask('GET', `events/free-busy/?user_id=${bob.id}&${span}`, jane)
      return answer.body['data'].people[0].busy.map(({ start }: { start: string }) => start).join()
    }
    const earlier = await busy()

    await house.call('PATCH', '/api/v1/auth/profile/', {
      token: bob.token,
      json: { profile: { time_zone: 'Asia/Tokyo' } },
    })
    await house.drain()

    const { next_at } = await house.house.db
      .selectFrom('event_reminding')
      .where('event_id', '=', id)
      .select('next_at')
      .executeTakeFirstOrThrow()
    assert.deepEqual([earlier, await busy(), String(next_at)], [at('29T09:00'), at('29T00:00'), at('29T00:00')])
  })

  test('an organization is not archived while a meeting has one of its rooms, and is afterwards', async () => {
    const founder = await house.person()
    const organization = await found(house, founder, 'Short-lived')
    const times = { start_time: at('28T10:00'), end_time: at('28T11:00') }
    const id = idOf(await office.event(founder, { ...times, room_id: await office.room({}, founder, organization) }))
    const archive = () => office.ask('DELETE', `organizations/${organization}/`, founder)

    const refused = await archive()
    await office.ask('DELETE', `events/${id}/`, founder)
    const archived = await archive()

    assert.equal(refusal(refused), '409 CONFLICT')
    assert.deepEqual(
      refused.body['error'].details.map(({ params }: { params: object }) => params),
      [{ kind: 'event', from: at('28T10:00'), to: at('28T11:00') }],
    )
    assert.equal(archived.status, 200, archived.text)
  })

  test('who accepts a meeting over a booking of theirs is warned', async () => {
    const provider = await join(house, office.organization, jane, 'employee', {}, await house.person('provider'))
    const service = (
      await office.ask('POST', 'services/', provider, {
        title: 'Cut',
        description: 'x',
        price: 0,
        duration_minutes: 60,
      })
    ).body['data'].id
    const day = { kind: 'weekly', weekday: 3, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' }
    await office.ask('POST', 'schedules/', provider, day)
    const times = { start_time: at('14T12:30'), end_time: at('14T14:00') }
    const id = idOf(await office.event(jane, { ...times, participants: [{ user_id: provider.id }] }))
    const respond = (status: string) => office.ask('POST', `events/${id}/respond/`, provider, { status })
    await respond('declined')
    const booked = await office.ask('POST', 'bookings/', bob, { service, date: at('14T12:00') })

    const accepted = await respond('accepted')

    assert.equal(booked.status, 201, booked.text)
    assert.deepEqual(
      accepted.body['data'].warnings.map(({ rule, params }: { rule: string; params: { user_id: number } }) => [
        rule,
        params.user_id,
      ]),
      [['over_booking', provider.id]],
    )
  })

  test('a room with fewer places than people are invited is given with a warning, told in the language of who asks', async () => {
    const room_id = await office.room({ name: 'Nook', capacity: 1 })
    const fields = { start_time: at('28T10:00'), end_time: at('28T11:00'), room_id }
    const participants = [{ user_id: bob.id }, { email: 'guest@example.com' }]

    const alone = await office.event(jane, { ...fields, start_time: at('28T09:00'), end_time: at('28T10:00') })
    const crowd = await office.event(jane, { ...fields, participants })
    const { token } = jane
    const renamed = await house.call('PUT', `/api/v1/events/${idOf(crowd)}/`, {
      token,
      json: { end_time: at('28T10:30') },
      headers: { 'accept-language': 'es' },
    })

    assert.deepEqual(alone.body['data'].warnings, [])
    assert.deepEqual(crowd.body['data'].warnings[0], {
      rule: 'room_too_small',
      message: 'The room has fewer places than people are invited',
      params: { room_id, capacity: 1, people: 3 },
    })
    assert.equal(renamed.body['data'].warnings[0].message, 'La sala tiene menos plazas que personas invitadas')
  })
})
