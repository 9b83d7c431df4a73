import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Person } from '../../../test/support.ts'
import { exportOf, inviteLater } from './index.ts'
import { kindsOf, openShop, pastBooking, review, ruleOf, summaryOf, type Json } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider', { first_name: 'Iryna', last_name: 'Bondar' })
const customer = await house.person('customer', { first_name: 'Olena', last_name: 'Koval' })
const service = await openShop(house, provider)
await house.drain()

const invitationsOf = async (person: Person): Promise<number> =>
  (await kindsOf(house, person)).filter((kind) => kind === 'review_invitation').length
const mailsOf = async (to: string) => (await house.mails(to)).filter(({ text }) => text.includes('/reviews/write/'))
/** What happens when a booking is completed, heard twice, as events may be. */
async function complete(id: number): Promise<void> {
  for (let i = 0; i < 2; i++) await inviteLater(house.ctx(), { booking_id: id })
  await house.drain(true)
}

test('a customer is invited once, some hours after the booking is completed', async () => {
  const booked = await house.call('POST', '/api/v1/bookings/', {
    token: customer.token,
    json: { service, date: '2026-01-13T09:00:00Z' },
  })
  await house.drain()
  house.pass({ days: 2, hours: 3 })
  await house.house.jobs.run('bookings.complete')
  await house.drain()
  const signedIn = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: customer.email, password: customer.password },
  })
  customer.token = signedIn.body['data'].access
  await complete(booked.body['data'].id)

  assert.deepEqual([await invitationsOf(customer), (await mailsOf(customer.email)).length], [1, 1])
  const [mail] = await mailsOf(customer.email)
  assert.match(mail!.text, /Massage with Iryna Bondar/)
  assert.match(mail!.text, new RegExp(`/reviews/write/\\?booking=${booked.body['data'].id}`))
})

test('the invitation waits for three hours from the completion', async () => {
  await inviteLater(house.ctx(), { booking_id: 1 })

  const { rows } = await sql<{ at: Temporal.Instant }>`
    SELECT start_after AS at FROM pgboss.job WHERE data->>'name' = 'reviews.invite' AND state = 'created'`.execute(
    house.house.db,
  )
  await house.drain(true)

  assert.deepEqual(
    rows.map(({ at }) => at.toString()),
    [house.ctx().now.add({ hours: 3 }).toString()],
  )
})

test('who has reviewed already, did not come, or wants no invitations is not invited', async () => {
  const before = await invitationsOf(customer)
  const reviewed = await pastBooking(house, customer, service, '2026-01-16T09:00:00Z')
  await review(house, customer, reviewed, { rating: 5 })
  const missed = await pastBooking(house, customer, service, '2026-01-16T10:00:00Z', { status: 'no_show' })
  const longAgo = await pastBooking(house, customer, service, '2026-01-16T11:00:00Z', { daysAgo: 14 })
  for (const id of [reviewed, missed, longAgo]) await complete(id)
  const quiet = await house.person('customer')
  const chosen = await house.call('PUT', '/api/v1/notifications/preferences/', {
    token: quiet.token,
    json: { topics: [{ topic: 'review_invitations', in_app: false, email: false }] },
  })
  await complete(await pastBooking(house, quiet, service, '2026-01-16T12:00:00Z'))

  assert.equal(chosen.status, 200, chosen.text)
  assert.deepEqual([await invitationsOf(customer), await invitationsOf(quiet)], [before, 0])
  assert.deepEqual(await mailsOf(quiet.email), [])
})

test('a guest is invited by mail, with the link of the booking, once', async () => {
  const signedIn = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: provider.email, password: provider.password },
  })
  provider.token = signedIn.body['data'].access
  const guest = { name: 'Ana', email: 'ana@example.com' }
  await complete(await pastBooking(house, provider, service, '2026-01-16T13:00:00Z', { guest }))

  const mails = await mailsOf(guest.email)

  assert.equal(mails.length, 1)
  const token: string | undefined = /write\/\?token=([\w.]+)/.exec(mails[0]!.text)?.[1]
  const written = await house.call('POST', `/api/v1/public/bookings/${token}/review/`, { json: { rating: 5 } })
  assert.equal(written.status, 201, written.text)
})

async function exported(userId: number): Promise<Json[]> {
  const rows: Json[] = []
  for await (const entry of exportOf(house.ctx(), userId))
    if ('rows' in entry && entry.name === 'reviews/reviews.json')
      for await (const row of entry.rows) rows.push(row as Json)
  return rows
}

test('an export has what one wrote and what was written of one, with no last names of others', async () => {
  const [own] = await exported(customer.id)
  const received = await exported(provider.id)

  assert.deepEqual([own?.['as_whom'], own?.['rating']], ['author', 5])
  assert.equal(received.length, 2)
  assert.ok(!JSON.stringify(received).includes('Koval'))
})

test('the reviews of an erased customer stay without a name; the answers of an erased provider go', async () => {
  const before = await summaryOf(house, `providers/${provider.id}`)
  const { results } = (await house.call('GET', '/api/v1/reviews/', { token: customer.token })).body['data']
  const answered = await house.call('POST', `/api/v1/reviews/${results[0].id}/answer/`, {
    token: provider.token,
    json: { text: 'Thank you, Olena' },
  })
  const late = await house.person('customer')
  const unreviewed = await pastBooking(house, late, service, '2026-01-16T14:00:00Z')

  const erased = await house.call('DELETE', '/api/v1/auth/profile/', {
    token: customer.token,
    json: { password: customer.password },
  })
  await house.drain()

  assert.equal(answered.status, 201, answered.text)
  assert.equal(erased.status, 200, erased.text)
  const listed = await house.call('GET', `/api/v1/public/providers/${provider.id}/reviews/`)
  const stayed = listed.body['data'].results.find((row: Json) => row['id'] === results[0].id)
  assert.deepEqual([stayed.author, stayed.rating], [{ name: null, is_guest: false }, 5])
  assert.deepEqual(await summaryOf(house, `providers/${provider.id}`), before)
  assert.deepEqual(await exported(customer.id), [])

  await house.call('DELETE', '/api/v1/auth/profile/', { token: provider.token, json: { password: provider.password } })
  await house.drain()
  const kept = await house.house.db.selectFrom('reviews').where('id', '=', results[0].id).selectAll().executeTakeFirst()
  assert.deepEqual([kept?.answer, kept?.rating], [null, 5])
  assert.equal((await house.call('GET', `/api/v1/public/providers/${provider.id}/reviews/`)).status, 404)
  assert.equal(ruleOf(await review(house, late, unreviewed, { rating: 1 })), '409 deleted')
})
