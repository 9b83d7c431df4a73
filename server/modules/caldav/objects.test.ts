import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join } from '../../../test/company.ts'
import { openHouse } from '../../../test/support.ts'
import {
  clientOf,
  conditionOf,
  dataKey,
  etagKey,
  eventFile,
  fileOf,
  multigetBody,
  queryBody,
  rowsOf,
  syncBody,
} from './client.fixture.ts'

const house = await openHouse()
const ask = askerOf(house)
const admin = await house.person()
const organization = await found(house, admin, 'Acme')
const [colleague, other] = [
  await join(house, organization, admin, 'employee'),
  await join(house, organization, admin, 'employee'),
]
const client = await clientOf(house, admin)
const calendar = (await client.calendars()).get('Calendar')!

test('An event is put under the name that the client chose, read back, changed and deleted, and nobody overwrites another', async () => {
  const url = `${calendar}A%40B-1.ics`
  const put = await client.send('PUT', url, {
    body: eventFile('A@B-1', 'SUMMARY:First', 'X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC'),
    headers: { 'if-none-match': '*' },
  })
  const again = await client.send('PUT', url, { body: eventFile('A@B-1'), headers: { 'if-none-match': '*' } })
  const got = await client.send('GET', url)
  const etag = got.headers['etag']!
  const unchanged = await client.send('GET', url, { headers: { 'if-none-match': etag } })
  const stale = await client.send('PUT', url, {
    body: eventFile('A@B-1', 'SUMMARY:Lost'),
    headers: { 'if-match': '"other"' },
  })
  const same = await client.send('PUT', url, { body: got.text, headers: { 'if-match': etag } })
  const after = await client.send('GET', url)
  const changed = await client.send('PUT', url, {
    body: got.text.replace('First', 'Second'),
    headers: { 'if-match': etag },
  })
  const late = await client.send('DELETE', url, { headers: { 'if-match': etag } })
  const now = await client.send('GET', url)
  const gone = await client.send('DELETE', url, { headers: { 'if-match': now.headers['etag']! } })

  assert.deepEqual([put.status, again.status, got.status, unchanged.status, stale.status], [201, 412, 200, 304, 412])
  assert.equal(put.headers['etag'], undefined)
  assert.match(got.headers['content-type']!, /^text\/calendar/)
  assert.match(got.text, /X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC/)
  assert.equal(same.status, 204)
  assert.equal(after.headers['etag'], etag)
  assert.deepEqual([changed.status, late.status, gone.status], [204, 412, 204])
  assert.match(now.text, /SUMMARY:Second/)
  assert.equal((await client.send('GET', url)).status, 404)
})

test('A series with its exceptions, alarms, zone and what we do not know comes back as it went in', async () => {
  const url = `${calendar}series.ics`
  const body = fileOf(
    'BEGIN:VTIMEZONE',
    'TZID:Europe/Kyiv',
    'BEGIN:STANDARD',
    'DTSTART:19701025T040000',
    'TZOFFSETFROM:+0300',
    'TZOFFSETTO:+0200',
    'END:STANDARD',
    'END:VTIMEZONE',
    'BEGIN:VEVENT',
    'UID:series-1',
    'DTSTAMP:20260112T080000Z',
    'DTSTART;TZID=Europe/Kyiv:20260113T100000',
    'DTEND;TZID=Europe/Kyiv:20260113T110000',
    'RRULE:FREQ=WEEKLY;COUNT=6',
    'EXDATE;TZID=Europe/Kyiv:20260127T100000',
    'SUMMARY:Weekly',
    'X-MOZ-LASTACK:20260112T080000Z',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'DESCRIPTION:Ring',
    'TRIGGER:-PT15M',
    'X-WR-ALARMUID:abc',
    'END:VALARM',
    'END:VEVENT',
    'BEGIN:VEVENT',
    'UID:series-1',
    'DTSTAMP:20260112T080000Z',
    'RECURRENCE-ID;TZID=Europe/Kyiv:20260120T100000',
    'DTSTART;TZID=Europe/Kyiv:20260120T140000',
    'DTEND;TZID=Europe/Kyiv:20260120T150000',
    'SUMMARY:Moved',
    'END:VEVENT',
  )

  const put = await client.send('PUT', url, { body })
  const first = await client.send('GET', url)
  await client.send('PUT', url, { body: first.text })
  const second = await client.send('GET', url)

  assert.equal(put.status, 201, put.text)
  assert.equal(second.text, first.text)
  assert.equal(second.headers['etag'], first.headers['etag'])
  for (const line of body
    .split('\r\n')
    .filter((one) => /^(RRULE|EXDATE|X-|SUMMARY|RECURRENCE-ID|TRIGGER|DTSTART;|DTEND)/.test(one)))
    assert.ok(first.text.includes(line), line)
})

