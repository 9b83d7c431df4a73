import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { book, invite, openShop, work } from './support.fixture.ts'

const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.account, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const provider = await house.person('provider', { first_name: 'Olena' })
const customer = await house.person('customer', { first_name: 'John' })
const stranger = await house.person('provider')
await confirmEmail(provider, customer)
const service = await openShop(house, provider)

beforeEach(() => {
  Object.assign(google, { mood: null, loses: 0, pendingLooks: 0, forbids: { attendees: false, conferences: false } })
  google.calls.length = 0
})
async function confirmEmail(...people: Person[]): Promise<void> {
  const ids = people.map(({ id }) => id)
  const set = { email_confirmed_at: house.ctx().now }
  await house.house.db.updateTable('users').set(set).where('id', 'in', ids).execute()
}
const show = async (id: number) =>
  (await house.call('GET', `/api/v1/bookings/${id}/`, { token: customer.token })).body['data']
const eventOf = (id: number) =>
  google.standing('platform').find((one) => one['extendedProperties'].private.banister_booking === String(id))
const invitations = async (email: string, url: string) =>
  (await house.mails(email)).filter(({ text }) => text.includes(url)).length

test('A conference is made for a booking, the link stands on it, and both are mailed it in their language', async () => {
  await house.call('PUT', '/api/v1/auth/profile/update/', { token: customer.token, json: { locale: 'es' } })
  const id = await book(house, customer, service, '2026-01-13T09:00:00Z', { note: 'The left knee' })

  const answer = await invite(house, customer, id)
  await work(house)

  assert.equal(answer.status, 200, answer.text)
  const { meeting_url: url, invited, not_invited: missing } = answer.body['data']
  assert.match(url, /^https:\/\/meet\.google\.com\//)
  assert.deepEqual(
    invited.map((one: { user_id: number; side: string }) => [one.user_id, one.side]),
    [
      [customer.id, 'customer'],
      [provider.id, 'provider'],
    ],
  )
  assert.deepEqual(missing, [])
  assert.equal((await show(id)).meeting_url, url)
  const event = eventOf(id)!
  assert.deepEqual([event['start'].dateTime, event['end'].dateTime], ['2026-01-13T09:00:00Z', '2026-01-13T10:00:00Z'])
  assert.deepEqual(
    event['attendees'].map((one: { email: string }) => one.email).toSorted(),
    [customer.email, provider.email].toSorted(),
  )
  assert.equal(event['guestsCanSeeOtherGuests'], false)
  assert.equal(await invitations(provider.email, url), 1)
  const mail = (await house.mails(customer.email)).find(({ text }) => text.includes(url))
  assert.match(mail!.subject, /Google Meet/)
  assert.doesNotMatch(mail!.text, /takes place on/)
  assert.deepEqual(google.problems, [])
})

test('Asked twice, and by two at once, there is one conference and nobody is mailed twice', async () => {
  const id = await book(house, customer, service, '2026-01-13T10:00:00Z')

  const answers = await Promise.all([invite(house, customer, id), invite(house, provider, id)])
  const again = await invite(house, provider, id)
  await work(house)

  const urls = [...answers, again].map(({ status, body }) => [status, body['data']?.meeting_url])
  assert.equal(new Set(urls.map(String)).size, 1)
  assert.equal(urls[0]![0], 200)
  assert.equal(google.count('events.insert'), 1)
  assert.equal(await invitations(customer.email, String(urls[0]![1])), 1)
})

test('Only a confirmed e-mail is invited, who confirms it later is invited then, and the answer says who is not and why', async () => {
  const late = await house.person('customer')
  const id = await book(house, late, service, '2026-01-13T11:00:00Z')
  const guests = await book(house, provider, service, '2026-01-13T12:00:00Z', {
    guest: { name: 'Ann', email: 'ann@example.com' },
  })

  const before = await invite(house, provider, id)
  const guest = await invite(house, provider, guests)
  await work(house)
  const mailsBefore = await invitations(late.email, before.body['data'].meeting_url)
  await confirmEmail(late)
  const afterwards = await invite(house, provider, id)
  await work(house)

  assert.deepEqual(before.body['data'].not_invited, [
    {
      user_id: late.id,
      name: 'Jane Smith',
      side: 'customer',
      reason: 'email_not_confirmed',
      message: 'Their e-mail is not confirmed',
    },
  ])
  assert.equal(guest.body['data'].not_invited[0].reason, 'no_account')
  assert.equal(mailsBefore, 0)
  assert.equal(afterwards.body['data'].meeting_url, before.body['data'].meeting_url)
  assert.deepEqual(afterwards.body['data'].not_invited, [])
  assert.equal(await invitations(late.email, before.body['data'].meeting_url), 1)
  assert.equal(eventOf(id)!['attendees'].length, 2)
})

test('Strangers, other roles and masters of other houses are refused, and so is a booking that is over', async () => {
  const id = await book(house, customer, service, '2026-01-13T13:00:00Z')
  const manager = await house.person('management')
  const admin = await house.person('super_admin')
  const other = await house.person('customer')
  await house.call('POST', '/api/v1/organizations/', { token: other.token, json: { name: 'Elsewhere' } })

  const refused = await Promise.all([stranger, manager, other].map((person) => invite(house, person, id)))
  const unknown = await invite(house, customer, 999_999)
  const allowed = await invite(house, admin, id)
  await house.call('DELETE', `/api/v1/bookings/${id}/`, { token: customer.token, json: {} })
  const over = await invite(house, customer, id)
  await work(house)

  assert.deepEqual(
    [...refused, unknown].map(({ status }) => status),
    [404, 404, 404, 404],
  )
  assert.equal(allowed.status, 200, allowed.text)
  assert.equal(over.status, 409)
  const get = await house.call('GET', '/api/v1/bookings/google-meet-invitation/', { token: customer.token })
  assert.equal(get.status, 405)
})

test('Moving the booking moves the event and keeps the conference; cancelling it takes the event away', async () => {
  const id = await book(house, customer, service, '2026-01-13T14:00:00Z')
  const { meeting_url: url } = (await invite(house, customer, id)).body['data']
  await work(house)

  await house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json: { date: '2026-01-14T09:00:00Z' } })
  await work(house)
  const moved = eventOf(id)!
  await house.call('DELETE', `/api/v1/bookings/${id}/`, { token: customer.token, json: {} })
  await work(house)

  assert.equal(moved['start'].dateTime, '2026-01-14T09:00:00Z')
  assert.equal(moved['conferenceData'].link, url)
  assert.equal(eventOf(id), undefined)
  assert.equal(google.count('events.delete'), 1)
  assert.deepEqual(google.problems, [])
})

