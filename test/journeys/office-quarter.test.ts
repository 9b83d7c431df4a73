import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../support.ts'
import { violations } from './invariants.ts'
import { enqueue, plannerViolations, quiet } from './planner.ts'
import { ok, openSalon } from './salon.ts'
import { openTown, type Json } from './town.ts'

/**
 * A quarter of an office with a change of clocks in it, lived through at once by all of its people while servers are killed under them. OFFICE_PEOPLE and
 * OFFICE_SECONDS ask for more than the few of every run.
 */
// oxlint-disable-next-line node/no-process-env -- of the test alone
const { OFFICE_PEOPLE = '10', OFFICE_SECONDS = '6' } = process.env
const seconds = Number(OFFICE_SECONDS)
const town = await openTown(2, { DATABASE_POOL_SIZE: '5' })
const salon = await openSalon(town, 3)
const { organization_id, owner } = salon
const zones = ['Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe']

const below = (n: number): number => Math.floor(Math.random() * n)
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function hire(): Promise<Person> {
  const person = await town.person('customer')
  await town.rows(
    `INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES ($1, $2, 'employee', now())`,
    [organization_id, person.id],
  )
  return person
}
const staff = [...salon.masters]
while (staff.length < Number(OFFICE_PEOPLE))
  staff.push(...(await Promise.all(Array.from({ length: Math.min(8, Number(OFFICE_PEOPLE) - staff.length) }, hire))))
for (const [i, { id }] of staff.entries())
  await town.rows(`UPDATE users SET time_zone = $2 WHERE id = $1`, [id, zones[i % 3]!])
const rooms = await Promise.all(['Acme Lilac', 'Acme Mint', 'Acme Sage'].map(salon.room))
const services = [await salon.offer(salon.masters, { room_ids: rooms }), await salon.offer(salon.masters.slice(1))]
const department: string = (
  await ok(town.call('POST', '/departments/', { token: owner.token, json: { organization_id, name: 'Acme labs' } }))
)['id']
const stranger = (await openSalon(town, 0)).owner

/** The quarter: the next change of clocks of Kyiv lies in it, and that of New York. */
const today = Temporal.Now.zonedDateTimeISO('Europe/Kyiv').startOfDay()
const change = today.add({ days: 2 }).getTimeZoneTransition('next')!
const early = change.subtract({ days: 45 })
const tomorrow = today.add({ days: 2 })
const first = (Temporal.ZonedDateTime.compare(early, tomorrow) > 0 ? early : tomorrow).toPlainDate()
const days = 91

// Longer than the gap of a change of clocks, within which a meeting of an hour would have no length.
const moment = (length = 90): Json => {
  const date = below(6) === 0 ? change.toPlainDate() : first.add({ days: below(days) })
  const hour = below(4) === 0 ? below(5) : 8 + below(11)
  const start = date.toPlainDateTime({ hour, minute: pick([0, 0, 15, 30]) })
  return { start_time: start.toString(), end_time: start.add({ minutes: length }).toString() }
}
const rule = (): string => {
  const by = pick([
    'FREQ=DAILY;INTERVAL=3',
    'FREQ=WEEKLY',
    'FREQ=WEEKLY;BYDAY=MO,WE,FR',
    'FREQ=MONTHLY;BYDAY=-1SU',
    'FREQ=MONTHLY;BYMONTHDAY=15,-1',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU',
  ])
  const until = first.add({ days: 30 + below(60) }).toString()
  return `${by}${pick(['', `;COUNT=${1 + below(20)}`, `;UNTIL=${until.replaceAll('-', '')}T120000Z`])}`
}

/** What an organizer was told last of an event; `sure` is over when a server died before it answered a change, or somebody else may change it. */
type Told = { who: Person; title: string; over: boolean; sure: boolean }
const told = new Map<string, Told>()
const odd: string[] = []
const tally: Record<string, number> = {}
const quarter = { over: false }

