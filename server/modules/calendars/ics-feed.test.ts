import assert from 'node:assert/strict'
import test from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { calendarOf, eventOf, exported, imported, newCalendar } from './ics.fixture.ts'
import { idOf, openOffice } from './support.fixture.ts'

const house = await openHouse()
const { admin, colleague, stranger, ask, event } = await openOffice(house)

test('a calendar goes out with its zones, for who reads it; strangers find nothing, and free/busy is too little', async () => {
  const calendar_id = await newCalendar(house, admin)
  idOf(
    await event(admin, {
      calendar_id,
      title: 'Open; to, all',
      start_time: '2026-03-27T10:00:00',
      end_time: '2026-03-27T11:00:00',
      time_zone: 'Europe/Kyiv',
      recurrence_rule: 'FREQ=DAILY;COUNT=5',
      participants: [{ user_id: colleague.id }],
      reminders: [10],
    }),
  )
  const secret = idOf(await event(admin, { calendar_id, title: 'Secret', visibility: 'private' }))
  const own = await exported(house, admin, calendar_id)
  for (const line of [
    'BEGIN:VTIMEZONE',
    'TZID:Europe/Kyiv',
    'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
    'DTSTART;TZID=Europe/Kyiv:20260327T100000',
    'DTEND;TZID=Europe/Kyiv:20260327T110000',
    'RRULE:FREQ=DAILY;COUNT=5',
    'SUMMARY:Open\\; to\\, all',
    'TRIGGER:-PT10M',
    'SUMMARY:Secret',
    'CLASS:PRIVATE',
  ])
    assert.ok(own.includes(`\r\n${line}\r\n`), line)
  assert.match(
    own.replaceAll('\r\n ', ''),
    new RegExp(`ATTENDEE;CN="[^"]*";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:${colleague.email}`),
  )
  const path = `calendars/${calendar_id}/export/`
  assert.equal((await ask('GET', path, stranger)).status, 404)
  assert.equal((await ask('GET', path, colleague)).status, 404)
  await ask('POST', `calendars/${calendar_id}/shares/`, admin, { user_id: colleague.id, access: 'free_busy' })
  assert.equal((await ask('GET', path, colleague)).status, 403)
  await ask('POST', `calendars/${calendar_id}/shares/`, admin, { user_id: colleague.id, access: 'read' })
  const theirs = await exported(house, colleague, calendar_id)
  assert.ok(theirs.includes('SUMMARY:Busy') && theirs.includes('SUMMARY:Open') && !theirs.includes('Secret'))
  assert.equal((await ask('GET', `events/${secret}/ics/`, stranger)).status, 404)
  const one = await ask('GET', `events/${secret}/ics/`, admin)
  assert.match(one.text, /SUMMARY:Secret/)
  assert.match(one.headers['content-type'] ?? '', /^text\/calendar/)
})

test('a feed is read by its secret address alone, until it is renewed or ended', async () => {
  const calendarId = await newCalendar(house, admin, { name: 'Team, all' })
  await imported(house, admin, calendarId, calendarOf(...eventOf('a', 'DTSTART:20260115T100000Z', 'SUMMARY:Here')))
  await ask('POST', `calendars/${calendarId}/shares/`, admin, { user_id: colleague.id, access: 'write' })
  idOf(await event(colleague, { calendar_id: calendarId, title: 'Of a colleague', visibility: 'private' }))
  idOf(await event(admin, { title: 'Elsewhere' }))
  assert.equal((await ask('POST', `calendars/${calendarId}/feed/`, stranger)).status, 404)
  assert.equal((await ask('POST', `calendars/${calendarId}/feed/`, colleague)).status, 403)

  const made = await ask('POST', `calendars/${calendarId}/feed/`, admin)
  assert.equal(made.status, 201, made.text)
  const path = new URL(made.body['data'].url).pathname
  const feed = await house.call('GET', path)
  assert.equal(feed.status, 200)
  assert.match(feed.headers['content-type'] ?? '', /^text\/calendar/)
  assert.match(feed.text, /X-WR-CALNAME:Team\\, all/)
  assert.match(feed.text, /SUMMARY:Here/)
  assert.match(feed.text, /SUMMARY:Busy/)
  assert.doesNotMatch(feed.text, /Of a colleague|Elsewhere/)

  const etag = feed.headers['etag']!
  assert.equal((await house.call('GET', path, { headers: { 'if-none-match': etag } })).status, 304)
  idOf(await event(admin, { calendar_id: calendarId, title: 'New' }))
  assert.equal((await house.call('GET', path, { headers: { 'if-none-match': etag } })).status, 200)

  const renewed = new URL((await ask('POST', `calendars/${calendarId}/feed/`, admin)).body['data'].url).pathname
  assert.equal((await house.call('GET', path)).status, 404)
  assert.equal((await house.call('GET', renewed)).status, 200)
  assert.equal((await ask('DELETE', `calendars/${calendarId}/feed/`, colleague)).status, 403)
  assert.equal((await ask('DELETE', `calendars/${calendarId}/feed/`, admin)).status, 200)
  assert.equal((await house.call('GET', renewed)).status, 404)
})

test('a feed that is asked too often says when to come back', async () => {
  const calendarId = await newCalendar(house, admin)
  const path = new URL((await ask('POST', `calendars/${calendarId}/feed/`, admin)).body['data'].url).pathname
  const statuses: number[] = []
  for (let i = 0; i < 31; i++) statuses.push((await house.call('GET', path)).status)
  assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.at(-1)], [30, 429])
})
