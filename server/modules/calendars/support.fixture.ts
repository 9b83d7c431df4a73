import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { askerOf, found, join } from '../../../test/company.ts'
import type { Answer, House, Person } from '../../../test/support.ts'
import { expand, readSeries } from '../../time/recurrence/index.ts'

/** An office with an admin and some colleagues, and a stranger with an office of their own. */
export async function openOffice(house: House, colleagues = 1) {
  const ask = askerOf(house)
  const admin = await house.person()
  const organization = await found(house, admin, 'Acme')
  const others: Person[] = []
  for (let i = 0; i < colleagues; i++) others.push(await join(house, organization, admin, 'employee'))
  const stranger = await house.person()
  const elsewhere = await found(house, stranger, 'Elsewhere')

  const room = async (fields: object = {}, who: Person = admin, organization_id = organization): Promise<string> =>
    idOf(await ask('POST', 'rooms/', who, { name: 'Room', capacity: 8, organization_id, ...fields }))
  const event = (who: Person, fields: object): Promise<Answer> =>
    ask('POST', 'events/', who, { title: 'Meeting', start_time: at('13T10:00'), end_time: at('13T11:00'), ...fields })
  const rows = async (who: Person, query = ''): Promise<Answer['body'][]> => {
    const answer = await ask(
      'GET',
      `events/?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&page_size=100${query}`,
      who,
    )
    assert.equal(answer.status, 200, answer.text)
    return answer.body['data'].results
  }
  const starts = async (who: Person, query = ''): Promise<string[]> =>
    (await rows(who, query)).map((row) => row['start_time'])
  return { ask, admin, organization, others, colleague: others[0]!, stranger, elsewhere, room, event, rows, starts }
}

export type Office = Awaited<ReturnType<typeof openOffice>>

/** Signs somebody in again, after more time than a token lives. */
export async function signInAgain(house: House, person: Person): Promise<void> {
  const { email, password } = person
  const answer = await house.call('POST', '/api/v1/auth/login/', { json: { email, password } })
  assert.equal(answer.status, 200, answer.text)
  person.token = answer.body['data'].access
}

/** An instant of January 2026: `13T10:00`. */
export const at = (time: string): string => `2026-01-${time}:00Z`

/** The id of what was made. */
export function idOf(answer: Answer): string {
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}

/** Sorted; of a room what touches or overlaps is one: where occurrences of one series run into each other, it has the room without a break. */
function merged(claims: readonly string[]): string[] {
  const all: string[] = []
  const rows = claims.map((claim) => claim.split(' ') as [string, string, string])
  for (const [who, own] of Map.groupBy(rows, ([name]) => name)) {
    const spans = own
      .map(([, from, to]) => [Number(from), Number(to)] as [number, number])
      .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
    const kept: [number, number][] = []
    for (const span of spans) {
      const last = kept.at(-1)
      if (last && who.includes('-') && span[0] <= last[1]) last[1] = Math.max(last[1], span[1])
      else kept.push(span)
    }
    all.push(...kept.map(([from, to]) => `${who} ${from} ${to}`))
  }
  return all.toSorted()
}

/** The claims of events that have not ended, each as `user or room id, from, to`; see `merged`. */
export async function standingClaims(house: House): Promise<string[]> {
  const { rows } = await sql<{ claim: string }>`
    SELECT concat_ws(' ', coalesce(resources.user_id::text, resources.room_id::text), extract(epoch FROM lower(during))::bigint, extract(epoch FROM upper(during))::bigint) AS claim
    FROM claims JOIN resources ON resources.id = claims.resource_id
    WHERE source_kind = 'event' AND upper(during) > ${house.ctx().now}`.execute(house.house.db)
  return merged(rows.map(({ claim }) => claim))
}

/**
 * What they must be: the expansion of the events that stand, up to the horizon, told from the rows and by nothing that the module itself uses. For zoned and UTC
 * events.
 */
export async function rightfulClaims(house: House): Promise<string[]> {
  const { db } = house.house
  const now = Math.floor(house.ctx().now.epochMilliseconds / 1000)
  const horizon = await db.selectFrom('claim_horizon').select('until').executeTakeFirst()
  const until = horizon ? horizon.until.epochMilliseconds / 1000 : now
  const claims: string[] = []
  for (const event of await db.selectFrom('events').selectAll().where('status', '<>', 'cancelled').execute()) {
    const overrides = await db.selectFrom('event_overrides').selectAll().where('event_id', '=', event.id).execute()
    const people = await db.selectFrom('event_participants').selectAll().where('event_id', '=', event.id).execute()
    const series = readSeries({
      kind: event.kind as 'zoned' | 'utc',
      tzid: event.time_zone,
      dtstart: event.dtstart,
      rrule: event.recurrence_rule,
      rdate: event.rdates,
      exdate: event.exdates,
      overrides: overrides.map((one) => ({
        recurrenceId: one.recurrence_id,
        start: one.start_text ?? one.recurrence_id,
      })),
    })
    const busy = [
      event.organizer_id,
      ...people.flatMap((one) => (one.status === 'declined' ? [] : (one.user_id ?? []))),
    ]
    for (const { start, recurrenceId } of expand(series, now - 86_400 * 3, until).occurrences) {
      const override = overrides.find((one) => one.point === recurrenceId)
      const end = start + (override?.duration_seconds ?? event.duration_seconds)
      if (end <= now) continue
      const room = override?.has_own_room ? override.room_id : event.room_id
      const takers = event.transparency === 'transparent' ? [] : [...new Set(busy)].map(String)
      for (const who of [...takers, ...(room === null ? [] : [room])]) claims.push(`${who} ${start} ${end}`)
    }
  }
  return merged(claims)
}
