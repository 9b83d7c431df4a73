import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  dateOf,
  dayAt,
  dayNumber,
  instantsOf,
  instantsOfSeconds,
  isoWeekday,
  isZone,
  offsetAt,
  offsetSecondsAt,
  readingsOf,
  resolve,
  resolveSeconds,
  startOfDate,
  transitionsIn,
  wallOf,
  zoneOf,
} from './zones.ts'

const instant = (text: string) => Temporal.Instant.from(text).epochMilliseconds / 60_000
const wall = (text: string) => Temporal.Instant.from(`${text}Z`).epochMilliseconds / 60_000
const day = (text: string) => wall(`${text}T00:00`) / 1440
const iso = (minute: number) => Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toString()
const isos = (minutes: number[]) => minutes.map(iso)
const kyiv = zoneOf('Europe/Kyiv')

test('a zone is known by its IANA name in any case, and nothing else is a zone', () => {
  assert.equal(zoneOf('europe/kyiv'), kyiv)
  assert.equal(zoneOf('europe/kyiv').id, 'Europe/Kyiv')
  assert.equal(zoneOf('Europe/Kiev').id, 'Europe/Kiev')
  assert.ok(isZone('UTC') && isZone('EST5EDT') && isZone('Etc/GMT+5'))
  for (const wrong of ['', 'Mars/Base', '+03:00', '2026-01-01T00:00Z[Europe/Kyiv]', ' UTC', 'UTC\0']) {
    assert.equal(isZone(wrong), false, wrong)
    assert.throws(() => zoneOf(wrong), { name: 'RangeError', message: `"${wrong}" is not an IANA time zone` })
  }
})

test('clocks skip an hour in spring: the reading has no instant and is moved by the gap', () => {
  const skipped = wall('2026-03-29T03:30')

  assert.deepEqual(instantsOf(kyiv, skipped), [])
  assert.equal(iso(resolve(kyiv, skipped)), '2026-03-29T01:30:00Z')
  assert.equal(resolve(kyiv, skipped), instant('2026-03-29T04:30:00+03:00'))
  assert.deepEqual(isos(instantsOf(kyiv, wall('2026-03-29T02:59'))), ['2026-03-29T00:59:00Z'])
  assert.deepEqual(isos(instantsOf(kyiv, wall('2026-03-29T04:00'))), ['2026-03-29T01:00:00Z'])
})

