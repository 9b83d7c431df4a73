import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { refusal } from '../../../test/company.ts'
import { openHouse, type House } from '../../../test/support.ts'
import { at, idOf, openOffice, type Office } from './support.fixture.ts'

const house: House = await openHouse()

describe('events', () => {
  let office: Office

  before(async () => {
    office = await openOffice(house)
  })

  const calendar = async (): Promise<string> =>
    idOf(await office.ask('POST', 'calendars/', office.admin, { name: 'Work' }))
  const fieldOf = async (fields: object): Promise<string> => {
    const answer = await office.event(office.admin, fields)
    assert.equal(answer.status, 400, answer.text)
    return answer.body['error'].details[0].field
  }

  test('an event is answered with all that was given, in UTC and in its own zone', async () => {
    const made = await office.event(office.admin, {
      title: 'Summer',
      description: 'Plans',
      location: 'Roof',
      start_time: '2026-07-01T10:00:00',
      end_time: '2026-07-01T11:30:00',
      time_zone: 'Europe/Kyiv',
      reminders: [10, 60, 10],
      visibility: 'private',
    })
    const read = await office.ask('GET', `events/${idOf(made)}/`, office.admin)
    const {
      title,
      description,
      location,
      start_time,
      end_time,
      start_local,
      time_zone,
      reminders,
      visibility,
      organizer_id,
    } = read.body['data']

    assert.deepEqual(
      [title, description, location, visibility, reminders],
      ['Summer', 'Plans', 'Roof', 'private', [10, 60]],
    )
    assert.deepEqual([start_time, end_time, time_zone], ['2026-07-01T07:00:00Z', '2026-07-01T08:30:00Z', 'Europe/Kyiv'])
    assert.deepEqual([start_local, organizer_id], ['2026-07-01T10:00:00+03:00', office.admin.id])
  })

  test('the form of a time says its kind: an instant, a local time with or without a zone, a date', async () => {
    const kinds = await Promise.all(
      [
        { start_time: '2026-01-15T10:00:00+02:00', end_time: null },
        { start_time: '2026-01-15T10:00:00', end_time: null, time_zone: 'Asia/Tokyo' },
        { start_time: '2026-01-15T10:00:00', end_time: null },
        { start_time: '2026-01-15', end_time: '2026-01-17' },
        { start_time: '2026-01-15T00:00:00Z', end_time: '2026-01-15T00:00:00Z', is_all_day: true },
      ].map((fields) => office.event(office.admin, fields)),
    )

    assert.deepEqual(
      kinds.map(({ body: { data } }) => [
        data.time_zone,
        data.is_floating,
        data.is_all_day,
        data.transparency,
        data.start_time,
        data.end_time,
      ]),
      [
        ['UTC', false, false, 'opaque', '2026-01-15T08:00:00Z', '2026-01-15T09:00:00Z'],
        ['Asia/Tokyo', false, false, 'opaque', '2026-01-15T01:00:00Z', '2026-01-15T02:00:00Z'],
        [null, true, false, 'opaque', '2026-01-15T10:00:00Z', '2026-01-15T11:00:00Z'],
        [null, false, true, 'transparent', '2026-01-15', '2026-01-17'],
        [null, false, true, 'transparent', '2026-01-15', '2026-01-16'],
      ],
    )
  })

  test('a floating event is read in the zone of who looks, an all-day one is the same date everywhere', async () => {
    const calendar_id = await calendar()
    await office.event(office.admin, {
      calendar_id,
      title: 'Lunch',
      start_time: '2026-01-15T12:00:00',
      end_time: '2026-01-15T13:00:00',
    })
    await office.event(office.admin, { calendar_id, title: 'Feast', start_time: '2026-01-15', end_time: '2026-01-16' })
    const seen = async (zone: string): Promise<unknown[]> => {
      const query = `events/?calendar_id=${calendar_id}&from=2026-01-15&to=2026-01-15&time_zone=${zone}`
      const { body } = await office.ask('GET', query, office.admin)
      return body['data'].results.map(({ title, start_time, start_local }: Record<string, string>) => [
        title,
        start_time,
        start_local,
      ])
    }

    assert.deepEqual(await seen('America/New_York'), [
      ['Feast', '2026-01-15', '2026-01-15'],
      ['Lunch', '2026-01-15T17:00:00Z', '2026-01-15T12:00:00-05:00'],
    ])
    assert.deepEqual((await seen('Pacific/Kiritimati')).at(1), [
      'Lunch',
      '2026-01-14T22:00:00Z',
      '2026-01-15T12:00:00+14:00',
    ])
  })

  test('what is wrong is told with its field', async () => {
    assert.equal(await fieldOf({ start_time: at('13T11:00'), end_time: at('13T10:00') }), 'end_time')
    assert.equal(await fieldOf({ end_time: at('13T10:00') }), 'end_time')
    assert.equal(await fieldOf({ start_time: '2026-02-30T10:00:00Z' }), 'start_time')
    assert.equal(await fieldOf({ start_time: 'tomorrow, at ten' }), 'start_time')
    assert.equal(await fieldOf({ recurrence_rule: 'FREQ=SOMETIMES' }), 'recurrence_rule')
    assert.equal(await fieldOf({ recurrence_rule: 'FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z' }), 'recurrence_rule')
    assert.equal(await fieldOf({ recurrence_rule: 'FREQ=SECONDLY' }), 'recurrence_rule')
    assert.equal(await fieldOf({ is_recurring: true }), 'recurrence_rule')
    assert.equal(await fieldOf({ recurrence_rule: 'FREQ=DAILY', exdates: ['2026-13-01'] }), 'exdates')
    assert.equal(await fieldOf({ participants: [{ user_id: office.stranger.id }] }), 'participants.0.user_id')
    assert.equal(await fieldOf({ participants: [{}] }), 'participants.0')
    assert.equal(
      await fieldOf({ is_floating: true, time_zone: 'Europe/Kyiv', start_time: '2026-01-15T10:00:00' }),
      'time_zone',
    )
  })

  test('a span shows what overlaps it, ordered, each page counted', async () => {
    const calendar_id = await calendar()
    const fields = { calendar_id, recurrence_rule: 'FREQ=DAILY;COUNT=7' }
    await office.event(office.admin, { ...fields, title: 'Late', start_time: at('12T23:00'), end_time: at('13T01:00') })
    await office.event(office.admin, { ...fields, title: 'Noon', start_time: at('12T12:00'), end_time: at('12T12:30') })
    const query = `events/?calendar_id=${calendar_id}&from=${at('13T00:00')}&to=${at('15T00:00')}`

    const all = await office.ask('GET', query, office.admin)
    const second = await office.ask('GET', `${query}&page=2&page_size=2`, office.admin)
    const past = await office.ask('GET', `${query}&page=4&page_size=2`, office.admin)

    const shown = all.body['data'].results.map(
      ({ title, start_time }: Record<string, string>) => `${title} ${start_time}`,
    )
    assert.deepEqual(shown, [
      'Late 2026-01-12T23:00:00Z',
      'Noon 2026-01-13T12:00:00Z',
      'Late 2026-01-13T23:00:00Z',
      'Noon 2026-01-14T12:00:00Z',
      'Late 2026-01-14T23:00:00Z',
    ])
    assert.equal(new Set(all.body['data'].results.map((row: Record<string, string>) => row['occurrence_id'])).size, 5)
    assert.deepEqual([second.body['data'].count, second.body['data'].results.length, past.status], [5, 2, 404])
  })

  test('a span ends after it begins and is at most eleven years long', async () => {
    const spans = ['from=2026-01-02&to=2026-01-01', 'from=2026-01-01&to=2040-01-01', 'from=now', 'calendar_id=all']
    const answers = await Promise.all(spans.map((span) => office.ask('GET', `events/?${span}`, office.admin)))

    assert.deepEqual(
      answers.map(refusal),
      spans.map(() => '400 VALIDATION_ERROR'),
    )
  })

  test('an UNTIL in another form than its times demand is understood', async () => {
    const calendar_id = await calendar()
    const fields = {
      calendar_id,
      start_time: '2026-01-12T20:00:00',
      end_time: '2026-01-12T21:00:00',
      time_zone: 'America/New_York',
    }
    await office.event(office.admin, { ...fields, recurrence_rule: 'RRULE:FREQ=DAILY;UNTIL=20260114' })

    assert.equal((await office.starts(office.admin, `&calendar_id=${calendar_id}`)).length, 3)
  })

  test('the next occurrences leave out what has ended and what is cancelled', async () => {
    const person = await house.person()
    await office.event(person, { title: 'Over', start_time: at('12T06:00'), end_time: at('12T07:00') })
    await office.event(person, { title: 'Now', start_time: at('12T07:30'), end_time: at('12T09:00') })
    await office.event(person, { title: 'Off', status: 'cancelled' })
    await office.event(person, { title: 'Weekly', recurrence_rule: 'FREQ=WEEKLY;COUNT=2' })

    const { body } = await office.ask('GET', 'events/upcoming/', person)

    assert.deepEqual(
      body['data'].results.map(({ title }: { title: string }) => title),
      ['Now', 'Weekly', 'Weekly'],
    )
  })

  test('a private event is only busy time to who reads the calendar', async () => {
    const calendar_id = idOf(
      await office.ask('POST', 'calendars/', office.admin, {
        name: 'Open',
        is_public: true,
        organization_id: office.organization,
      }),
    )
    await office.event(office.admin, { calendar_id, title: 'Doctor', visibility: 'private' })

    const [row] = await office.rows(office.colleague, `&calendar_id=${calendar_id}`)

    assert.deepEqual([row!['title'], row!['is_busy_only']], ['Busy', true])
  })

  test('a UID stands once in a calendar', async () => {
    const calendar_id = await calendar()
    await office.event(office.admin, { calendar_id, uid: 'one@example.com' })

    assert.equal(refusal(await office.event(office.admin, { calendar_id, uid: 'one@example.com' })), '409 CONFLICT')
  })
})
