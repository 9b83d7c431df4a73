import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatRule, parseRule, RuleError } from './index.ts'
import type { Kind } from './index.ts'

/** The part that a rule is refused for. */
function refusedPart(text: string, kind?: Kind): string {
  try {
    parseRule(text, kind)
  } catch (error) {
    assert.ok(error instanceof RuleError, String(error))
    assert.match(error.message, / /, 'the message is a sentence')
    assert.ok(error.message.length < 200, error.message)
    return error.part
  }
  return 'nothing'
}

describe('reading an RRULE', () => {
  test('every part is read, in any case and order, with or without its name', () => {
    const text =
      'rrule:byhour=9,8;Freq=yearly;interval=2;count=5;byday=-1su,2mo,we;bymonth=3,1;bysecond=60;byminute=0;' +
      'bymonthday=-1,15;byyearday=-366,1;bysetpos=-1;wkst=su'

    const rule = parseRule(text)

    assert.deepEqual(rule, {
      freq: 'YEARLY',
      interval: 2,
      count: 5,
      until: null,
      bySecond: [60],
      byMinute: [0],
      byHour: [8, 9],
      byDay: [
        { ordinal: -1, weekday: 7 },
        { ordinal: 0, weekday: 3 },
        { ordinal: 2, weekday: 1 },
      ],
      byMonthDay: [-1, 15],
      byYearDay: [-366, 1],
      byWeekNo: [],
      byMonth: [1, 3],
      bySetPos: [-1],
      wkst: 7,
    })
  })

  test('a rule that is written comes back as it was', () => {
    for (const text of [
      'FREQ=DAILY',
      'FREQ=WEEKLY;UNTIL=20261231T235959Z;INTERVAL=3;BYDAY=MO,WE;WKST=SU',
      'FREQ=WEEKLY;UNTIL=20261231T235959',
      'FREQ=MONTHLY;UNTIL=20261231;BYDAY=-1FR',
      'FREQ=YEARLY;COUNT=7;BYDAY=MO;BYWEEKNO=-1,20;BYMONTH=5;BYSETPOS=1',
      'FREQ=SECONDLY;BYSECOND=0,30;BYMINUTE=5;BYHOUR=1;BYMONTHDAY=-31,31;BYYEARDAY=366;BYSETPOS=-1',
    ])
      assert.equal(formatRule(parseRule(text)), text)
  })

  test('signs, repetitions, spaces around and a last semicolon are harmless', () => {
    assert.equal(
      formatRule(parseRule(' FREQ=MONTHLY;BYDAY=+1MO,1MO;BYMONTHDAY=+5,5; ')),
      'FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=5',
    )
  })

  const refused: [string, string][] = [
    ['', 'RRULE'],
    ['RRULE:', 'RRULE'],
    ['weekly', 'RRULE'],
    ['FREQ=DAILY;;COUNT=2', 'RRULE'],
    ['COUNT=2', 'FREQ'],
    ['FREQ=FORTNIGHTLY', 'FREQ'],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ'],
    ['FREQ=DAILY;BYDAY=MO;BYDAY=TU', 'BYDAY'],
    ['FREQ=DAILY;X-PART=1', 'X-PART'],
    ['FREQ=DAILY;RSCALE=GREGORIAN', 'RSCALE'],
    ['FREQ=DAILY;COUNT=', 'COUNT'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    ['FREQ=DAILY;COUNT=-1', 'COUNT'],
    ['FREQ=DAILY;COUNT=1.5', 'COUNT'],
    ['FREQ=DAILY;COUNT=99999999999999999999', 'COUNT'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=-2', 'INTERVAL'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260101T000000Z', 'COUNT'],
    ['FREQ=DAILY;UNTIL=20260230T000000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20261301', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=2026-01-01', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=tomorrow', 'UNTIL'],
    ['FREQ=DAILY;BYSECOND=61', 'BYSECOND'],
    ['FREQ=DAILY;BYSECOND=-1', 'BYSECOND'],
    ['FREQ=DAILY;BYMINUTE=60', 'BYMINUTE'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR'],
    ['FREQ=DAILY;BYHOUR=9,', 'BYHOUR'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=-32', 'BYMONTHDAY'],
    ['FREQ=YEARLY;BYYEARDAY=367', 'BYYEARDAY'],
    ['FREQ=YEARLY;BYWEEKNO=54', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYMONTH=13', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=-1', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=1;BYSETPOS=0', 'BYSETPOS'],
    ['FREQ=YEARLY;BYMONTH=1;BYSETPOS=367', 'BYSETPOS'],
    ['FREQ=YEARLY;BYSETPOS=1', 'BYSETPOS'],
    ['FREQ=MONTHLY;BYDAY=XX', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=54MO', 'BYDAY'],
    ['FREQ=WEEKLY;WKST=FUNDAY', 'WKST'],
    ['FREQ=MONTHLY;BYWEEKNO=20', 'BYWEEKNO'],
    ['FREQ=DAILY;BYYEARDAY=20', 'BYYEARDAY'],
    ['FREQ=WEEKLY;BYYEARDAY=20', 'BYYEARDAY'],
    ['FREQ=MONTHLY;BYYEARDAY=20', 'BYYEARDAY'],
    ['FREQ=WEEKLY;BYMONTHDAY=20', 'BYMONTHDAY'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
    ['FREQ=DAILY;BYDAY=-1MO', 'BYDAY'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO', 'BYDAY'],
    [`FREQ=DAILY;BYHOUR=${'9,'.repeat(5000)}9`, 'RRULE'],
    [`FREQ=DAILY;${'A'.repeat(5000)}=1`, `${'A'.repeat(24)}…`],
  ]
  test('what is wrong with a rule is said of the part that is wrong', () => {
    for (const [text, part] of refused) assert.equal(refusedPart(text), part, text.slice(0, 60))
  })

  test('UNTIL must have the form that the kind of series demands', () => {
    const forms = { zoned: '20260101T000000Z', utc: '20260101T000000Z', floating: '20260101T000000', date: '20260101' }
    const kinds = ['zoned', 'utc', 'floating', 'date'] as const
    for (const kind of kinds)
      for (const other of kinds) {
        const fits = forms[kind] === forms[other]
        assert.equal(
          refusedPart(`FREQ=DAILY;UNTIL=${forms[other]}`, kind),
          fits ? 'nothing' : 'UNTIL',
          `${kind} ${other}`,
        )
      }
  })

  test('a series of whole days cannot repeat within a day', () => {
    assert.equal(refusedPart('FREQ=HOURLY', 'date'), 'FREQ')
    assert.equal(refusedPart('FREQ=HOURLY', 'floating'), 'nothing')
  })
})