test('What is no event that can be kept is refused by the precondition that it breaks', async () => {
  const url = `${calendar}bad.ics`
  await client.send('PUT', `${calendar}taken.ics`, { body: eventFile('taken') })
  const cases: [string, string][] = [
    ['nonsense', 'valid-calendar-data'],
    [eventFile('x').replace('END:VCALENDAR\r\n', ''), 'valid-calendar-data'],
    [eventFile('x').replace('DTSTART:20260113T100000Z', 'DTSTART:never'), 'valid-calendar-data'],
    [eventFile('x').replace('VERSION:2.0', 'VERSION:2.0\r\nMETHOD:PUBLISH'), 'valid-calendar-object-resource'],
    [eventFile('x').replace('UID:x\r\n', ''), 'valid-calendar-object-resource'],
    [eventFile('x', 'RRULE:FREQ=DAILY', 'RRULE:FREQ=WEEKLY'), 'valid-calendar-data'],
    [eventFile('x', 'RRULE:FREQ=DAILY', 'EXDATE:sometime'), 'valid-calendar-data'],
    [eventFile('x').replace('DTSTART:20260113T100000Z', 'DTSTART;TZID=Nowhere:20260113T100000'), 'valid-calendar-data'],
    [fileOf('BEGIN:VTODO', 'UID:t', 'END:VTODO'), 'supported-calendar-component'],
    [
      eventFile('x').replace(
        'END:VEVENT',
        'END:VEVENT\r\nBEGIN:VEVENT\r\nUID:y\r\nDTSTART:20260113T100000Z\r\nEND:VEVENT',
      ),
      'valid-calendar-object-resource',
    ],
    [eventFile('x', `DESCRIPTION:${'x'.repeat(30_000)}`), 'max-resource-size'],
    [eventFile('x', `DESCRIPTION:${'x'.repeat(300_000)}`), 'max-resource-size'],
    [eventFile('taken'), 'no-uid-conflict'],
  ]
  for (const [body, condition] of cases) {
    const answer = await client.send('PUT', url, { body })
    assert.equal(answer.status, 403, `${condition}: ${answer.text}`)
    assert.equal(conditionOf(answer), condition)
  }
  const conflict = await client.send('PUT', url, { body: eventFile('taken') })
  const otherUid = await client.send('PUT', `${calendar}taken.ics`, { body: eventFile('another') })
  const json = await client.send('PUT', url, { body: '{}', headers: { 'content-type': 'application/json' } })

  assert.ok(conflict.text.includes(`${calendar}taken.ics`), conflict.text)
  assert.equal(conditionOf(otherUid), 'no-uid-conflict')
  assert.equal(conditionOf(json), 'supported-calendar-data')
  assert.equal((await client.send('GET', url)).status, 404)
})

