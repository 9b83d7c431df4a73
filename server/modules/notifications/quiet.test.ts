import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quietUntil, waitsUntil } from './quiet.ts'

const night = { starts: '22:00', ends: '08:00' }
const siesta = { starts: '13:00', ends: '15:30' }
/** The end by the clock of the zone, as people would say it. */
const end = (quiet: typeof night | null, local: string, zone = 'Europe/Kyiv'): string | null => {
  const moment = Temporal.PlainDateTime.from(local).toZonedDateTime(zone).toInstant()
  return (
    quietUntil(quiet, moment, zone)?.toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'minute' }) ??
    null
  )
}

const cases: [typeof night | null, string, string | null][] = [
  [null, '2026-01-12T03:00', null],
  [night, '2026-01-12T21:59', null],
  [night, '2026-01-12T22:00', '2026-01-13T08:00'],
  [night, '2026-01-13T00:30', '2026-01-13T08:00'],
  [night, '2026-01-13T07:59', '2026-01-13T08:00'],
  [night, '2026-01-13T08:00', null],
  [siesta, '2026-01-12T12:59', null],
  [siesta, '2026-01-12T13:00', '2026-01-12T15:30'],
  [siesta, '2026-01-12T15:30', null],
  [{ starts: '00:00', ends: '06:00' }, '2026-01-12T00:00', '2026-01-12T06:00'],
  [{ starts: '18:00', ends: '00:00' }, '2026-01-12T23:59', '2026-01-13T00:00'],
]

for (const [quiet, local, wanted] of cases) {
  test(`With ${quiet ? `${quiet.starts} to ${quiet.ends}` : 'no quiet hours'} it is ${wanted === null ? 'not quiet' : `quiet until ${wanted}`} at ${local}`, () => {
    assert.equal(end(quiet, local), wanted)
  })
}

const nightfall = (day: string) =>
  Temporal.PlainDateTime.from(`${day}T22:00`).toZonedDateTime('Europe/Kyiv').toInstant()
const hours = (day: string) => quietUntil(night, nightfall(day), 'Europe/Kyiv')!.since(nightfall(day)).total('hours')

test('A night in which the clocks change is as long as the clocks make it', () => {
  assert.deepEqual(['2026-03-28', '2026-10-24', '2026-11-01'].map(hours), [9, 11, 10])
})

test('An end that the clocks skip is the same time after the change, and of one that comes twice the first counts', () => {
  assert.equal(end({ starts: '22:00', ends: '03:30' }, '2026-03-29T01:00'), '2026-03-29T04:30')
  const repeated = quietUntil(
    { starts: '22:00', ends: '03:30' },
    Temporal.Instant.from('2026-10-25T00:00:00Z'),
    'Europe/Kyiv',
  )
  assert.equal(repeated?.toString(), '2026-10-25T00:30:00Z')
})

test('It is the clock of the person that counts', () => {
  const moment = Temporal.Instant.from('2026-01-12T03:00:00Z')

  assert.equal(quietUntil(night, moment, 'Europe/Kyiv')?.toString(), '2026-01-12T06:00:00Z')
  assert.equal(quietUntil(night, moment, 'Asia/Tokyo'), null)
})

test('What would come less than an hour before it matters, or after, does not wait', () => {
  const moment = Temporal.Instant.from('2026-01-12T03:00:00Z')
  const wait = (usefulUntil: string | null) =>
    waitsUntil(night, moment, 'UTC', usefulUntil === null ? null : Temporal.Instant.from(usefulUntil))?.toString() ??
    null

  assert.equal(wait(null), '2026-01-12T08:00:00Z')
  assert.equal(wait('2026-01-12T09:00:00Z'), '2026-01-12T08:00:00Z')
  assert.equal(wait('2026-01-12T08:59:00Z'), null)
  assert.equal(wait('2026-01-12T05:00:00Z'), null)
})
