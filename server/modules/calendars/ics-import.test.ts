import assert from 'node:assert/strict'
import test from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { calendarOf, eventOf, exported, imported, importFile, newCalendar } from './ics.fixture.ts'
import { openOffice } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house)
const { admin, colleague, stranger, ask, rows } = office

const meeting = (uid: string, ...lines: string[]): string[] =>
  eventOf(uid, 'DTSTART:20260115T100000Z', 'DTEND:20260115T110000Z', `SUMMARY:${uid}`, ...lines)
const titles = async (calendarId: string): Promise<string[]> =>
  (await rows(admin, `&calendar_id=${calendarId}`)).map((row) => row['title'])

const numbered = (sequence: number, title: string): string =>
  calendarOf(...eventOf('once', 'DTSTART:20260115T100000Z', `SEQUENCE:${sequence}`, `SUMMARY:${title}`))

const rules = (tzid: string, ...more: string[]): string[] => [
  'BEGIN:VTIMEZONE',
  `TZID:${tzid}`,
  ...more,
  'BEGIN:DAYLIGHT',
  'DTSTART:19700329T020000',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'END:DAYLIGHT',
  'BEGIN:STANDARD',
  'DTSTART:16011025T030000',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'END:STANDARD',
  'END:VTIMEZONE',
]

const single = (day: number): string[] =>
  eventOf(
    'late',
    `RECURRENCE-ID:202601${day}T100000Z`,
    `DTSTART:202601${day}T120000Z`,
    'DTEND:20260131T130000Z',
    `SUMMARY:${day}`,
  )

test('an event of a file stands in the calendar with its zone, its rule, its exceptions and its reminders', async () => {
  const calendarId = await newCalendar(house, admin)
  const file = calendarOf(
    ...eventOf(
      'series',
      'DTSTART;TZID=Europe/Kyiv:20260105T100000',
      'DURATION:PT45M',
      'RRULE:FREQ=WEEKLY;COUNT=4',
      'EXDATE;TZID=Europe/Kyiv:20260112T100000',
      'SUMMARY:Stand-up\\, all',
      'DESCRIPTION:one\\ntwo',
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      'TRIGGER:-PT15M',
      'END:VALARM',
    ),
    ...eventOf(
      'series',
      'RECURRENCE-ID;TZID=Europe/Kyiv:20260119T100000',
      'DTSTART;TZID=Europe/Kyiv:20260119T120000',
      'DURATION:PT45M',
      'SUMMARY:Moved',
    ),
  )
  const answer = await imported(house, admin, calendarId, file)
  assert.deepEqual(answer, { imported: 1, updated: 0, unchanged: 0, skipped: [], notes: [], not_listed: 0 })
  const found = await rows(admin, `&calendar_id=${calendarId}`)
  assert.deepEqual(
    found.map((row) => [row['start_time'], row['title']]),
    [
      ['2026-01-05T08:00:00Z', 'Stand-up, all'],
      ['2026-01-19T10:00:00Z', 'Moved'],
      ['2026-01-26T08:00:00Z', 'Stand-up, all'],
    ],
  )
  const { body } = await ask('GET', `events/${found[0]!['event_id']}/`, admin)
  assert.deepEqual(body['data'].reminders, [15])
  assert.equal(body['data'].description, 'one\ntwo')
  assert.equal(body['data'].time_zone, 'Europe/Kyiv')
})

test('the same file again changes nothing; a higher SEQUENCE changes the event, an older one does not', async () => {
  const calendarId = await newCalendar(house, admin)
  assert.equal((await imported(house, admin, calendarId, numbered(2, 'second')))['imported'], 1)
  assert.equal((await imported(house, admin, calendarId, numbered(2, 'second')))['unchanged'], 1)
  assert.equal((await imported(house, admin, calendarId, numbered(1, 'first')))['unchanged'], 1)
  assert.deepEqual(await titles(calendarId), ['second'])
  assert.equal((await imported(house, admin, calendarId, numbered(3, 'third')))['updated'], 1)
  assert.deepEqual(await titles(calendarId), ['third'])
})

test('what is broken is told and the rest is kept', async () => {
  const calendarId = await newCalendar(house, admin)
  const file = calendarOf(
    ...meeting('good 1'),
    ...eventOf('no start', 'SUMMARY:x'),
    ...eventOf('bad start', 'DTSTART:20261345T100000'),
    'BEGIN:VTODO',
    'UID:task',
    'END:VTODO',
    ...meeting('bad rule', 'RRULE:FREQ=SOMETIMES'),
    ...meeting('bomb', 'RRULE:FREQ=SECONDLY;COUNT=999999999'),
    ...meeting('bad line', 'this is no property', 'ORGANIZER;CN=nobody'),
    // Its END is missing.
    'BEGIN:VEVENT',
    'UID:open',
    'DTSTART:20260115T100000Z',
    'SUMMARY:open',
    ...eventOf('negative', 'DTSTART:20260115T100000Z', 'DURATION:-PT1H', 'SUMMARY:negative'),
    ...eventOf('absurd', 'DTSTART:20260115T100000Z', 'DURATION:P99999999999999W', 'SUMMARY:absurd'),
    ...eventOf('year 1', 'DTSTART:00010101T000000Z'),
    ...meeting('good 2'),
  )
  const answer = await imported(house, admin, calendarId, file)
  assert.equal(answer['imported'], 8)
  assert.deepEqual(
    answer['skipped'].map((one: { uid: string }) => one.uid),
    ['no start', 'bad start', 'task', 'year 1'],
  )
  assert.deepEqual(
    [...new Set(answer['notes'].map((one: { uid: string }) => one.uid))],
    ['bad rule', 'bomb', 'bad line', 'negative', 'absurd'],
  )
  assert.deepEqual((await titles(calendarId)).toSorted(), [
    'absurd',
    'bad line',
    'bad rule',
    'bomb',
    'good 1',
    'good 2',
    'negative',
    'open',
  ])
})