test('An event in a room keeps it, takes it at its new time, and is refused where another has it', async () => {
  const room = (await ask('POST', 'rooms/', admin, { name: 'Big room', capacity: 8, organization_id: organization }))
    .body['data'].id as string
  const meeting = {
    title: 'Meeting',
    room_id: room,
    start_time: '2026-01-13T10:00:00Z',
    end_time: '2026-01-13T11:00:00Z',
  }
  const made = await ask('POST', 'events/', admin, { ...meeting, participants: [{ user_id: colleague.id }] })
  assert.equal(made.status, 201, made.text)
  const taken = await ask('POST', 'events/', other, {
    ...meeting,
    start_time: '2026-01-13T12:00:00Z',
    end_time: '2026-01-13T13:00:00Z',
  })
  assert.equal(taken.status, 201, taken.text)
  const url = `${calendar}${made.body['data'].id}.ics`
  const before = await client.send('GET', url)

  const clash = await client.send('PUT', url, {
    body: before.text
      .replaceAll('20260113T100000Z', '20260113T120000Z')
      .replaceAll('20260113T110000Z', '20260113T130000Z'),
  })
  const moved = await client.send('PUT', url, {
    body: before.text
      .replaceAll('20260113T100000Z', '20260113T140000Z')
      .replaceAll('20260113T110000Z', '20260113T150000Z'),
  })
  const event = await ask('GET', `events/${made.body['data'].id}/`, admin)

  assert.match(before.text, /LOCATION:Big room/)
  assert.equal(clash.status, 409, clash.text)
  assert.equal(conditionOf(clash), 'room-taken')
  assert.equal(moved.status, 204, moved.text)
  assert.equal(event.body['data'].start_time, '2026-01-13T14:00:00Z')
  assert.equal(event.body['data'].room_id, room)
  assert.equal(event.body['data'].location, '')
  assert.equal(event.body['data'].participants[0].user_id, colleague.id)
})

const range = (start: string, end: string): string => `<C:time-range start="${start}" end="${end}"/>`
const within = (inner: string): string => `<C:comp-filter name="VEVENT">${inner}</C:comp-filter>`