/** Asks any server; undefined when it died meanwhile. Whatever is neither done nor refused with a reason is kept as odd. */
async function ask(
  what: string,
  method: string,
  path: string,
  { token }: Person,
  more: Json = {},
  alsoFine: readonly number[] = [],
) {
  try {
    const answer: Answer = await town.call(method, path, { node: below(2), token, ...more })
    tally[`${what} ${answer.status}`] = (tally[`${what} ${answer.status}`] ?? 0) + 1
    if (![200, 201, 404, 409, ...alsoFine].includes(answer.status)) odd.push(`${what}: ${answer.status} ${answer.text}`)
    return answer
  } catch {
    tally[`${what} died`] = (tally[`${what} died`] ?? 0) + 1
    await pause(50)
    return undefined
  }
}

/** Asks again with the same key until somebody answers. */
async function surely(what: string, path: string, who: Person, json: Json): Promise<Answer> {
  const headers = { 'idempotency-key': crypto.randomUUID() }
  for (;;) {
    const answer = await ask(what, 'POST', path, who, { json, headers })
    if (answer) return answer
  }
}

let titles = 0
async function meet(who: Person, fields: Json): Promise<string | undefined> {
  const others = new Set([pick(staff).id, pick(staff).id].filter((id) => id !== who.id))
  const title = `Acme meeting ${++titles}`
  const participants = [...others].map((user_id) => ({ user_id }))
  const answer = await surely('meet', '/events/', who, { title, participants, ...moment(), ...fields })
  if (answer.status !== 201) return undefined
  const { id } = answer.body['data']
  told.set(id, { who, title, over: false, sure: true })
  return id
}

const someMeeting = (who: Person): Promise<string | undefined> => {
  const room = below(3) === 0 ? {} : { room_id: pick(rooms), on_room_clash: pick(['refuse', 'skip', 'move']) }
  const zone = pick([{ time_zone: pick(zones) }, { time_zone: pick(zones) }, { is_floating: true }, {}])
  const series = below(2) === 0 ? { recurrence_rule: rule() } : {}
  return meet(who, { ...zone, ...room, ...series })
}

/** Occurrences of some days, as a person sees them; they must be in their order and within the days. */
async function look(who: Person): Promise<Json[]> {
  const from = first.add({ days: below(days) })
  const to = from.add({ days: 5 })
  const list = await ask('look', 'GET', `/events/?from=${from.toString()}&to=${to.toString()}&page_size=50`, who)
  const rows: Json[] = list?.body['data']?.results ?? []
  const starts = rows.filter((row) => !row['is_all_day']).map((row) => row['start_time'])
  if (starts.some((start, i) => i > 0 && start < starts[i - 1])) odd.push(`look: not in order: ${starts.join()}`)
  return rows
}

const scoped = (row: Json): { path: string; scope: string } => {
  const scope = row['recurrence_id'] === null ? 'all' : pick(['this', 'this', 'this_and_following', 'all'])
  const query = scope === 'all' ? '' : `?scope=${scope}&occurrence=${encodeURIComponent(row['recurrence_id'])}`
  return { path: `/events/${row['event_id']}/${query}`, scope }
}

/** What one may write in by a share alone, one may not any more when the share was changed meanwhile. */
const whereShared = (state: Told | undefined, who: Person): readonly number[] => (state?.who === who ? [] : [403])

async function changeOne(who: Person, row: Json): Promise<void> {
  const { path, scope } = scoped(row)
  const moved = Temporal.Instant.from(row['start_time']).add({ minutes: 30 * (below(9) - 4) })
  const clash = { on_room_clash: pick(['refuse', 'skip', 'move']) }
  const what = pick<Json>([
    { start_time: moved.toString(), end_time: moved.add({ minutes: 45 }).toString(), ...clash },
    { room_id: pick([...rooms, null]), ...clash },
    { title: `Acme ${++titles}` },
    { transparency: pick(['opaque', 'transparent']) },
  ])
  if (row['is_floating'] && 'start_time' in what) return
  const state = told.get(row['event_id'])
  // Two may change one event at once: then neither knows which was last.
  if (state && ('title' in what || state.who !== who)) state.sure = false
  const answer = await ask(`change ${scope}`, 'PUT', path, who, { json: what }, whereShared(state, who))
  if (answer?.status === 200 && scope === 'this_and_following') {
    const { id, title } = answer.body['data']
    if (!told.has(id)) told.set(id, { who, title, over: false, sure: false })
  }
}

