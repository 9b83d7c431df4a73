import assert from 'node:assert/strict'
import { test } from 'node:test'
import ICAL from 'ical.js'
import { calendarFile, type CalendarEntry } from './calendar-file.ts'

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text)
const entry: CalendarEntry = {
  uid: 'booking-7@example.com',
  sequence: 2,
  status: 'CONFIRMED',
  startsAt: at('2026-03-29T00:30:00Z'),
  endsAt: at('2026-03-29T01:30:00Z'),
  createdAt: at('2026-01-12T08:00:00.123Z'),
  changedAt: at('2026-01-13T08:00:00.999Z'),
  summary: 'Massage; hot, stones \\ "deep"',
  description: 'One\r\ntwo\u0000\u0007\nthree',
  location: 'Тихая комната, вулиця Хрещатик 1, ' + '🙂'.repeat(40),
  url: 'https://example.com/bookings/7',
}

/** As another program reads it. */
const read = (file: string) => {
  const calendar = new ICAL.Component(ICAL.parse(file))
  return { calendar, event: new ICAL.Event(calendar.getFirstSubcomponent('vevent')!) }
}

test('another program reads every value as it was', () => {
  const { calendar, event } = read(calendarFile(entry))

  assert.equal(calendar.getFirstPropertyValue('version'), '2.0')
  assert.equal(event.uid, entry.uid)
  assert.equal(event.sequence, 2)
  assert.equal(event.summary, entry.summary)
  assert.equal(event.description, 'One\ntwo\nthree')
  assert.equal(event.location, entry.location)
  assert.equal(event.startDate.toString(), '2026-03-29T00:30:00Z')
  assert.equal(event.endDate.toString(), '2026-03-29T01:30:00Z')
  assert.equal(event.component.getFirstPropertyValue('status'), 'CONFIRMED')
  assert.equal(event.component.getFirstPropertyValue('url'), entry.url)
  assert.equal(String(event.component.getFirstPropertyValue('dtstamp')), '2026-01-13T08:00:00Z')
})

test('every line ends with CRLF, has at most 75 octets, and breaks inside no character', () => {
  const file = calendarFile(entry)

  const lines = file.split('\r\n')

  assert.equal(lines.pop(), '')
  assert.ok(lines.some((line) => line.startsWith(' ')))
  for (const line of lines) {
    assert.ok(Buffer.byteLength(line) <= 75, line)
    assert.ok(!/(?!\t)\p{Cc}/u.test(line) && line.isWellFormed(), line)
  }
})

test('words that look like properties stay words', () => {
  const { event } = read(calendarFile({ ...entry, summary: 'x\r\nATTENDEE:mailto:evil@example.com', location: '' }))

  assert.equal(event.summary, 'x\nATTENDEE:mailto:evil@example.com')
  assert.equal(event.attendees.length, 0)
  assert.equal(event.location, null)
})
