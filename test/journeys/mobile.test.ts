import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer } from '../support.ts'

// The salon's mobile client, by its seven endpoints as salon-backend-variants.ru.md prints them: without a slash at the end, and no other call from its side.

const house = await openHouse()
const call = (method: 'GET' | 'POST', path: string, json?: object, token?: string): Promise<Answer> =>
  house.call(method, `/api/v1/${path}`, {
    token,
    headers: { 'user-agent': 'Dart/3.4 (dart:io)', 'accept-language': 'ru' },
    ...(json ? { json } : {}),
  })
const owner = await house.person('customer')
const make = async (path: string, json: object, token = owner.token): Promise<Answer['body']> => {
  const answer = await house.call('POST', `/api/v1/${path}/`, { token, json })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data']
}
const organization_id: string = (await make('organizations', { name: 'Лаванда', time_zone: 'Europe/Kyiv' }))['id']
const room = (await make('rooms', { name: 'Тихая', capacity: 2, organization_id }))['id']
for (let weekday = 1; weekday <= 7; weekday++)
  await make('schedules', { kind: 'weekly', weekday, start_time: '09:00', end_time: '18:00', time_zone: 'Europe/Kyiv' })
const offer = { title: 'Массаж', description: 'Час покоя', price: 50, payment: 'on_site', room_ids: [room] }
const service: number = (await make('services', { ...offer, organization_id, staff: [owner.id] }))['id']
await house.drain()

test('A customer registers, signs in, confirms the e-mail, finds a service, books it and sees booking and profile', async () => {
  const email = 'anna@example.com'
  const account = { email, password: 'password123' }

  const registered = await call('POST', 'auth/register', { ...account, full_name: 'Анна Ковальчук' })
  const signedIn = await call('POST', 'auth/login', account)
  const { access } = signedIn.body['data']
  await house.drain()
  const [mail] = await house.mails(email)
  const code = /\b\d{6}\b/.exec(mail!.text)![0]
  const confirmed = await call('POST', 'auth/verify-email', { email, code })
  const services = await call('GET', 'services')
  const found = services.body['data'].results.find(({ id }: { id: number }) => id === service)
  const booked = await call('POST', 'bookings', { service: found.id, date: '2026-01-14T10:00:00+02:00' }, access)
  const bookings = await call('GET', 'bookings', undefined, access)
  const profile = await call('GET', 'profile', undefined, access)

  const answers = [registered, signedIn, confirmed, services, booked, bookings, profile]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 200, 200, 200, 201, 200, 200],
  )
  for (const { body, headers } of answers) {
    assert.equal(body['success'], true)
    assert.match(body['message'], /\p{Script=Cyrillic}/u)
    assert.match(headers['content-type']!, /^application\/json/)
  }
  assert.deepEqual([found.title, found.price, found.duration_minutes], ['Массаж', 50, 60])
  const [own] = bookings.body['data'].results
  assert.deepEqual(
    [bookings.body['data'].count, own.id, own.status, own.date, own.end],
    [1, booked.body['data'].id, 'confirmed', '2026-01-14T08:00:00Z', '2026-01-14T09:00:00Z'],
  )
  const { data } = profile.body
  assert.deepEqual([data.email, data.role, data.email_confirmed], [email, 'customer', true])
  assert.deepEqual([data.profile.first_name, data.profile.last_name], ['Анна', 'Ковальчук'])
})

test('What goes wrong is told in the client’s language, with a code that it can act on', async () => {
  const account = { email: 'boris@example.com', password: 'password123', full_name: 'Борис' }
  await call('POST', 'auth/register', account)
  const { access } = (await call('POST', 'auth/login', account)).body['data']

  const answers = [
    await call('POST', 'auth/register', account),
    await call('POST', 'auth/login', { ...account, password: 'password124' }),
    await call('POST', 'auth/verify-email', { email: account.email, code: '000000' }),
    await call('POST', 'bookings', { service, date: '2026-01-14T10:00:00+02:00' }, access),
    await call('POST', 'bookings', { service, date: '2026-01-14T12:00:00+02:00' }),
    await call('GET', 'profile'),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body['error'].error_number]),
    [
      [409, 'CONFLICT'],
      [401, 'AUTHENTICATION_FAILED'],
      [400, 'VALIDATION_ERROR'],
      [409, 'CONFLICT'],
      [401, 'TOKEN_MISSING'],
      [401, 'TOKEN_MISSING'],
    ],
  )
  for (const { body } of answers) assert.match(body['error'].error_message, /\p{Script=Cyrillic}/u)
})

test('A master in a meeting is not bookable then, and free before and after it', async () => {
  const calendar_id = (await make('calendars', { name: 'Work', color: '#336699' }))['id']
  await make('events', {
    title: 'Планёрка',
    calendar_id,
    start_time: '2026-01-15T10:00:00Z',
    end_time: '2026-01-15T11:00:00Z',
  })
  const account = { email: 'vera@example.com', password: 'password123', full_name: 'Вера' }
  await call('POST', 'auth/register', account)
  const { access } = (await call('POST', 'auth/login', account)).body['data']
  const book = (hour: number): Promise<Answer> =>
    call('POST', 'bookings', { service, date: `2026-01-15T${String(hour).padStart(2, '0')}:00:00Z` }, access)

  const answers = [await book(10), await book(9), await book(11)]

  assert.deepEqual(
    answers.map(({ status }) => status),
    [409, 201, 201],
  )
  assert.ok(!answers[0]!.text.includes('Планёрка'))
})
