import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { found, join } from '../../../test/company.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { record } from './service/record.ts'
import { askerFor, deliver, logOf, openReceiver, register, type Json } from './support.fixture.ts'

const house = await openHouse()
const ask = askerFor(house)
const receiver = await openReceiver()
const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, { token }: Person, json?: object) =>
  house.call(method, `/api/v1/${path}`, { token, ...(json ? { json } : {}) })
const data = async (...asked: Parameters<typeof call>): Promise<Json> => {
  const answer = await call(...asked)
  assert.ok(answer.status < 300, answer.text)
  return answer.body['data']
}

const boss = await house.person('customer')
const id = await found(house, boss, 'Lavender Spa')
const master = await house.person('provider')
await join(house, id, boss, 'employee', {}, master)
const rival = await house.person('provider')
const customer = await house.person('customer', { first_name: 'Olena', last_name: 'Kovalenko' })
const root = await house.person('super_admin')
for (let weekday = 1; weekday <= 7; weekday++) {
  const hours = { kind: 'weekly', weekday, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' }
  await data('POST', 'schedules/', master, hours)
}
const service = await data('POST', 'services/', boss, {
  organization_id: id,
  staff: [master.id],
  title: 'Massage',
  description: 'An hour',
  price: 50,
  payment: 'on_site',
})
await house.drain()
const salon = await register(house, boss, receiver.url('/salon'), { organization_id: id })
await register(house, master, receiver.url('/master'), { event_types: ['booking.created', 'booking.cancelled'] })
await register(house, rival, receiver.url('/rival'))
await register(house, root, receiver.url('/platform'))
const typesAt = (path: string): string[] => receiver.at(path).map(({ json }) => json['type'])
const lastAt = (path: string): Json => receiver.at(path).at(-1)!.json
const book = (hour: number): Promise<Json> =>
  data('POST', 'bookings/', customer, { service: service['id'], date: `2026-01-15T${hour}:00:00Z` })

test('A booking is sent to its salon, its master and the platform as the API shows it to them, and to no other', async () => {
  const booking = await book(10)
  await house.drain()
  const seen = await data('GET', `bookings/${booking['id']}/`, boss)

  for (const path of ['/salon', '/master', '/platform']) {
    const got = receiver.at(path).filter(({ json }) => json['type'] === 'booking.created')
    assert.equal(got.length, 1, path)
    assert.deepEqual(got[0]!.json['data'], seen, path)
  }
  assert.equal(receiver.at('/rival').length, 0)
})

test('Each endpoint has what it has chosen and nothing else, each event once, in all its steps', async () => {
  const booking = await book(12)
  await data('PUT', `bookings/${booking['id']}/`, customer, { date: '2026-01-15T13:00:00Z' })
  await data('DELETE', `bookings/${booking['id']}/`, customer)
  await house.drain()
  await house.drain()

  const of = (path: string): Json[] => receiver.at(path).filter(({ json }) => json['data'].id === booking['id'])
  const steps = (path: string): string[] => of(path).map(({ json }) => json.type)
  assert.deepEqual(steps('/salon').toSorted(), ['booking.cancelled', 'booking.created', 'booking.rescheduled'])
  assert.deepEqual(steps('/master').toSorted(), ['booking.cancelled', 'booking.created'])
  assert.equal(
    new Set(receiver.at('/salon').map(({ headers }) => headers['webhook-id'])).size,
    receiver.at('/salon').length,
  )
})

test('What is recorded in the very moment in which its endpoint is switched off is given up with the rest', async () => {
  const booking = await book(16)
  await house.drain()
  const endpoint = await register(house, master, receiver.url('/closing'), { event_types: ['booking.created'] })
  let off: ReturnType<typeof ask> | undefined

  await inTransaction(house.ctx(), async (tx) => {
    await record('booking.created')(tx, { booking_id: booking['id'], status: 'confirmed' })
    off = ask('PUT', `endpoints/${endpoint['id']}/`, master, { is_active: false })
    await Promise.race([off, sleep(300)])
  })
  await off
  await deliver(house)

  assert.deepEqual(receiver.at('/closing'), [])
  const [logged] = await logOf(house, master, endpoint)
  assert.deepEqual([logged?.['status'], logged?.['failed_because']], ['failed', 'endpoint_off'])
})

test('Members and tickets of an organization are sent to it, and stay within it', async () => {
  const before = receiver.at('/platform').length
  const member = await join(house, id, boss, 'it')
  const ticket = await data('POST', 'tickets/', member, { organization_id: id, title: 'The lamp is dark' })
  await data('PUT', `tickets/${ticket['id']}/`, member, { status: 'in_progress' })
  await data('POST', `tickets/${ticket['id']}/comments/`, member, { text: 'I have it', is_internal: true })
  await house.drain()
  await call('DELETE', `tickets/${ticket['id']}/`, member)
  await call('DELETE', `organizations/${id}/members/${member.id}/`, boss)
  await house.drain()

  const wanted = 'member.joined ticket.created ticket.updated ticket.commented ticket.deleted member.left'.split(' ')
  assert.deepEqual(
    wanted.filter((type) => !typesAt('/salon').includes(type)),
    [],
  )
  const joined = receiver.at('/salon').find(({ json }) => json['type'] === 'member.joined')!.json['data']
  assert.deepEqual([joined.user_id, joined.membership.role], [member.id, 'it'])
  // One registered meanwhile: what is within an organization is not the platform’s to have.
  assert.deepEqual(typesAt('/platform').slice(before), ['account.registered'])
})

test('Events are sent as every member may see them: of a private one no more than that the time is taken', async () => {
  const open = await data('POST', 'calendars/', master, { name: 'Rooms', organization_id: id, is_public: true })
  const own = await data('POST', 'calendars/', master, { name: 'Mine' })
  const times = { start_time: '2026-01-20T10:00:00Z', end_time: '2026-01-20T11:00:00Z' }
  await data('POST', 'events/', master, { ...times, calendar_id: open['id'], title: 'Meeting' })
  await data('POST', 'events/', master, { ...times, calendar_id: open['id'], title: 'Doctor', visibility: 'private' })
  await data('POST', 'events/', master, { ...times, calendar_id: own['id'], title: 'Birthday' })
  await house.drain()

  const got = receiver.at('/salon').filter(({ json }) => json['type'] === 'calendar_event.created')
  assert.deepEqual(new Set(got.map(({ json }) => json['data'].title)), new Set(['Busy', 'Meeting']))
  assert.equal(got.length, 2)
  assert.ok(!got.some(({ body }) => body.includes('Doctor') || body.includes('Birthday')))
})

test('What is switched off has nothing recorded, and what fails to be written leaves nothing to send', async () => {
  const quiet = await register(house, master, receiver.url('/quiet'), { is_active: false })
  const booking = await call('POST', 'bookings/', customer, { service: service['id'], date: '2026-01-15T13:07:00Z' })
  await book(14)
  await house.drain()

  assert.equal(booking.status, 400)
  assert.deepEqual(await logOf(house, master, quiet), [])
  assert.ok(!receiver.at('/salon').some(({ body }) => body.includes('13:07')))
})

test('An erased person is taken out of what was sent and answered; what still waits is not sent', async () => {
  receiver.moods.set('/salon', { status: 500, text: 'Olena is unknown here' })
  const gone = await house.person('customer', { first_name: 'Halyna', last_name: 'Chub' })
  await data('POST', 'bookings/', gone, { service: service['id'], date: '2026-01-16T09:00:00Z' })
  await house.drain()
  const before = receiver.at('/salon').length

  await call('DELETE', 'auth/profile/', gone, { password: gone.password })
  await house.drain()
  receiver.moods.delete('/salon')
  house.pass({ minutes: 10 })
  await deliver(house)

  const rows = await house.house.db.selectFrom('webhook_messages').select('body').execute()
  const answers = await house.house.db.selectFrom('webhook_attempts').select('response_body').execute()
  const late = receiver.at('/salon').slice(before)
  assert.ok(!JSON.stringify([rows, answers]).includes('Halyna'))
  assert.ok(!late.some(({ body }) => body.includes('Halyna')))
  assert.ok(late.some(({ json }) => json['type'] === 'booking.cancelled'))
  const erased = (await logOf(house, boss, salon, '?status=failed')).find((row) => row['failed_because'] === 'erased')!
  const path = `endpoints/${salon['id']}/deliveries/${erased['id']}/`
  assert.equal((await ask('GET', path, boss)).body['data'].request.body, null)
  assert.equal((await ask('POST', `${path}replay/`, boss)).status, 409)
})

test('With an account or an organization its endpoints end, secrets and logs with them', async () => {
  const leaving = await house.person('provider')
  const mine = await register(house, leaving, receiver.url('/leaving'))
  const short = await found(house, boss, 'Short-lived')
  const its = await register(house, boss, receiver.url('/short'), { organization_id: short })
  const theirs = await register(house, root, receiver.url('/of-root'))

  await call('DELETE', 'auth/profile/', leaving, { password: leaving.password })
  await call('DELETE', `organizations/${short}/`, boss)
  await house.drain()

  const left = await house.house.db.selectFrom('webhook_endpoints').select('id').execute()
  const ids = left.map((row) => row.id)
  assert.deepEqual(
    [ids.includes(mine['id']), ids.includes(its['id']), ids.includes(theirs['id'])],
    [false, false, true],
  )
  assert.equal(typesAt('/platform').filter((type) => type === 'account.deleted').length, 2)
  assert.deepEqual(lastAt('/platform')['data'], { id: leaving.id })
})

test('What was sent a month ago is forgotten every night, what still waits is not', async () => {
  const busy = await house.person('provider')
  const endpoint = await register(house, busy, receiver.url('/old'))
  await ask('POST', `endpoints/${endpoint['id']}/test/`, busy, {})
  await house.drain()
  await ask('POST', `endpoints/${endpoint['id']}/test/`, busy, {})
  house.pass({ hours: 24 * 31 })

  await house.house.jobs.run('webhooks.clean')

  const rows = await house.house.db
    .selectFrom('webhook_deliveries')
    .where('endpoint_id', '=', endpoint['id'])
    .select('status')
    .execute()
  assert.deepEqual(rows, [{ status: 'pending' }])
})
