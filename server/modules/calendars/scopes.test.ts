import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { refusal } from '../../../test/company.ts'
import { openHouse, type House } from '../../../test/support.ts'
import { idOf, openOffice, rightfulClaims, standingClaims, type Office } from './support.fixture.ts'

const house: House = await openHouse()

const claimsAreRight = async (): Promise<void> =>
  assert.deepEqual(await standingClaims(house), await rightfulClaims(house))

describe('changing and deleting some occurrences of a series', () => {
  let office: Office
  let calendar_id: string
  let room: string
  let series: string

  before(async () => {
    office = await openOffice(house)
  })

  /** Six Mondays at ten in New York, over the change of clocks of 8 March, with a room. */
  const weekly = async (fields: object = {}): Promise<void> => {
    calendar_id = idOf(await office.ask('POST', 'calendars/', office.admin, { name: 'Work' }))
    room = await office.room()
    series = idOf(
      await office.event(office.admin, {
        calendar_id,
        room_id: room,
        title: 'Weekly',
        start_time: '2026-02-16T10:00:00',
        end_time: '2026-02-16T11:00:00',
        time_zone: 'America/New_York',
        recurrence_rule: 'FREQ=WEEKLY;COUNT=6',
        ...fields,
      }),
    )
  }
  const change = (scope: string, occurrence: string, json: object) =>
    office.ask(
      'PUT',
      `events/${series}/?scope=${scope}&occurrence=${encodeURIComponent(occurrence)}`,
      office.admin,
      json,
    )
  const remove = (scope: string, occurrence: string) =>
    office.ask('DELETE', `events/${series}/?scope=${scope}&occurrence=${encodeURIComponent(occurrence)}`, office.admin)
  const shown = async (): Promise<string[]> =>
    (await office.rows(office.admin, `&calendar_id=${calendar_id}`)).map(
      (row) => `${row['start_time'].slice(5, 16)} ${row['title']}`,
    )
  const whole = ['02-16T15:00', '02-23T15:00', '03-02T15:00', '03-09T14:00', '03-16T14:00', '03-23T14:00'].map(
    (time) => `${time} Weekly`,
  )

  test('one occurrence is renamed and moved, the others stay, and its room moves with it', async () => {
    await weekly()

    const moved = await change('this', '2026-03-02T15:00:00Z', {
      title: 'Later',
      start_time: '2026-03-02T13:00:00',
      end_time: '2026-03-02T14:30:00',
    })

    assert.equal(moved.status, 200, moved.text)
    assert.deepEqual(await shown(), whole.with(2, '03-02T18:00 Later'))
    assert.equal(moved.body['data'].overrides[0].end_time, '2026-03-02T19:30:00Z')
    const freed = await office.event(office.admin, {
      room_id: room,
      start_time: '2026-03-02T15:00:00Z',
      end_time: '2026-03-02T16:00:00Z',
    })
    assert.equal(freed.status, 201)
    await claimsAreRight()
  })

  test('an occurrence that was moved is named by its first start or by its new one', async () => {
    await weekly()
    await change('this', '2026-03-02T15:00:00Z', { start_time: '2026-03-03T15:00:00Z' })

    const again = await change('this', '2026-03-03T15:00:00Z', { title: 'Tuesday' })
    const gone = await remove('this', '2026-03-02T15:00:00.000Z')

    assert.deepEqual([again.status, gone.status], [200, 200])
    assert.deepEqual(await shown(), whole.toSpliced(2, 1))
    await claimsAreRight()
  })

  test('an occurrence is named as its row or as iCalendar names it, too', async () => {
    await weekly()
    const row = (await office.rows(office.admin, `&calendar_id=${calendar_id}`))[1]!

    const answers = [
      await change('this', row['occurrence_id'], { title: 'By its row' }),
      await change('this', '20260302T150000Z', { title: 'By iCalendar' }),
      await change('this', '20260303T150000Z', { title: 'Never' }),
    ]

    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 404],
    )
    assert.deepEqual((await shown()).slice(1, 3), ['02-23T15:00 By its row', '03-02T15:00 By iCalendar'])
  })

  test('an occurrence and all that follow go their own way, over a change of clocks, and the room is never free in between', async () => {
    await weekly()

    const after = await change('this_and_following', '2026-03-09T14:00:00Z', {
      title: 'New',
      start_time: '2026-03-09T12:00:00-04:00',
    })

    const earlier = await office.ask('GET', `events/${series}/`, office.admin)
    assert.equal(after.status, 200, after.text)
    assert.notEqual(after.body['data'].id, series)
    assert.notEqual(after.body['data'].uid, earlier.body['data'].uid)
    assert.deepEqual([earlier.body['data'].sequence, after.body['data'].recurrence_rule], [1, 'FREQ=WEEKLY;COUNT=3'])
    assert.deepEqual(await shown(), [...whole.slice(0, 3), '03-09T16:00 New', '03-16T16:00 New', '03-23T16:00 New'])
    await claimsAreRight()
  })

  test('halves of a series that would meet in their room are refused', async () => {
    await weekly()
    const earlier = await shown()

    const clash = await change('this_and_following', '2026-03-09T14:00:00Z', { start_time: '2026-03-02T15:30:00Z' })

    assert.equal(refusal(clash), '409 CONFLICT')
    assert.equal(clash.body['error'].details[0].rule, 'room_taken')
    assert.deepEqual(await shown(), earlier)
    await claimsAreRight()
  })

  test('all are moved at once, the time being that of the occurrence that is named; exceptions keep their names', async () => {
    await weekly()
    await remove('this', '2026-02-23T15:00:00Z')
    await change('this', '2026-03-09T14:00:00Z', { title: 'Special' })

    const moved = await change('all', '2026-03-16T14:00:00Z', {
      start_time: '2026-03-17T11:00:00',
      end_time: '2026-03-17T11:30:00',
    })

    assert.equal(moved.status, 200, moved.text)
    assert.deepEqual(await shown(), [
      '02-17T16:00 Weekly',
      '03-03T16:00 Weekly',
      '03-10T15:00 Special',
      '03-17T15:00 Weekly',
      '03-24T15:00 Weekly',
    ])
    await claimsAreRight()
  })

  test('the weekdays of a rule move by whole days with its beginning', async () => {
    await weekly({ recurrence_rule: 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4' })

    const moved = await office.ask('PUT', `events/${series}/`, office.admin, { start_time: '2026-02-17T10:00:00' })

    assert.equal(moved.body['data'].recurrence_rule, 'FREQ=WEEKLY;COUNT=4;BYDAY=TU,TH')
    assert.deepEqual(
      (await shown()).map((row) => row.slice(0, 5)),
      ['02-17', '02-19', '02-24', '02-26'],
    )
  })

  test('one occurrence, then the last ones, then all are deleted, and each gives its time back', async () => {
    await weekly()
    const statuses: number[] = []
    for (const [scope, occurrence, left] of [
      ['this', '2026-02-16T15:00:00Z', whole.slice(1)],
      ['this_and_following', '2026-03-16T14:00:00Z', whole.slice(1, 4)],
      ['this_and_following', '2026-02-23T15:00:00Z', []],
    ] as const) {
      statuses.push((await remove(scope, occurrence)).status)
      assert.deepEqual(await shown(), left)
      await claimsAreRight()
    }

    assert.deepEqual(statuses, [200, 200, 200])
    assert.equal((await office.ask('GET', `events/${series}/`, office.admin)).status, 404)
  })

  test('a scope needs an occurrence that there is, and one occurrence cannot have a rule of its own', async () => {
    await weekly()
    const answers = [
      await office.ask('PUT', `events/${series}/?scope=this`, office.admin, { title: 'Which?' }),
      await change('this', '2026-02-17T15:00:00Z', { title: 'None' }),
      await change('this', 'soon', { title: 'None' }),
      await change('this', '2026-02-16T15:00:00Z', { recurrence_rule: 'FREQ=DAILY' }),
      await remove('this', '2026-02-17T15:00:00Z'),
    ]

    assert.deepEqual(
      answers.map(({ status }) => status),
      [400, 404, 400, 400, 404],
    )
  })

  test('SEQUENCE counts what participants must know, and not what they need not', async () => {
    await weekly()
    const sequences: number[] = []
    for (const json of [
      { title: 'Renamed' },
      { location: 'Upstairs' },
      { end_time: '2026-02-16T12:00:00' },
      { reminders: [5] },
      { status: 'cancelled' },
    ])
      sequences.push((await office.ask('PUT', `events/${series}/`, office.admin, json)).body['data'].sequence)

    assert.deepEqual(sequences, [0, 1, 2, 2, 3])
    await claimsAreRight()
  })

  test('an all-day series is changed by its dates', async () => {
    await weekly({
      start_time: '2026-02-16',
      end_time: '2026-02-17',
      time_zone: null,
      room_id: null,
      recurrence_rule: 'FREQ=DAILY;COUNT=3',
    })

    await change('this', '2026-02-17', { start_time: '2026-02-20', end_time: '2026-02-22' })
    await remove('this', '2026-02-16')

    const rows = await office.rows(office.admin, `&calendar_id=${calendar_id}`)
    assert.deepEqual(
      rows.map((row) => [row['start_time'], row['end_time']]),
      [
        ['2026-02-18', '2026-02-19'],
        ['2026-02-20', '2026-02-22'],
      ],
    )
  })

  test('an event in UTC stays in UTC, and one that floats takes its exceptions with it', async () => {
    await weekly({ start_time: '2026-02-16T10:00:00Z', end_time: '2026-02-16T11:00:00Z', time_zone: 'UTC' })
    await remove('this', '2026-02-23T10:00:00Z')

    const later = await office.ask('PUT', `events/${series}/`, office.admin, { start_time: '2026-02-16T12:00:00' })
    const floating = await office.ask('PUT', `events/${series}/`, office.admin, {
      start_time: '2026-02-16T09:00:00',
      time_zone: null,
    })

    assert.deepEqual([later.body['data'].time_zone, later.body['data'].start_time], ['UTC', '2026-02-16T12:00:00Z'])
    assert.deepEqual(
      [floating.body['data'].is_floating, floating.body['data'].exdates],
      [true, ['2026-02-23T09:00:00']],
    )
  })

  test('a stranger and who only reads change nothing', async () => {
    await weekly({ participants: [{ user_id: office.colleague.id }] })
    const path = `events/${series}/`
    const tries = [
      await office.ask('PUT', path, office.stranger, { title: 'Mine' }),
      await office.ask('DELETE', path, office.stranger),
      await office.ask('PUT', path, office.colleague, { title: 'Mine' }),
      await office.ask('DELETE', path, office.colleague),
    ]

    assert.deepEqual(
      tries.map(({ status }) => status),
      [404, 404, 403, 403],
    )
    assert.equal((await office.ask('GET', path, office.colleague)).body['data'].title, 'Weekly')
  })
})
