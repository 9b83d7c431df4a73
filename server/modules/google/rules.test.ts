import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureOf, GoogleFailed, GoogleRefused } from './client/errors.ts'
import { busyOf, eventIdOf, eventOf, hashOf, meetingOf, sourceOf, sourcesOf, stands, type Stated } from './rules.ts'

const instant = (text: string): Temporal.Instant => Temporal.Instant.from(text)
const booking: Stated = {
  id: 7,
  status: 'confirmed',
  title: 'Massage',
  startsAt: instant('2026-01-13T09:00:00Z'),
  endsAt: instant('2026-01-13T10:00:00Z'),
  createdAt: instant('2026-01-12T08:00:00Z'),
  timeZone: 'Europe/Kyiv',
  buyer: 'John Doe',
  note: '',
  place: '',
  link: 'https://book.example.com/bookings/7/',
}

test('The id of an event is the same each time, fits Google, and is another for another booking, house or database', () => {
  const id = eventIdOf('book.example.com', 7, booking.createdAt)

  assert.match(id, /^[a-v0-9]{5,1024}$/)
  assert.equal(eventIdOf('book.example.com', 7, booking.createdAt), id)
  const others = [
    eventIdOf('book.example.com', 8, booking.createdAt),
    eventIdOf('other.example.com', 7, booking.createdAt),
    eventIdOf('book.example.com', 7, instant('2026-01-12T08:00:01Z')),
  ]
  assert.equal(new Set([id, ...others]).size, 4)
})

test('What is written differs where the booking or who is invited does, and by nothing else', () => {
  const ann = { userId: 3, email: 'ann@example.com', name: 'Ann' }
  const hash = (change: Partial<Stated>, invited = [ann]) =>
    hashOf(eventOf({ ...booking, ...change }, invited), invited)

  const base = hash({})

  assert.equal(hash({ status: 'completed' }), base)
  for (const other of [
    hash({ startsAt: instant('2026-01-13T09:30:00Z') }),
    hash({ buyer: 'Deleted account' }),
    hash({ status: 'pending' }),
    hash({}, []),
    hashOf(eventOf(booking, null), null),
  ])
    assert.notEqual(other, base)
})

test('A cancelled booking stands nowhere, and a pending one only where a meeting was asked for', () => {
  const seen = ['pending', 'confirmed', 'completed', 'no_show', 'cancelled'].map((status) => [
    stands(status, false),
    stands(status, true),
  ])

  assert.deepEqual(seen, [
    [false, true],
    [true, true],
    [true, true],
    [true, true],
    [false, false],
  ])
})

const zone = 'America/New_York'
const timed = { start: { dateTime: '2026-01-13T09:00:00-05:00' }, end: { dateTime: '2026-01-13T10:00:00-05:00' } }
const busy: [what: string, event: Parameters<typeof busyOf>[0], span: string | null][] = [
  ['a meeting', timed, '2026-01-13T14:00:00Z/2026-01-13T15:00:00Z'],
  ['a cancelled one', { ...timed, status: 'cancelled' }, null],
  ['one shown as free', { ...timed, transparency: 'transparent' }, null],
  ['one that I declined', { ...timed, attendees: [{ self: true, responseStatus: 'declined' }] }, null],
  [
    'one that somebody else declined',
    { ...timed, attendees: [{ responseStatus: 'declined' }, { self: true, responseStatus: 'tentative' }] },
    '2026-01-13T14:00:00Z/2026-01-13T15:00:00Z',
  ],
  ['a place of work', { ...timed, eventType: 'workingLocation' }, null],
  ['out of office', { ...timed, eventType: 'outOfOffice' }, '2026-01-13T14:00:00Z/2026-01-13T15:00:00Z'],
  [
    'whole days over a change of clocks',
    { start: { date: '2026-03-08' }, end: { date: '2026-03-09' } },
    '2026-03-08T05:00:00Z/2026-03-09T04:00:00Z',
  ],
  ['no time at all', { start: { dateTime: '2026-01-13T09:00:00Z' }, end: { dateTime: '2026-01-13T09:00:00Z' } }, null],
  ['nonsense', { start: { dateTime: 'soon' }, end: { dateTime: 'later' } }, null],
]
for (const [what, event, span] of busy) {
  test(`Busy time of a Google calendar: ${what}`, () => {
    const found = busyOf(event, zone)

    assert.equal(found && `${found.from.toString()}/${found.to.toString()}`, span)
  })
}

test('Sources of one connection are not those of another whose number begins alike', () => {
  const id = sourceOf(12, 'x'.repeat(1024))

  assert.match(id, /^[\w:.-]{1,200}$/)
  assert.ok(id.startsWith(sourcesOf(12)))
  assert.ok(!id.startsWith(sourcesOf(1)))
})

const request = (statusCode: string) => ({ conferenceData: { createRequest: { status: { statusCode } } } })

test('A conference is ready, on its way, failed or not there, and its link is one of https', () => {
  assert.deepEqual(meetingOf({ hangoutLink: 'https://meet.google.com/a' }), { url: 'https://meet.google.com/a' })
  assert.equal(meetingOf(request('pending')), 'pending')
  assert.equal(meetingOf(request('failure')), 'failed')
  assert.equal(meetingOf({}), null)
  assert.equal(meetingOf({ hangoutLink: 'javascript:alert(1)' }), null)
})

const body = (reason: string) => ({ error: { message: 'No.', errors: [{ reason }] } })

test('Limits of Google come as 429 and as 403 and pass; another 403 does not', () => {
  const kinds = [
    failureOf(429, body('rateLimitExceeded')),
    failureOf(403, body('userRateLimitExceeded')),
    failureOf(503, null),
    failureOf(403, body('forbidden')),
    failureOf(404, '<html>'),
  ].map((error) =>
    error instanceof GoogleFailed ? (error.ill ? 'ill' : 'limited') : error instanceof GoogleRefused ? 'refused' : '?',
  )

  assert.deepEqual(kinds, ['limited', 'limited', 'ill', 'refused', 'refused'])
})
