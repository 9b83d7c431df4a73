import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type House } from '../../../test/support.ts'
import { openOffice, rightfulClaims, signInAgain, standingClaims } from './support.fixture.ts'

const house: House = await openHouse()
const rounds = 60

/** A small generator of numbers that are the same each time (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

test('whatever is done to series, what is claimed is the expansion of what stands', async () => {
  const random = randomOf(20_260_112)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const office = await openOffice(house, 2)
  const rooms = [await office.room({ name: 'A' }), await office.room({ name: 'B' })]
  const zones = ['America/New_York', 'Europe/Kyiv', 'Australia/Lord_Howe', 'America/Santiago', 'UTC']
  const rules = [
    'FREQ=DAILY;COUNT=12',
    'FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=15',
    'FREQ=MONTHLY;BYDAY=-1SU',
    'FREQ=WEEKLY;UNTIL=20260601T000000Z',
    'FREQ=DAILY;INTERVAL=5',
    null,
  ]
  // Around the changes of clocks of March and April, at hours that they skip or repeat.
  const local = (): string =>
    Temporal.PlainDateTime.from('2026-02-20T00:00')
      .add({ days: random(60), minutes: pick([90, 120, 150, 180, 1380]) })
      .toString({ smallestUnit: 'second' })
  const times = () => {
    const start = local()
    return {
      start_time: start,
      end_time: Temporal.PlainDateTime.from(start)
        .add({ minutes: pick([45, 90, 300]) })
        .toString({ smallestUnit: 'second' }),
    }
  }
  const policy = () => pick(['refuse', 'refuse', 'skip', 'move'])
  const statuses = new Map<number, number>()
  for (let round = 0; round < rounds; round++) {
    const rows = (await office.ask('GET', 'events/?from=2026-02-01&to=2026-06-30&page_size=100', office.admin)).body[
      'data'
    ].results
    const row = rows.length > 0 ? pick<Record<string, string>>(rows) : null
    const recurrence = row?.['recurrence_id']
    const scope = pick(['this', 'this_and_following', 'all'])
    const target = `events/${row?.['id']}/?scope=${scope}${recurrence ? `&occurrence=${encodeURIComponent(recurrence)}` : ''}`
    const what = row ? random(8) : 0
    const answer =
      what <= 1
        ? await office.event(office.admin, {
            ...times(),
            time_zone: pick(zones),
            room_id: pick(rooms),
            recurrence_rule: pick(rules),
            participants: [{ user_id: office.colleague.id }],
            on_room_clash: policy(),
          })
        : what <= 3
          ? await office.ask('PUT', target, office.admin, { ...times(), on_room_clash: policy() })
          : what === 4
            ? await office.ask('PUT', target, office.admin, {
                room_id: pick([...rooms, null]),
                on_room_clash: policy(),
              })
            : what === 5
              ? await office.ask('DELETE', target, office.admin)
              : what === 6
                ? await office.ask('PUT', `events/${row!['id']}/`, office.admin, {
                    recurrence_rule: pick(rules),
                    on_room_clash: policy(),
                  })
                : await office.ask('POST', `events/${row!['id']}/respond/`, office.colleague, {
                    status: pick(['accepted', 'declined']),
                  })
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    if (![200, 201, 409].includes(answer.status))
      assert.match(answer.text, /must be after the start|not invited|participant/, `${round} ${answer.text}`)
    if (round % 20 === 19) {
      house.pass({ days: 9 })
      for (const person of [office.admin, office.colleague]) await signInAgain(house, person)
      await house.house.jobs.run('calendars.extend_horizon')
    }

    assert.deepEqual(
      await standingClaims(house),
      await rightfulClaims(house),
      `round ${round}: ${what} ${scope} ${answer.text.slice(0, 300)}`,
    )
  }
  assert.ok(
    (statuses.get(200) ?? 0) > 10 && (statuses.get(201) ?? 0) > 5 && (statuses.get(409) ?? 0) > 0,
    JSON.stringify([...statuses]),
  )
})