test('a file may have any ends of lines, a mark at its beginning, folds within characters, and Latin-1', async () => {
  const text = calendarOf(...meeting('x', 'LOCATION:Café Zürich'))
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
  const folded = Buffer.from(text).toString('latin1').replace('\xc3', '\xc3\r\n ')
  for (const file of [
    text.replaceAll('\r\n', '\n'),
    text.replaceAll('\r\n', '\r'),
    `\uFEFF${text}`,
    Buffer.from(text, 'latin1'),
    Buffer.from(folded, 'latin1'),
    utf16,
  ]) {
    const calendarId = await newCalendar(house, admin)
    assert.equal((await imported(house, admin, calendarId, file))['imported'], 1)
    assert.deepEqual(
      (await rows(admin, `&calendar_id=${calendarId}`)).map((row) => row['location']),
      ['Café Zürich'],
    )
  }
})

test('a zone is found by its IANA name, behind a prefix, by the name of Windows, by where it lies, and by its own rules', async () => {
  const zones: [string, string[], string][] = [
    ['Europe/Vienna', [], '2026-07-01T08:00:00Z'],
    ['/mozilla.org/20050126_1/America/New_York', [], '2026-07-01T14:00:00Z'],
    ['"W. Europe Standard Time"', [], '2026-07-01T08:00:00Z'],
    ['Office', rules('Office', 'X-LIC-LOCATION:Europe/Helsinki'), '2026-07-01T07:00:00Z'],
    ['My own', rules('My own'), '2026-07-01T08:00:00Z'],
  ]
  for (const [tzid, definition, expected] of zones) {
    const calendarId = await newCalendar(house, admin)
    const file = calendarOf(...definition, ...eventOf('z', `DTSTART;TZID=${tzid}:20260701T100000`, 'SUMMARY:z'))
    await imported(house, admin, calendarId, file)
    assert.deepEqual(
      (await rows(admin, `&calendar_id=${calendarId}`)).map((row) => row['start_time']),
      [expected],
      tzid,
    )
  }
})

test('occurrences without their series stand as just these, and follow it when it comes', async () => {
  const calendarId = await newCalendar(house, admin)
  await imported(house, admin, calendarId, calendarOf(...single(20), ...single(27)))
  assert.deepEqual(await titles(calendarId), ['20', '27'])
  const series = meeting('late', 'RRULE:FREQ=WEEKLY;COUNT=3', 'SEQUENCE:1')
  assert.equal((await imported(house, admin, calendarId, calendarOf(...series)))['updated'], 1)
  assert.deepEqual(await titles(calendarId), ['late', 'late', 'late'])
})

test('colleagues among the attendees take part and are busy, others stay addresses, and nobody is told', async () => {
  const calendarId = await newCalendar(house, admin)
  const mailsBefore = (await house.mails(colleague.email)).length
  const file = calendarOf(
    ...meeting(
      'together',
      'ORGANIZER;CN=Boss:mailto:boss@elsewhere.example',
      `ATTENDEE;PARTSTAT=ACCEPTED:mailto:${colleague.email}`,
      'ATTENDEE;CN=Guest;PARTSTAT=DECLINED:MAILTO:Guest@elsewhere.example',
      `ATTENDEE:mailto:${stranger.email}`,
    ),
  )
  await imported(house, admin, calendarId, file)
  await house.drain()
  const [row] = await rows(admin, `&calendar_id=${calendarId}`)
  const { body } = await ask('GET', `events/${row!['event_id']}/`, admin)
  const people: unknown[][] = body['data'].participants.map((one: Record<string, unknown>) => [
    one['user_id'],
    one['email'],
    one['status'],
  ])
  assert.deepEqual(
    people.map(String).toSorted(),
    [
      [null, 'Guest@elsewhere.example', 'declined'],
      [null, stranger.email, 'needs_action'],
      [colleague.id, colleague.email, 'accepted'],
    ]
      .map(String)
      .toSorted(),
  )
  assert.equal((await rows(colleague)).length, 1)
  assert.equal((await rows(stranger)).length, 0)
  assert.equal((await house.mails(colleague.email)).length, mailsBefore)
  assert.match(await exported(house, admin, calendarId), /ORGANIZER;CN=Boss:mailto:boss@elsewhere.example/)
})

test('only who may write in a calendar imports into it', async () => {
  const calendarId = await newCalendar(house, admin)
  const file = calendarOf(...meeting('x'))
  assert.equal((await importFile(house, stranger, calendarId, file)).status, 404)
  assert.equal((await importFile(house, colleague, calendarId, file)).status, 404)
  await ask('POST', `calendars/${calendarId}/shares/`, admin, { user_id: colleague.id, access: 'read' })
  assert.equal((await importFile(house, colleague, calendarId, file)).status, 403)
  await ask('POST', `calendars/${calendarId}/shares/`, admin, { user_id: colleague.id, access: 'write' })
  assert.equal((await importFile(house, colleague, calendarId, file)).status, 200)
  const json = await ask('POST', `calendars/${calendarId}/import/`, admin, { ics: file })
  assert.equal(json.body['data'].unchanged, 1, json.text)
  assert.equal((await ask('POST', `calendars/${calendarId}/import/`, admin, { ics: 5 })).status, 400)
  assert.equal((await importFile(house, admin, calendarId, Buffer.alloc(5 * 1024 * 1024 + 1, 'x'))).status, 413)
})