async function cancelOne(who: Person, row: Json): Promise<void> {
  const { path, scope } = scoped(row)
  const state = told.get(row['event_id'])
  if (state) state.sure = false
  const answer = await ask(`cancel ${scope}`, 'DELETE', path, who, {}, whereShared(state, who))
  if (state && answer?.status === 200 && scope === 'all') state.over = true
}

async function employeeLives(who: Person): Promise<void> {
  while (!quarter.over) {
    const dice = below(20)
    if (dice < 6) await someMeeting(who)
    else if (dice < 9)
      await surely('book', '/bookings/', who, {
        service: pick(services),
        date: tomorrow
          .add({ days: below(20), hours: 10 + below(9) })
          .toInstant()
          .toString(),
      })
    else if (dice < 10) {
      const ticket = await surely('ticket', '/tickets/', who, { organization_id, title: 'Acme lamp is dark' })
      const path = `/tickets/${ticket.body['data']?.id}/`
      if (ticket.status === 201) await ask('comment', 'POST', `${path}comments/`, who, { json: { text: 'Acme' } })
    } else if (dice < 11) {
      const own = (await ask('calendars', 'GET', '/calendars/?page_size=100', who))?.body['data']?.results ?? []
      const calendar = own.find((one: Json) => one['owner_id'] === who.id)
      const whom = pick<Json>([{ user_id: pick(staff).id }, { department_id: department }, { organization_id }])
      const json = { ...whom, access: pick(['free_busy', 'read', 'write']) }
      if (calendar && whom['user_id'] !== who.id)
        await ask('share', 'POST', `/calendars/${calendar.id}/shares/`, who, { json })
    } else {
      const rows = await look(who)
      const mine = rows.filter((row) => row['can_edit'] && !row['title'].startsWith('Acme reminder'))
      const invited = rows.filter((row) => row['my_status'] !== null)
      if (dice < 15 && mine.length > 0) await changeOne(who, pick(mine))
      else if (dice < 16 && mine.length > 0) await cancelOne(who, pick(mine))
      else if (invited.length > 0) {
        const row = pick(invited)
        const status = pick(['accepted', 'declined', 'declined', 'tentative'])
        const one = row['recurrence_id'] !== null && below(2) === 0 ? { occurrence: row['recurrence_id'] } : {}
        await ask('answer', 'POST', `/events/${row['event_id']}/respond/`, who, { json: { status, ...one } })
      }
    }
  }
}

/** Meetings of which everybody is to be reminded while servers die: 28 days before they begin is now. */
const reminding: { id: string; people: number[] }[] = []
async function reminderLives(): Promise<void> {
  while (!quarter.over) {
    const who = pick(staff)
    const other = pick(staff.filter((one) => one !== who))
    const start = Temporal.Now.instant().add({ hours: 24 * 28, seconds: 4 + below(4) })
    const time = { start_time: start.toString(), end_time: start.add({ minutes: 10 }).toString() }
    const title = `Acme reminder ${++titles}`
    const participants = [{ user_id: other.id }]
    const fields = { title, participants, ...time, reminders: [40_320], time_zone: pick(zones) }
    const made = await surely('remind', '/events/', who, fields)
    const { id, created_at, start_time } = made.body['data'] ?? {}
    // Of a meeting that a dying server has let wait until its reminder was past nobody is reminded.
    const isAhead =
      made.status === 201 &&
      Temporal.Instant.from(created_at)
        .add({ hours: 24 * 28 })
        .toString() < start_time
    if (isAhead) reminding.push({ id, people: [who.id, other.id] })
    await enqueue(town, 'jobs', 'calendars.remind')
    await pause(400)
  }
}

