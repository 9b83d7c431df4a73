import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../support.ts'
import { violations } from './invariants.ts'
import { at, ok, openHours, openSalon } from './salon.ts'
import { openTown, type Json } from './town.ts'

// The life of bookings as the document tells it, by a real server: who may see and do what, what is refused and how, what comes by mail.

const town = await openTown(1)
const salon = await openSalon(town, 2)
const [first, second] = salon.masters as [Person, Person]
const [customer, other, stranger, foreign] = (await Promise.all([1, 2, 3, 4].map(() => town.person()))) as [
  Person,
  Person,
  Person,
  Person,
]
await ok(town.call('POST', '/organizations/', { token: foreign.token, json: { name: 'Another spa' } }))

const post = (path: string, who: Person, json: Json): Promise<Answer> =>
  town.call('POST', path, { token: who.token, json })
const put = (path: string, who: Person, json: Json): Promise<Answer> =>
  town.call('PUT', path, { token: who.token, json })
const get = (path: string, who?: Person): Promise<Answer> => town.call('GET', path, who ? { token: who.token } : {})
const book = (service: number, date: string, who = customer, more: Json = {}): Promise<Answer> =>
  post('/bookings/', who, { service, date, ...more })
const statuses = (answers: Answer[]): number[] => answers.map(({ status }) => status)
const ruleOf = ({ body }: Answer): string | undefined => body['error']?.details?.[0]?.rule

