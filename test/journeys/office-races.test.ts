import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../support.ts'
import { violations } from './invariants.ts'
import { enqueue, plannerViolations, quiet } from './planner.ts'
import { at, ok, openSalon } from './salon.ts'
import { openTown, type Json } from './town.ts'

// Two servers on one database, and 200 requests at once for one meeting room: events, series, bookings of a salon, moves and the nightly job (SPEC sections 5 and 10).

const requests = 200
const town = await openTown(2)
const salon = await openSalon(town, 6)
const { owner, masters } = salon
const customers = await Promise.all(Array.from({ length: 4 }, () => town.person('customer')))

type Method = 'POST' | 'PUT' | 'DELETE' | 'GET'
const ask = (i: number, method: Method, path: string, who: Person, json?: Json): Promise<Answer> =>
  town.call(method, path, { node: i % 2, token: who.token, ...(json ? { json } : {}) })
const hour = (start: string, hours = 1): Json => ({
  start_time: start,
  end_time: Temporal.Instant.from(start)
    .add({ minutes: hours * 60 })
    .toString(),
})
const meet = (i: number, who: Person, start: string, fields: Json = {}): Promise<Answer> =>
  ask(i, 'POST', '/events/', who, { title: `Secret ${i}`, ...hour(start), ...fields })
const book = (i: number, service: number, date: string, fields: Json = {}): Promise<Answer> =>
  ask(i, 'POST', '/bookings/', customers[i % 4]!, { service, date, ...fields })
const rush = <T>(work: (i: number) => Promise<T>, count = requests): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

const week = (start: string): string => Temporal.Instant.from(start).add({ hours: 168 }).toString()
const policy = (i: number): Json => ({ on_room_clash: (['refuse', 'skip', 'move'] as const)[i % 3] })

const someTime = (i: number): string => at(12 + (i % 3), 9 + (i % 7), (i % 2) * 30)

async function nothingIsWrong(): Promise<void> {
  assert.deepEqual(await violations(town), {})
  assert.deepEqual(await plannerViolations(town), {})
}

/** Each loser is told why: the rule of a booking, or the stretches whose room cannot be had, and no word of what others do there. */
function tellWhy(losers: readonly Answer[]): void {
  for (const { body, text } of losers) {
    const details: Json[] = body['error'].details ?? []
    assert.ok(details.length > 0, text)
    for (const { rule, params } of details) {
      assert.match(rule, /^(?:D9|D10|D11|room_taken)$/, text)
      if (rule === 'room_taken') assert.match(`${params.start_time} ${params.end_time}`, /^\S+Z \S+Z$/, text)
    }
    assert.doesNotMatch(text, /Secret/)
  }
}

const countsOf = (answers: readonly Answer[]): Json =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, list]) => [status, list.length]))

test('of events, weekly series, bookings and moves that want one room at one time exactly one gets it', async () => {
  const room = await salon.room('Lilac')
  const services = await Promise.all(masters.slice(0, 3).map((one) => salon.offer([one], { room_ids: [room] })))
  const spare = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => (await ok(meet(i, masters[3]!, at(3, 8 + i))))['id'] as string),
  )
  const date = at(5, 10)
  const wishes: ((i: number) => Promise<Answer>)[] = [
    (i) => meet(i, masters[3 + (i % 3)]!, date, { room_id: room }),
    (i) => meet(i, masters[4]!, at(5, 10, 30), { room_id: room, recurrence_rule: 'FREQ=WEEKLY;COUNT=12' }),
    (i) => meet(i, masters[5]!, at(3, 10), { room_id: room, recurrence_rule: 'FREQ=DAILY;COUNT=9' }),
    (i) => book(i, services[i % 3]!, date),
    (i) => ask(i, 'PUT', `/events/${spare[(i >> 3) % 10]}/`, masters[3]!, { room_id: room, ...hour(date) }),
  ]

  const answers = await rush((i) => wishes[i % wishes.length]!(i))

  const won = answers.filter(({ status }) => status < 300)
  const losers = answers.filter(({ status }) => status === 409)
  assert.equal(won.length + losers.length, requests, JSON.stringify(countsOf(answers)) + town.logs().slice(-2000))
  tellWhy(losers)
  // Who has moved there may ask for it again.
  const ids = new Set(won.map(({ body }) => body['data'].id))
  assert.equal(ids.size, 1, JSON.stringify([...ids]))
  await nothingIsWrong()
})