test('clocks repeat an hour in autumn: the reading has two instants and means the first', () => {
  const repeated = wall('2026-10-25T03:30')

  assert.deepEqual(isos(instantsOf(kyiv, repeated)), ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'])
  assert.equal(iso(resolve(kyiv, repeated)), '2026-10-25T00:30:00Z')
  assert.equal(wallOf(kyiv, instant('2026-10-25T00:30Z')), wallOf(kyiv, instant('2026-10-25T01:30Z')))
})

test('Lord Howe moves its clocks by half an hour', () => {
  const howe = zoneOf('Australia/Lord_Howe')
  const [spring, autumn] = transitionsIn(howe, instant('2026-07-01T00:00Z'), instant('2027-07-01T00:00Z'))

  assert.deepEqual([spring!.before, spring!.after, autumn!.before, autumn!.after], [630, 660, 660, 630])
  assert.deepEqual(instantsOf(howe, spring!.at + 630 + 29), [])
  assert.equal(resolve(howe, spring!.at + 630 + 29), spring!.at + 29)
  assert.deepEqual(instantsOf(howe, autumn!.at + 630), [autumn!.at - 30, autumn!.at])
})

test('Apia had no 30 December 2011', () => {
  const apia = zoneOf('Pacific/Apia')

  assert.equal(iso(startOfDate(apia, day('2011-12-30'))), '2011-12-30T10:00:00Z')
  assert.equal(startOfDate(apia, day('2011-12-30')), startOfDate(apia, day('2011-12-31')))
  assert.equal(dayAt(apia, instant('2011-12-30T09:59Z')), day('2011-12-29'))
  assert.equal(dayAt(apia, instant('2011-12-30T10:00Z')), day('2011-12-31'))
  assert.deepEqual(readingsOf(apia, wall('2011-12-30T00:00'), wall('2011-12-31T00:00')), [])
  assert.equal(iso(resolve(apia, wall('2011-12-30T12:00'))), '2011-12-30T22:00:00Z')
})

test('a date begins at the end of the gap that skips its midnight, and at the first of two midnights', () => {
  const beirut = zoneOf('Asia/Beirut')
  const havana = zoneOf('America/Havana')

  assert.equal(iso(startOfDate(beirut, day('2026-03-29'))), '2026-03-28T22:00:00Z')
  assert.equal(iso(startOfDate(havana, day('2026-11-01'))), '2026-11-01T04:00:00Z')
  // Toronto's clocks went from 23:30 to 00:30: the date began with its half past midnight, not an hour after 00:00.
  assert.equal(iso(startOfDate(zoneOf('America/Toronto'), day('1919-03-31'))), '1919-03-31T04:30:00Z')
})

test('a wall-clock stretch over a transition comes back as pieces of one offset each', () => {
  const spring = readingsOf(kyiv, wall('2026-03-29T02:00'), wall('2026-03-29T05:00'))
  const autumn = readingsOf(kyiv, wall('2026-10-25T03:15'), wall('2026-10-25T03:45'))

  assert.deepEqual(spring, [
    instant('2026-03-29T00:00Z'),
    instant('2026-03-29T01:00Z'),
    120,
    instant('2026-03-29T01:00Z'),
    instant('2026-03-29T02:00Z'),
    180,
  ])
  assert.deepEqual(autumn, [
    instant('2026-10-25T00:15Z'),
    instant('2026-10-25T00:45Z'),
    180,
    instant('2026-10-25T01:15Z'),
    instant('2026-10-25T01:45Z'),
    120,
  ])
})

test('historic offsets with seconds are exact in seconds and read without a second hand in minutes', () => {
  const monrovia = zoneOf('Africa/Monrovia')
  const second = Date.UTC(1971, 5, 1) / 1000

  assert.equal(offsetSecondsAt(monrovia, second), -2670)
  assert.equal(offsetAt(monrovia, second / 60), -45)
  assert.deepEqual(instantsOfSeconds(monrovia, second - 2670), [second])
  assert.equal(resolveSeconds(monrovia, second - 2670), second)
})

test('every zone agrees with Temporal around each of its transitions, from 1900 to far ahead', () => {
  for (const id of Intl.supportedValuesOf('timeZone')) {
    const zone = zoneOf(id)
    const changes = transitionsIn(zone, instant('1900-01-01T00:00Z'), instant('2040-01-01T00:00Z')).slice(-24)
    const probes = [...changes.flatMap(({ at }) => [at - 1, at, at + 719]), instant('2399-07-01T00:00Z')]
    for (const at of probes) {
      const peer = Temporal.Instant.fromEpochMilliseconds(at * 60_000).toZonedDateTimeISO(id)
      assert.equal(offsetAt(zone, at), Math.floor(peer.offsetNanoseconds / 6e10), `${id} at ${iso(at)}`)
      assert.equal(startOfDate(zone, dayAt(zone, at)), Math.ceil(peer.startOfDay().epochMilliseconds / 60_000), id)
    }
    for (const { at, before, after } of changes) {
      if (at < instant('1972-02-01T00:00Z')) continue
      for (const reading of [at + before - 1, at + before, at + after - 1, at + after, at + ((before + after) >> 1)]) {
        const plain = Temporal.PlainDateTime.from('1970-01-01').add({ minutes: reading })
        const peer = (['earlier', 'later', 'compatible'] as const).map(
          (disambiguation) => plain.toZonedDateTime(id, { disambiguation }).epochMilliseconds / 60_000,
        )
        const exists = wallOf(zone, peer[0]!) === reading
        assert.deepEqual(instantsOf(zone, reading), exists ? [...new Set(peer.slice(0, 2))] : [], `${id} ${reading}`)
        assert.equal(resolve(zone, reading), peer[2], `${id} ${reading}`)
      }
    }
  }
})

test('the table grows to what is asked, and refuses what lies outside the years 0 to 9999', () => {
  assert.equal(offsetAt(kyiv, instant('9999-12-31T23:59Z')), 120)
  assert.equal(offsetAt(kyiv, instant('0001-01-01T00:00Z')), 122)
  assert.throws(() => offsetAt(kyiv, instant('+010001-01-01T00:00Z')), { name: 'RangeError', message: /0 to 9999/ })
  assert.throws(() => offsetAt(kyiv, Number.NaN), RangeError)
  assert.throws(() => resolve(kyiv, Number.POSITIVE_INFINITY), RangeError)
})

test('days and dates convert both ways, over leap years and before 1970', () => {
  for (let number = dayNumber(1599, 12, 1); number < dayNumber(2401, 2, 1); number += 13) {
    const { year, month, day: dayOfMonth } = dateOf(number)
    const peer = Temporal.PlainDate.from('1970-01-01').add({ days: number })
    assert.deepEqual([year, month, dayOfMonth], [peer.year, peer.month, peer.day])
    assert.equal(dayNumber(year, month, dayOfMonth), number)
    assert.equal(isoWeekday(number), peer.dayOfWeek)
  }
  assert.deepEqual(dateOf(dayNumber(2024, 2, 29)), { year: 2024, month: 2, day: 29 })
  assert.deepEqual(dateOf(dayNumber(2023, 2, 29)), { year: 2023, month: 3, day: 1 })
})