const earlier = (column: string): string => `${column} = ${column} - make_interval(hours => $2)`
/** Makes time pass for one booking: it and its claims lie so many hours earlier. */
async function pass(booking: number, hours: number): Promise<void> {
  const session = `(SELECT session_id FROM bookings WHERE id = $1)`
  for (const statement of [
    `UPDATE claims SET during = tstzrange(lower(during) - make_interval(hours => $2), upper(during) - make_interval(hours => $2))
     WHERE source_kind = 'booking_session' AND source_id = ${session}::text`,
    `UPDATE booking_sessions SET ${earlier('starts_at')}, ${earlier('ends_at')} WHERE id = ${session}`,
    `UPDATE bookings SET ${earlier('starts_at')}, ${earlier('ends_at')} WHERE id = $1`,
  ])
    await town.rows(statement, [booking, hours])
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + 60_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(performance.now() < until, `waited in vain: ${town.logs().slice(-500)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('a booking is its two sides’ and their salon’s, and nobody else knows of it', async () => {
  const service = await salon.offer([first])
  const { id } = await ok(book(service, at(3, 10)))
  const path = `/bookings/${id}/`

  for (const one of [customer, first, salon.owner]) assert.equal((await get(path, one)).status, 200)
  for (const one of [stranger, second, foreign]) {
    const tries = [
      get(path, one),
      get(`/bookings/${id}/calendar.ics`, one),
      put(path, one, { date: at(3, 12) }),
      put(path, one, { note: 'mine' }),
      post(`/bookings/status/${id}/`, one, { status: 'cancelled' }),
      town.call('DELETE', path, { token: one.token }),
    ]
    assert.deepEqual(statuses(await Promise.all(tries)), [404, 404, 404, 404, 404, 404])
  }
  assert.deepEqual(statuses([await get(path), await get(path, customer)]), [401, 200])
  const lists = await Promise.all(
    [foreign, second, salon.owner].map((one) => get(`/bookings/?organization_id=${salon.organization_id}`, one)),
  )
  assert.deepEqual(statuses(lists), [404, 403, 200])
})

test('what cannot be a time is refused with 400, and what others have with 409', async () => {
  const service = await salon.offer([first])
  await ok(book(service, at(4, 10)))
  const months = Temporal.Now.plainDateISO('UTC').add({ months: 19 }).toString()

  const wrong = [
    '9999-12-31T10:00:00Z',
    '0000-01-01T10:00:00Z',
    '0001-01-01T00:00:00+23:00',
    'tomorrow',
    `${months}T10:00:00Z`,
    at(-1, 10),
    at(4, 3),
    at(4, 11, 7),
  ]
  const answers = await Promise.all(wrong.map((date) => book(service, date, other)))
  const taken = await book(service, at(4, 10, 30), other)

  assert.deepEqual(
    statuses(answers),
    wrong.map(() => 400),
  )
  assert.deepEqual(answers.slice(4).map(ruleOf), ['D7', 'D6', 'D2', 'D4'])
  assert.deepEqual([taken.status, ruleOf(taken)], [409, 'D9'])
  const listed = await get(`/services/${service}/slots/?from=${months}&to=${months}`)
  assert.equal(listed.body['data'].count, 0)
})

test('a status moves only as it may, and only for who gives the service', async () => {
  const service = await salon.offer([first])
  const [done, missed, kept] = await Promise.all([10, 12, 14].map((hour) => ok(book(service, at(1, hour)))))
  const status = (booking: Json | undefined, to: string, who = first): Promise<Answer> =>
    post(`/bookings/status/${booking!['id']}/`, who, { status: to })

  const early = [
    await status(done, 'completed'),
    await status(missed, 'no_show'),
    await status(kept, 'pending'),
    await status(kept, 'confirmed'),
  ]
  for (const booking of [done, missed]) await pass(booking!['id'], 72)
  const late = [
    await status(done, 'completed', customer),
    await status(done, 'completed'),
    await status(done, 'completed'),
    await status(done, 'no_show'),
    await status(missed, 'no_show'),
    await status(missed, 'confirmed'),
  ]
  const begun = await town.call('DELETE', `/bookings/${missed!['id']}/`, { token: customer.token })

  assert.deepEqual(statuses(early), [409, 409, 409, 200])
  assert.deepEqual(statuses(late), [403, 200, 200, 409, 200, 409])
  assert.equal(begun.status, 409)
})

test('a change is made wholly or not at all', async () => {
  const service = await salon.offer([first])
  const { id } = await ok(book(service, at(5, 10)))

  const proposed = await put(`/bookings/${id}/`, first, { date: at(5, 12), note: 'A note of the provider' })
  const moved = await put(`/bookings/${id}/`, customer, { date: at(5, 3), note: 'Written beside a wrong time' })

  assert.deepEqual(statuses([proposed, moved]), [403, 400])
  const { proposed_date, note, date } = await ok(get(`/bookings/${id}/`, customer))
  assert.deepEqual([proposed_date, note, date], [null, '', at(5, 10)])
})

test('the provider proposes, the customer accepts, and it stands: a time of their own needs no second approval', async () => {
  const service = await salon.offer([second], { requires_approval: true })
  const { id, status, expires_at } = await ok(book(service, at(6, 10)))
  const confirmed = await ok(post(`/bookings/status/${id}/`, second, { status: 'confirmed' }))

  const proposal = await ok(put(`/bookings/${id}/`, second, { date: at(6, 15) }))
  const accepted = await ok(put(`/bookings/${id}/`, customer, { date: at(6, 15) }))

  assert.equal(status, 'pending')
  assert.ok(expires_at !== null)
  assert.deepEqual([confirmed['status'], confirmed['expires_at']], ['confirmed', null])
  assert.deepEqual([proposal['date'], proposal['proposed_date']], [at(6, 10), at(6, 15)])
  assert.deepEqual(
    [accepted['id'], accepted['date'], accepted['status'], accepted['proposed_date']],
    [id, at(6, 15), 'confirmed', null],
  )
})

test('who wishes a room gets it, also where others sit together in another one', async () => {
  const rooms = [await salon.room('Lilac'), await salon.room('Mint')] as const
  const service = await salon.offer(salon.masters, { capacity: 2, room_ids: rooms })

  const seats = []
  for (const room_id of [rooms[0], rooms[1], rooms[1], rooms[0], rooms[0]])
    seats.push(await book(service, at(7, 10), customer, { room_id }))

  assert.deepEqual(statuses(seats), [201, 201, 201, 201, 409])
  assert.deepEqual(
    seats.slice(0, 4).map(({ body }) => body['data'].room.id),
    [rooms[0], rooms[1], rooms[1], rooms[0]],
  )
})

test('a guest manages the booking by the link of the mail, and by no other', async () => {
  const service = await salon.offer([first])
  const guest = { name: 'Олена', email: 'olena@example.com' }
  const refused = await book(service, at(8, 10), customer, { guest })
  await ok(book(service, at(8, 10), salon.owner, { guest }))

  const token = await eventually(async () => {
    const [mail] = await town.rows(`SELECT text FROM mail_outbox WHERE recipient = $1`, [guest.email])
    return /token=([^\s"&<]+)/.exec(mail?.['text'] ?? '')?.[1]
  })
  const path = `/public/bookings/${decodeURIComponent(token)}/`
  const seen = await ok(get(path))
  const moved = await ok(town.call('POST', `${path}reschedule/`, { json: { date: at(8, 15) } }))
  const cancelled = await ok(town.call('POST', `${path}cancel/`, { json: {} }))
  const forged = await get(`${path.slice(0, -4)}beef/`)

  assert.equal(refused.status, 403)
  assert.deepEqual(
    [seen['name'], seen['date'], moved['date'], cancelled['status']],
    ['Олена', at(8, 10), at(8, 15), 'cancelled'],
  )
  assert.equal(forged.status, 404)
})

test('nothing with bookings to come is archived, and it says which', async () => {
  const room = await salon.room('Sage')
  const service = await salon.offer([first], { room_ids: [room] })
  const { id } = await ok(book(service, at(9, 10)))

  const archive = (path: string): Promise<Answer> => town.call('DELETE', path, { token: salon.owner.token })
  const refused = [
    await archive(`/services/${service}/`),
    await archive(`/rooms/${room}/`),
    await archive(`/organizations/${salon.organization_id}/`),
  ]
  await ok(town.call('DELETE', `/bookings/${id}/`, { token: customer.token }))
  const done = [await archive(`/services/${service}/`), await archive(`/rooms/${room}/`)]

  assert.deepEqual(statuses(refused), [409, 409, 409])
  for (const { body } of refused) assert.ok(body['error'].details.length > 0)
  assert.deepEqual(statuses(done), [200, 200])
  assert.equal((await book(service, at(9, 12))).status, 404)
})

test('hours with bookings are closed only by force, and the refusal says which they are', async () => {
  const service = await salon.offer([second], { buffer_before_minutes: 30 })
  const { id } = await ok(book(service, at(12, 10)))
  const day = at(12, 0).slice(0, 10)
  const off = { kind: 'time_off', starts_at: `${day}T09:00`, ends_at: `${day}T13:00` }

  const refused = await post('/schedules/', second, off)
  const forced = await post('/schedules/?force=true', second, off)

  assert.deepEqual(statuses([refused, forced]), [409, 201])
  const [{ rule, params }] = refused.body['error'].details
  assert.deepEqual([rule, params], ['stranded', { booking_id: id, starts_at: at(12, 10), ends_at: at(12, 11) }])
  assert.equal((await book(service, at(12, 12), other)).status, 400)
  assert.equal((await ok(get(`/bookings/${id}/`, customer)))['status'], 'confirmed')
})

test('an account that goes takes its bookings to come with it, on both sides', async () => {
  const [leaving, giving] = [await town.person(), await town.person('provider')]
  await openHours(town, giving)
  const json = { title: 'Haircut', description: 'Half an hour', price: 20, payment: 'on_site' }
  const service: number = (await ok(post('/services/', giving, json)))['id']
  const bought = await ok(book(service, at(10, 10), leaving))
  const given = await ok(book(service, at(10, 12), customer))

  for (const { token, password } of [leaving, giving])
    await ok(town.call('DELETE', '/auth/profile/', { token, json: { password } }))
  const ended = (id: number) => async (): Promise<Json | undefined> =>
    (
      await town.rows(`SELECT cancelled_by, cancel_reason FROM bookings WHERE id = $1 AND status = 'cancelled'`, [id])
    )[0]

  assert.deepEqual(await eventually(ended(bought['id'])), {
    cancelled_by: 'customer',
    cancel_reason: 'account_deleted',
  })
  assert.deepEqual(await eventually(ended(given['id'])), { cancelled_by: 'provider', cancel_reason: 'account_deleted' })
  assert.notEqual((await book(service, at(11, 10))).status, 201)
  assert.deepEqual(await violations(town), {})
})

test('every answer of this file is one that the document tells of', async () => {
  for (const path of [
    '/schedules/',
    `/schedules/?user_id=${first.id}`,
    '/schedules/1/',
    '/waiting-list/',
    '/providers/',
  ])
    await get(path, customer)
  await post('/schedules/', customer, { kind: 'weekly', weekday: 1, start_time: '09:00', end_time: '10:00' })
  await get('/services/?page_size=1000')
  await put('/bookings/1/', customer, { note: 5 })
  const { paths } = (await get('/../../openapi.json')).body as {
    paths: Record<string, Record<string, { responses: Json }>>
  }
  const shapes = Object.keys(paths).map((path) => {
    return { path, pattern: new RegExp(`^${path.replace('/api/v1', '').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`) }
  })

  const untold = new Set<string>()
  for (const line of town.heard().filter((one) => !one.includes('/openapi.json'))) {
    const [method, path, status] = line.split(' ') as [string, string, string]
    const told = shapes
      .filter(({ pattern }) => pattern.test(path))
      .map((shape) => paths[shape.path]![method.toLowerCase()]?.responses)
    if (!told.some((responses) => responses?.[status])) untold.add(line)
  }

  assert.ok(town.heard().length > 100)
  assert.deepEqual([...untold], [])
})