test(
  'a quarter of an office with crashes and a change of clocks leaves every promise and no contradiction',
  { timeout: 120_000 + seconds * 10_000 },
  async () => {
    const lives = [...staff.map(employeeLives), reminderLives()]
    for (let kills = 0; kills < Math.max(2, seconds / 10); kills++) {
      await pause((seconds * 1000) / (Math.max(2, seconds / 10) + 1))
      await town.crash(below(2))
    }
    await pause(seconds * 300)
    quarter.over = true
    await Promise.all(lives)
    await pause(8000)
    await quiet(town)
    await enqueue(town, 'jobs', 'calendars.remind')
    await quiet(town)

    assert.deepEqual(odd.slice(0, 5), [], town.logs().slice(-3000))
    assert.deepEqual(await violations(town), {}, JSON.stringify(tally))
    assert.deepEqual(await plannerViolations(town), {}, JSON.stringify(tally))
    await everyPromiseIsKept()
    await everybodyWasToldOnce()
    await strangersSeeNothing()
    console.log(JSON.stringify(tally))
  },
)

async function everyPromiseIsKept(): Promise<void> {
  const lost: string[] = []
  for (const [id, { who, title, over, sure }] of told) {
    const { status, body } = await town.call('GET', `/events/${id}/`, { token: who.token })
    if (over ? status !== 404 : sure && (status !== 200 || body['data'].title !== title))
      lost.push(`${id} ${title}: ${status} ${body['data']?.title}`)
  }
  assert.deepEqual(lost, [])
  assert.ok(told.size > 15, String(told.size))
}

async function everybodyWasToldOnce(): Promise<void> {
  const twice = await town.rows(
    `SELECT user_id, target->>'id' AS event, count(*) FROM notifications WHERE kind = 'event_invited' GROUP BY 1, 2 HAVING count(*) > 1`,
  )
  const silent = await town.rows(
    `SELECT e.id, p.user_id FROM events e JOIN event_participants p ON p.event_id = e.id
     WHERE e.id = ANY ($1) AND p.user_id <> e.organizer_id
       AND NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = p.user_id AND n.kind = 'event_invited' AND n.target->>'id' = e.id::text)`,
    // The second half of a series that was split keeps the people of the first.
    [[...told].filter(([, { sure }]) => sure).map(([id]) => id)],
  )
  const reminders = await town.rows(
    `SELECT target->>'id' AS id, array_agg(user_id::int ORDER BY user_id) AS people FROM notifications WHERE kind = 'event_reminder' GROUP BY 1`,
  )
  const reached = new Map(reminders.map((row) => [row['id'] as string, row['people'] as number[]]))
  const wrong = reminding.filter(
    ({ id, people }) => reached.get(id)?.join() !== people.toSorted((a, b) => a - b).join(),
  )
  assert.deepEqual([twice, silent, wrong], [[], [], []])
  assert.ok(reminding.length > 3)
}

/** A member of another organization walks all lists. */
async function strangersSeeNothing(): Promise<void> {
  const from = first.toString()
  const to = first.add({ days: days + 30 }).toString()
  const lists = ['/events/upcoming/', '/calendars/', '/rooms/', '/tickets/', '/departments/', '/notifications/']
  lists.push(`/events/?from=${from}&to=${to}`, `/statistics/?from=${from}&to=${to}`, '/users/', '/users/search/?q=acme')
  lists.push(`/events/?from=${from}&to=${to}&calendar_id=${await someCalendar()}`)
  lists.push(`/events/free-busy/?user_id=${staff[0]!.id}&from=${from}T00:00:00Z&to=${from}T23:00:00Z`)
  for (const path of lists) {
    const { text, status } = await town.call('GET', path, { token: stranger.token })
    assert.ok([200, 400, 403, 404].includes(status), `${path}: ${text}`)
    assert.doesNotMatch(text, /acme/i, path)
    assert.deepEqual(
      [organization_id, ...staff.map((one) => one.email)].filter((secret) => text.includes(secret)),
      [],
      path,
    )
  }
}

const someCalendar = async (): Promise<string> =>
  (await town.rows(`SELECT calendar_id AS id FROM events WHERE title LIKE 'Acme%' LIMIT 1`))[0]!['id']