test('Reports answer events by address and by filter, whole, in parts, and occurrence by occurrence', async () => {
  await client.send('MKCALENDAR', `${client.home}reports/`)
  const own = `${client.home}reports/`
  await client.send('PUT', `${own}one.ics`, { body: eventFile('r-1', 'SUMMARY:Dentist', 'CATEGORIES:Health') })
  await client.send('PUT', `${own}two.ics`, {
    body: eventFile('r-2', 'SUMMARY:Run', 'RRULE:FREQ=DAILY;COUNT=10').replaceAll('20260113', '20260201'),
  })
  const multiget = rowsOf(
    await client.send('REPORT', own, {
      depth: '1',
      body: multigetBody([`${own}one.ics`, `${own}none.ics`, '/elsewhere.ics']),
    }),
  )
  const query = async (filter: string, data?: string) =>
    rowsOf(await client.send('REPORT', own, { depth: '1', body: queryBody(filter, data) }))
  const names = (rows: { href: string }[]): string[] => rows.map(({ href }) => href.slice(own.length)).toSorted()

  assert.deepEqual(
    multiget.map(({ href, status }) => [href.replace(own, ''), status]),
    [
      ['one.ics', 200],
      ['none.ics', 404],
      ['/elsewhere.ics', 404],
    ],
  )
  assert.match(multiget[0]!.props.get(dataKey)!, /SUMMARY:Dentist/)
  assert.ok(multiget[0]!.props.get(etagKey))
  assert.deepEqual(names(await query(within(''))), ['one.ics', 'two.ics'])
  assert.deepEqual(names(await query(within(range('20260205T000000Z', '20260206T000000Z')))), ['two.ics'])
  assert.deepEqual(names(await query(within(range('20260301T000000Z', '20260306T000000Z')))), [])
  assert.deepEqual(names(await query('<C:comp-filter name="VTODO"/>')), [])
  assert.deepEqual(
    names(await query(within('<C:prop-filter name="SUMMARY"><C:text-match>dent</C:text-match></C:prop-filter>'))),
    ['one.ics'],
  )
  assert.deepEqual(names(await query(within('<C:prop-filter name="CATEGORIES"><C:is-not-defined/></C:prop-filter>'))), [
    'two.ics',
  ])
  assert.deepEqual(
    names(
      await query(
        within(
          '<C:prop-filter name="UID"><C:text-match collation="i;octet" negate-condition="yes">r-1</C:text-match></C:prop-filter>',
        ),
      ),
    ),
    ['two.ics'],
  )
  const [expanded] = await query(
    within(range('20260202T000000Z', '20260204T000000Z')),
    '<C:calendar-data><C:expand start="20260202T000000Z" end="20260204T000000Z"/></C:calendar-data>',
  )
  const [parts] = await query(
    within(range('20260202T000000Z', '20260204T000000Z')),
    '<C:calendar-data><C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT"><C:prop name="UID"/></C:comp></C:comp></C:calendar-data>',
  )
  const text = expanded!.props.get(dataKey)!
  assert.deepEqual(
    [...text.matchAll(/^RECURRENCE-ID:(.*?)\r?$/gm)].map(([, id]) => id),
    ['20260202T100000Z', '20260203T100000Z'],
  )
  assert.ok(!text.includes('RRULE'))
  assert.equal(
    parts!.props.get(dataKey)!.replaceAll(/\s+/g, ' '),
    'BEGIN:VCALENDAR VERSION:2.0 BEGIN:VEVENT UID:r-2 END:VEVENT END:VCALENDAR',
  )
  const busy = await client.send('REPORT', own, {
    body: `<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">${range('20260113T000000Z', '20260202T000000Z')}</C:free-busy-query>`,
  })
  assert.deepEqual(
    [...busy.text.matchAll(/^FREEBUSY.*?:(.*?)\r$/gm)].map(([, one]) => one),
    ['20260113T100000Z/20260113T110000Z', '20260201T100000Z/20260201T110000Z'],
  )
  for (const [body, condition] of [
    [queryBody('').replace('name="VCALENDAR"', 'name="VEVENT"'), 'valid-filter'],
    [queryBody(within('<C:nonsense/>')), 'supported-filter'],
    [
      queryBody(within('<C:prop-filter name="UID"><C:text-match collation="i;none">x</C:text-match></C:prop-filter>')),
      'supported-collation',
    ],
    [queryBody(within('<C:time-range start="yesterday"/>')), 'valid-filter'],
    [queryBody(within(''), '<C:calendar-data content-type="application/json"/>'), 'supported-calendar-data'],
    ['<D:version-tree xmlns:D="DAV:"/>', 'supported-report'],
    [syncBody('nonsense'), 'valid-sync-token'],
  ] as const) {
    const answer = await client.send('REPORT', own, { body })
    assert.equal(answer.status, 403, answer.text)
    assert.equal(conditionOf(answer), condition)
  }
})

test('Two devices that put the same at once: one is first, and the other is told so', async () => {
  const own = `${client.home}reports/`
  const put = (name: string, uid: string) =>
    client.send('PUT', `${own}${name}`, { body: eventFile(uid), headers: { 'if-none-match': '*' } })

  const sameName = await Promise.all([put('race.ics', 'race-1'), put('race.ics', 'race-2'), put('race.ics', 'race-3')])
  const sameUid = await Promise.all([put('a.ics', 'race-4'), put('b.ics', 'race-4')])
  const head = await client.send('HEAD', `${own}race.ics`)
  const untyped = await house.http.inject({
    method: 'PUT',
    url: `${own}untyped.ics`,
    headers: { authorization: `Basic ${Buffer.from(`${admin.email}:${client.secret}`).toString('base64')}` },
    payload: Buffer.from(eventFile('untyped')),
  })

  assert.deepEqual(
    sameName.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 412, 412],
  )
  assert.deepEqual(
    sameUid.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 403],
  )
  assert.equal(conditionOf(sameUid.find(({ status }) => status === 403)!), 'no-uid-conflict')
  assert.equal(head.status, 200)
  assert.ok(head.headers['etag'])
  assert.equal(head.text, '')
  assert.equal(untyped.statusCode, 201, untyped.payload)
})