test('everything at once on one room and its neighbours never takes a room twice, and loses none', async () => {
  const rooms = [await salon.room('Mint'), await salon.room('Sage'), await salon.room('Rose')] as const
  const [room] = rooms
  const services = await Promise.all(
    [0, 1].map((i) => salon.offer(masters.slice(i * 2, i * 2 + 2), { room_ids: [room], duration_minutes: 90 })),
  )
  const standing: { id: string; start: string }[] = []
  for (let i = 0; i < 12; i++) {
    const start = at(12 + (i % 3), 8 + i)
    const rule = i % 3 === 0 ? 'FREQ=WEEKLY;COUNT=20' : i % 3 === 1 ? 'FREQ=WEEKLY' : 'FREQ=DAILY;COUNT=40'
    const room_id = rooms[1 + (i % 2)]
    const made = await meet(i, masters[4]!, start, { room_id, recurrence_rule: rule, on_room_clash: 'skip' })
    standing.push({ id: (await ok(Promise.resolve(made)))['id'], start })
  }
  // As if the nightly job had not run for a month: now it will, on both servers, in the middle of everything.
  await quiet(town)
  await town.rows(
    `DELETE FROM claims WHERE source_kind = 'event' AND lower(during) >= (SELECT until - interval '30 days' FROM claim_horizon)`,
  )
  await town.rows(`UPDATE claim_horizon SET until = until - interval '30 days'`)
  await town.rows(`UPDATE events SET claimed_until = (SELECT until FROM claim_horizon) WHERE claimed_until IS NOT NULL`)
  const [old] = await town.rows(`SELECT until FROM claim_horizon`)
  const one = (i: number): { id: string; start: string } => standing[(i * 5) % standing.length]!
  const wishes: ((i: number) => Promise<Answer>)[] = [
    (i) => meet(i, masters[i % 6]!, someTime(i), { room_id: room }),
    (i) =>
      meet(i, masters[i % 6]!, someTime(i), { room_id: room, recurrence_rule: 'FREQ=WEEKLY;COUNT=8', ...policy(i) }),
    (i) => meet(i, masters[i % 6]!, someTime(i), { room_id: room, recurrence_rule: 'FREQ=WEEKLY', ...policy(i >> 1) }),
    (i) => book(i, services[i % 2]!, someTime(i)),
    (i) =>
      ask(i, 'PUT', `/events/${one(i).id}/`, masters[4]!, {
        ...hour(someTime(i)),
        room_id: rooms[i % 3],
        ...policy(i),
      }),
    (i) => {
      const { id, start } = one(i)
      const path = `/events/${id}/?scope=this_and_following&occurrence=${week(start)}`
      return ask(i, 'PUT', path, masters[4]!, { room_id: room, ...policy(i >> 2) })
    },
    (i) => {
      const { id, start } = one(i)
      const path = `/events/${id}/?scope=this&occurrence=${start}`
      return ask(i, 'PUT', path, masters[4]!, { room_id: room, ...hour(someTime(i)), ...policy(i >> 1) })
    },
    (i) => {
      const { id, start } = one(i)
      const scopes = ['this', 'this_and_following', 'this', 'all']
      const scope = scopes[i % scopes.length]!
      return ask(i, 'DELETE', `/events/${id}/?scope=${scope}&occurrence=${week(start)}`, masters[4]!)
    },
    (i) => ask(i, 'POST', `/events/${one(i).id}/participants/`, masters[4]!, { user_id: masters[i % 4]!.id }),
  ]

  const nights = [5, 40].map(async (wait) => {
    await new Promise((resolve) => setTimeout(resolve, wait))
    await enqueue(town, 'slow', 'calendars.extend_horizon')
  })
  const answers = await rush((i) => wishes[i % wishes.length]!(i))
  await Promise.all(nights)
  await quiet(town)

  // A split, a deletion or a move before may have taken the occurrence that is named: 404.
  const odd = answers.flatMap(({ status, text }, i) =>
    [200, 201, 404, 409].includes(status) ? [] : [`${i % wishes.length}: ${status} ${text}`],
  )
  assert.deepEqual(odd.slice(0, 5), [], town.logs().slice(-2000))
  // Who is invited already is the answer to the last wish.
  tellWhy(answers.filter(({ status }, i) => status === 409 && i % wishes.length !== wishes.length - 1))
  const counts = countsOf(answers)
  assert.ok(counts['201'] > 3 && counts['409'] > 20, JSON.stringify(counts))
  const [moved] = await town.rows(`SELECT until FROM claim_horizon`)
  assert.ok(moved!['until'] > old!['until'], 'The nightly job has moved the horizon on')
  await nothingIsWrong()
})

