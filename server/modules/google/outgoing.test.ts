import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { book, connect, invite, openShop, work, type Json } from './support.fixture.ts'

const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.oauth, ...google.account, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const [provider, colleague, customer] = [
  await house.person('provider'),
  await house.person('provider'),
  await house.person('customer', { first_name: 'John', last_name: 'Doe' }),
]
const service = await openShop(house, provider)
const approved = await openShop(house, colleague, { requires_approval: true })
await connect(house, google, provider, 'jane@gmail.example')

beforeEach(() => {
  Object.assign(google, { mood: null, tokenMood: null, loses: 0 })
  google.calls.length = 0
})
const of = (account: string, id: number): Json | undefined =>
  google.standing(account).find((one) => one['extendedProperties'].private.banister_booking === String(id))
const move = (id: number, date: string) =>
  house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json: { date } })
/** Whatever became of its jobs, the house finds by itself what it has left undone. */
const recover = async (): Promise<void> => {
  await house.house.jobs.run('google.repair')
  await work(house)
}
const cancel = (id: number) => house.call('DELETE', `/api/v1/bookings/${id}/`, { token: customer.token, json: {} })

test('A confirmed booking stands in the calendar of who gives it, is moved with it, and goes with it, each once', async () => {
  const id = await book(house, customer, service, '2026-01-13T09:00:00Z')
  await work(house)
  const made = of('jane@gmail.example', id)!
  await move(id, '2026-01-13T12:30:00Z')
  await work(house)
  const moved = of('jane@gmail.example', id)!
  await cancel(id)
  await work(house)

  assert.equal(made['summary'], 'Massage: John Doe')
  assert.equal(made['start'].dateTime, '2026-01-13T09:00:00Z')
  assert.equal(made['attendees'], undefined, 'nobody is invited to what is no meeting')
  assert.equal(moved['start'].dateTime, '2026-01-13T12:30:00Z')
  assert.equal(of('jane@gmail.example', id), undefined)
  assert.deepEqual(google.calls, ['events.insert', 'events.patch', 'events.delete'])
  assert.deepEqual(google.problems, [])
})

test('What nobody has confirmed stands nowhere; who has connected nothing has it in the calendar of the platform', async () => {
  const id = await book(house, customer, approved, '2026-01-13T09:00:00Z')
  await work(house)
  const before = of('platform', id)

  const json = { status: 'confirmed' }
  const done = await house.call('POST', `/api/v1/bookings/status/${id}/`, { token: colleague.token, json })
  await work(house)

  assert.equal(done.status, 200, done.text)
  assert.equal(before, undefined)
  assert.ok(of('platform', id))
})

test('An hour without Google keeps nobody from booking, and afterwards everything is there once, as it is by then', async () => {
  google.mood = { status: 503 }
  const [kept, moved, gone] = [
    await book(house, customer, service, '2026-01-14T09:00:00Z'),
    await book(house, customer, service, '2026-01-14T10:00:00Z'),
    await book(house, customer, service, '2026-01-14T11:00:00Z'),
  ]
  await work(house)
  await move(moved, '2026-01-14T15:00:00Z')
  await cancel(gone)
  await work(house)
  house.pass({ minutes: 61 })
  google.mood = null

  await recover()

  assert.ok(of('jane@gmail.example', kept))
  assert.equal(of('jane@gmail.example', moved)!['start'].dateTime, '2026-01-14T15:00:00Z')
  assert.equal(of('jane@gmail.example', gone), undefined)
  assert.deepEqual(
    [google.calls.filter((one) => one === 'events.delete').length, google.problems],
    [0, []],
    'what was never there need not go',
  )
})

test('Limits, an answer that is lost and a silent Google end with one event each', async () => {
  google.mood = { status: 403, reason: 'rateLimitExceeded' }
  const limited = await book(house, customer, service, '2026-01-15T09:00:00Z')
  await work(house)
  google.mood = { status: 429, reason: 'rateLimitExceeded' }
  await work(house)
  google.mood = null
  google.loses = 1
  const lost = await book(house, customer, service, '2026-01-15T10:00:00Z')
  await work(house)
  house.pass({ minutes: 61 })

  await recover()

  for (const id of [limited, lost]) assert.ok(of('jane@gmail.example', id), String(id))
  assert.equal(
    google.standing('jane@gmail.example').length,
    new Set(google.standing('jane@gmail.example').map(({ id }) => id)).size,
  )
})

test('What stays undone, since its job was given up, is found again by the house itself', async () => {
  google.mood = { status: 404, reason: 'notFound' }
  const id = await book(house, customer, service, '2026-01-16T09:00:00Z')
  await work(house)
  google.mood = null
  await house.house.jobs.run('google.repair')
  await work(house)
  const early = of('jane@gmail.example', id)
  house.pass({ minutes: 61 })

  await house.house.jobs.run('google.repair')
  await work(house)

  assert.equal(early, undefined)
  assert.ok(of('jane@gmail.example', id))
})

test('What was confirmed before Google was set is written into the calendar of the platform', async () => {
  const id = await book(house, customer, service, '2026-01-16T15:00:00Z')
  await work(house)
  await house.house.db.deleteFrom('google_events').where('booking_id', '=', id).execute()
  google.calendar('jane@gmail.example').events.clear()

  await recover()

  assert.ok(of('jane@gmail.example', id))
})

test('A meeting whose link was sent stays where it was made when its provider connects their own calendar', async () => {
  const late = await house.person('provider')
  const id = await book(house, customer, await openShop(house, late), '2026-01-16T09:00:00Z')
  const first = (await invite(house, customer, id)).body['data'].meeting_url
  await connect(house, google, late, 'late@gmail.example')
  await work(house)
  await move(id, '2026-01-16T11:00:00Z')
  await work(house)

  const again = await invite(house, customer, id)

  assert.equal(again.body['data'].meeting_url, first)
  assert.equal(of('platform', id)!['start'].dateTime, '2026-01-16T11:00:00Z')
  assert.equal(of('late@gmail.example', id), undefined)
})

test('Two processes that write one booking at once make one event; what changes meanwhile is written afterwards', async () => {
  const id = await book(house, customer, service, '2026-01-16T12:00:00Z')
  await work(house)
  google.calls.length = 0
  await move(id, '2026-01-16T13:00:00Z')
  const { writeBooking } = await import('./service/write.ts')

  const ends = await Promise.all([1, 2, 3].map(() => writeBooking(house.ctx(), id, 5000)))
  await work(house)

  assert.deepEqual(ends, ['done', 'done', 'done'])
  assert.deepEqual(google.calls, ['events.patch'])
  assert.equal(of('jane@gmail.example', id)!['start'].dateTime, '2026-01-16T13:00:00Z')
})

test('Who erases their account has no name left in the calendars of those who served them', async () => {
  const erased = await house.person('customer', { first_name: 'Forget', last_name: 'Me' })
  const id = await book(house, erased, service, '2026-01-13T09:00:00Z')
  await work(house)
  house.pass({ hours: 23 })
  const before = of('jane@gmail.example', id)!['summary']

  const answer = await house.call('DELETE', '/api/v1/auth/profile/', {
    token: erased.token,
    json: { password: erased.password },
  })
  await house.drain(true)

  assert.equal(answer.status, 200, answer.text)
  assert.match(before, /Forget Me/)
  assert.doesNotMatch(JSON.stringify(google.standing('jane@gmail.example')), /Forget Me/)
})
