/**
 * rrule-temporal 2.2.7, an independent implementation, on rules made by chance. It is asked only what it and TIME.md
 * mean alike: it skips times in a gap and counts hours and less by elapsed time (so: noon, and UTC for those).
 */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RRuleTemporal } from 'rrule-temporal'
import { expand, readSeries } from '../index.ts'
import { FREQUENCIES, isSubDaily } from '../rule.ts'
import { between, pick, randomRule, seeded } from './random-rules.ts'

const SPAN_DAYS = {
  YEARLY: 4000,
  MONTHLY: 1200,
  WEEKLY: 400,
  DAILY: 200,
  HOURLY: 20,
  MINUTELY: 2,
  SECONDLY: 0.02,
} as const
const ZONES = ['Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC']

/** What they read differently, and TIME.md or the letter of RFC 5545 is on our side. */
const READ_OTHERWISE = [
  // BYWEEKNO: without BYDAY they take all seven days, with INTERVAL the calendar year.
  /BYWEEKNO(?!.*BYDAY)|INTERVAL.*BYWEEKNO/,
  // Second 60 is 59 (3.3.12); they make it a second instance.
  /BYSECOND=[\d,]*60/,
  // Parts limit each other (the table of 3.3.10); they add the days up, or drop the number of a weekday.
  /YEARLY.*BYMONTHDAY.*BYYEARDAY/,
  /YEARLY.*BYYEARDAY.*BYDAY/,
  /YEARLY.*BYMONTHDAY.*BYDAY=[^;]*\d/,
]

describe('the expander and rrule-temporal', () => {
  test('agree on rules of every frequency where they mean the same', () => {
    const random = seeded(227)
    let compared = 0
    for (const freq of FREQUENCIES)
      for (let i = 0; i < 60; i++) {
        const tzid = isSubDaily(freq) ? 'UTC' : pick(random, ZONES)
        const dtstart = Temporal.PlainDate.from('2012-01-01')
          .add({ days: between(random, 0, 3000) })
          .toString()
        const rule = randomRule(random, freq, [11, 12, 13, 14]) + pick(random, ['', '', ';COUNT=12'])
        if (READ_OTHERWISE.some((pattern) => pattern.test(rule))) continue
        const series = readSeries({ kind: 'zoned', tzid, dtstart: `${dtstart}T12:00:00`, rrule: rule })
        const from = Temporal.PlainDate.from(dtstart).toZonedDateTime(tzid)
        const to = from.add({ seconds: Math.ceil(SPAN_DAYS[freq] * 86_400) + 43_200 })
        const rruleString = `DTSTART;TZID=${tzid}:${dtstart.replaceAll('-', '')}T120000\nRRULE:${rule}`

        const { starts } = expand(series, from.epochMilliseconds / 1000, to.epochMilliseconds / 1000)
        const peer = new RRuleTemporal({ rruleString }).between(from, to.subtract({ seconds: 1 }), true)

        const theirs = peer.map((start) => start.epochMilliseconds / 1000)
        // A DTSTART that the rule does not make is no instance to them, and is not counted.
        if (starts[0] !== theirs[0]) {
          if (rule.includes('COUNT')) continue
          starts.shift()
        }
        assert.deepEqual(starts, theirs, `${tzid} ${dtstart} ${rule}`)
        compared += starts.length
      }
    assert.ok(compared > 5000, `only ${compared} starts were compared`)
  })
})