test('a master in a meeting is not booked, and a meeting over a booking says so, whichever comes first', async () => {
  const master = masters[0]!
  const service = await salon.offer([master])
  for (let round = 0; round < 4; round++) {
    const date = at(20 + round, 10)
    // In every other round somebody else invites the master.
    const meeting = (i: number): Promise<Answer> =>
      i % 4 < 2 && round % 2
        ? meet(i >> 1, owner, date, { participants: [{ user_id: master.id }] })
        : meet(i >> 1, master, date)

    const answers = await rush((i) => (i % 3 === round % 3 ? meeting(i) : book(i >> 1, service, date)), 50)

    const booked = answers.filter(({ status, body }) => status === 201 && 'service' in body['data'])
    const met = answers.filter(({ status, body }) => status === 201 && 'uid' in body['data'])
    assert.ok(booked.length <= 1 && met.length > 10, JSON.stringify(countsOf(answers)))
    tellWhy(answers.filter(({ status }) => status !== 201))
    const warned = met.filter(({ body }) => body['data'].warnings.length > 0)
    // The booking came first where there is one; without it nobody is warned of anything.
    assert.equal(warned.length, booked.length ? met.length : 0)
    for (const { body } of warned) assert.doesNotMatch(JSON.stringify(body['data'].warnings), /Massage|Jane/)
  }
  // Once each way for certain.
  const [first, then] = [at(26, 10), at(27, 10)]
  await ok(meet(0, master, first))
  const refused = await book(0, service, first)
  await ok(book(1, service, then))
  const over = await meet(1, master, then)
  assert.deepEqual([refused.status, over.status, over.body['data'].warnings.length], [409, 201, 1])
  await nothingIsWrong()
})

test('a calendar that is deleted while its events are changed takes all of their time with it, and nobody waits in a circle', async () => {
  const token = owner.token
  const room = await salon.room('Thyme')
  const calendar = await ok(town.call('POST', '/calendars/', { token, json: { name: 'Project' } }))
  const calendar_id: string = calendar['id']
  const ids: string[] = []
  for (let i = 0; i < 10; i++)
    ids.push((await ok(meet(i, owner, at(30 + i, 10), { calendar_id, room_id: room })))['id'])

  const answers = await rush((i) => {
    const start = at(30 + (i % 10), 11 + (i % 5))
    if (i === 20) return ask(i, 'DELETE', `/calendars/${calendar_id}/`, owner)
    if (i % 5 === 0) return meet(i, owner, start, { calendar_id, room_id: room })
    return ask(i, 'PUT', `/events/${ids[i % 10]}/`, owner, { ...hour(start), room_id: room })
  }, 60)

  const odd = answers.filter(({ status }) => ![200, 201, 404, 409].includes(status))
  assert.deepEqual([odd.map(({ text }) => text), answers[20]!.status], [[], 200])
  await nothingIsWrong()
  // A transaction that is ended as a deadlock is made again: only its second of waiting would show.
  const [found] = await town.rows(`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`)
  assert.deepEqual(found, { deadlocks: 0 })
})