test('A process that dies in the middle, or an answer that is lost, leaves one conference, made by whoever comes next', async () => {
  const id = await book(house, customer, service, '2026-01-13T15:00:00Z')
  await work(house)
  google.loses = 1

  const broken = await invite(house, customer, id)
  house.pass({ minutes: 3 })
  await house.drain(true)

  assert.equal(broken.status, 503, broken.text)
  assert.ok(broken.headers['retry-after'])
  const { meeting_url: url } = await show(id)
  assert.equal(url, eventOf(id)!['hangoutLink'] ?? eventOf(id)!['conferenceData'].link)
  assert.equal(await invitations(customer.email, url), 1)
})

test('Who erases their account is a guest of no event any more, whichever side they were', async () => {
  const [seller, buyer] = [await house.person('provider'), await house.person('customer')]
  await confirmEmail(seller, buyer)
  const id = await book(house, buyer, await openShop(house, seller), '2026-01-12T12:00:00Z')
  await invite(house, buyer, id)
  await work(house)
  const before = JSON.stringify(google.standing('platform'))
  house.pass({ hours: 6 })

  for (const person of [seller, buyer])
    await house.call('DELETE', '/api/v1/auth/profile/', { token: person.token, json: { password: person.password } })
  await house.drain(true)

  const now = JSON.stringify(google.standing('platform'))
  for (const { email } of [seller, buyer]) {
    assert.ok(before.includes(email))
    assert.ok(!now.includes(email))
  }
})

test('A conference that Google takes its time for is waited for, and made later where it takes long', async () => {
  const id = await book(house, customer, service, '2026-01-15T09:00:00Z')
  const slow = await book(house, customer, service, '2026-01-15T10:00:00Z')
  google.pendingLooks = 2
  const soon = await invite(house, customer, id)
  google.pendingLooks = 9

  const late = await invite(house, customer, slow)
  google.pendingLooks = 0
  await house.drain(true)

  assert.equal(soon.status, 200, soon.text)
  assert.equal(late.status, 503)
  assert.match((await show(slow)).meeting_url, /^https:\/\/meet/)
})

test('A service account without delegation invites by our mails alone, and where Google makes no conference it is said so', async () => {
  const id = await book(house, customer, service, '2026-01-15T11:00:00Z')
  const none = await book(house, customer, service, '2026-01-15T12:00:00Z')
  google.forbids = { attendees: true, conferences: false }
  const invited = await invite(house, customer, id)
  google.forbids = { attendees: true, conferences: true }

  const refused = await invite(house, customer, none)
  await work(house)

  assert.equal(invited.status, 200, invited.text)
  assert.equal(await invitations(customer.email, invited.body['data'].meeting_url), 1)
  assert.equal(refused.status, 409, refused.text)
  assert.equal((await show(none)).meeting_url, null)
  assert.ok(eventOf(none), 'its event stands all the same')
})

test('Without Google settings there is no conference, and it is said so', async () => {
  const bare = await openHouse()
  const [seller, buyer] = [await bare.person('provider'), await bare.person('customer')]
  const id = await book(bare, buyer, await openShop(bare, seller), '2026-01-13T09:00:00Z')

  const answer = await invite(bare, buyer, id)

  assert.equal(answer.status, 503)
  assert.equal(answer.body['error'].error_number, 'SERVICE_UNAVAILABLE')
  assert.match(answer.body['error'].error_message, /Google Meet is not set up here/)
})
