import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { openHouse, type House, type Person } from '../../../test/support.ts'

type Vector = {
  id: string
  class: string
  kind: 'zoned' | 'utc' | 'floating' | 'date'
  tzid: string | null
  dtstart: string
  rrule: string | null
  exdate: string[]
  rdate: string[]
  overrides: { recurrenceId: string; start?: string; cancelled?: boolean }[]
  from: string
  to: string
  expected: string[]
}

const vectors = readFileSync(new URL('../../time/vectors/recurrence.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Vector => JSON.parse(line))

const house: House = await openHouse()

/** The event of a vector, a minute long, so that nothing that begins before the window reaches into it. */
function eventOf({ kind, tzid, dtstart, rrule, exdate, rdate, overrides }: Vector): object {
  const z = kind === 'utc' ? 'Z' : ''
  const end =
    kind === 'date'
      ? dtstart
      : `${Temporal.PlainDateTime.from(dtstart).add({ seconds: 1 }).toString({ smallestUnit: 'second' })}${z}`
  return {
    title: 'A vector',
    start_time: `${dtstart}${z}`,
    end_time: end,
    ...(tzid === null ? {} : { time_zone: tzid }),
    recurrence_rule: rrule,
    exdates: exdate.map((text) => text + z),
    rdates: rdate.map((text) => text + z),
    overrides: overrides.map(({ recurrenceId, start, cancelled }) => ({
      recurrence_id: recurrenceId + z,
      ...(start === undefined ? {} : { start_time: start + z }),
      ...(cancelled ? { cancelled: true } : {}),
    })),
  }
}

describe('the shared recurrence vectors, through the API', () => {
  let person: Person

  before(async () => {
    person = await house.person()
  })

  const startsOf = async (vector: Vector, calendarId: string): Promise<string[]> => {
    const isWall = vector.kind === 'floating' || vector.kind === 'date'
    const instant = (text: string): string => (isWall ? `${text.length === 10 ? `${text}T00:00:00` : text}Z` : text)
    const starts: string[] = []
    for (let page = 1; ; page++) {
      const query = `from=${instant(vector.from)}&to=${instant(vector.to)}&time_zone=UTC&calendar_id=${calendarId}&page=${page}&page_size=100`
      const answer = await house.call('GET', `/api/v1/events/?${query}`, { token: person.token })
      assert.equal(answer.status, 200, `${vector.id} ${answer.text}`)
      const { results, next } = answer.body['data']
      for (const row of results)
        starts.push(vector.kind === 'floating' ? row.start_time.replace('Z', '') : row.start_time)
      if (!next) return starts
    }
  }

  for (const kind of new Set(vectors.map((vector) => vector.class)))
    test(`an event of every case of class ${kind} is listed at the starts that several independent implementations agree on`, async () => {
      for (const vector of vectors.filter((one) => one.class === kind)) {
        const calendar = await house.call('POST', '/api/v1/calendars/', {
          token: person.token,
          json: { name: vector.id },
        })
        const calendarId: string = calendar.body['data'].id
        const json = { ...eventOf(vector), calendar_id: calendarId }
        const made = await house.call('POST', '/api/v1/events/', { token: person.token, json })
        assert.equal(made.status, 201, `${vector.id} ${made.text}`)

        const starts = await startsOf(vector, calendarId)

        assert.deepEqual([...new Set(starts)], vector.expected, `${vector.id} ${vector.dtstart} ${vector.rrule}`)
      }
    })

  test('there are vectors to check', () => assert.ok(vectors.length >= 269))
})
