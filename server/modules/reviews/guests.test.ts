import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveToPast } from '../../../test/past.ts'
import { openHouse, type Answer } from '../../../test/support.ts'
import { openShop, ruleOf, summaryOf, type Json } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
const service = await openShop(house, provider)
await house.drain()

let hour = 8
async function guestBooking(email: string, daysAgo = 1, status = 'completed'): Promise<{ id: number; token: string }> {
  const date = `2026-01-14T${String(++hour).padStart(2, '0')}:00:00Z`
  const booked = await house.call('POST', '/api/v1/bookings/', {
    token: provider.token,
    json: { service, date, guest: { name: 'Olena Koval', email } },
  })
  assert.equal(booked.status, 201, booked.text)
  await house.drain()
  const { id } = booked.body['data']
  const mails = await house.mails(email)
  const token = mails.map(({ text }) => /bookings\/manage\/\?token=([\w.]+)/.exec(text)?.[1]).find(Boolean)
  assert.ok(token)
  await moveToPast(house, id, status, daysAgo)
  return { id, token }
}
const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', token: string, json?: Json): Promise<Answer> =>
  house.call(method, `/api/v1/public/bookings/${token}/review/`, json ? { json } : {})

test('a guest reviews, changes and deletes by the link of the booking', async () => {
  const { id, token } = await guestBooking('one@example.com')
  const shown = await house.call('GET', `/api/v1/public/bookings/${token}/`)

  const none = await call('GET', token)
  const written = await call('POST', token, { rating: 4, text: 'Good' })
  const again = await call('POST', token, { rating: 5 })
  const changed = await call('PUT', token, { rating: 5 })
  const listed = await house.call('GET', `/api/v1/public/services/${service}/reviews/`)

  assert.equal(shown.body['data'].can_review_until, '2026-02-10T08:00:00Z')
  assert.equal(none.status, 404)
  assert.equal(written.status, 201, written.text)
  assert.deepEqual([written.body['data'].customer, written.body['data'].guest_name], [null, 'Olena Koval'])
  assert.equal(ruleOf(again), '409 reviewed')
  assert.deepEqual([changed.status, changed.body['data'].rating], [200, 5])
  assert.deepEqual(listed.body['data'].results[0].author, { name: 'Olena K.', is_guest: true })
  assert.equal((await call('GET', token)).body['data'].booking_id, id)
  assert.equal((await call('DELETE', token)).status, 200)
  assert.equal((await call('GET', token)).status, 404)
  assert.equal(ruleOf(await call('POST', token, { rating: 5 })), '409 reviewed')
  assert.equal((await summaryOf(house, `providers/${provider.id}`)).count, 0)
})

test('a link that is forged, old, or of another booking reviews nothing', async () => {
  const { token } = await guestBooking('two@example.com')
  const { token: old } = await guestBooking('three@example.com', 30)
  const { token: standing } = await guestBooking('four@example.com', 1, 'confirmed')
  const [id = '', signature = ''] = token.split('.')
  const forged = `${Number(id) + 1}.${signature}`

  const answers = [await call('POST', forged, { rating: 1 }), await call('POST', old, { rating: 1 })]
  const early = await call('POST', standing, { rating: 1 })

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 404],
  )
  assert.equal(ruleOf(early), '409 status')
})

test('a provider who books a guest with their own address gets no review out of it', async () => {
  const { token } = await guestBooking(provider.email)

  assert.equal((await call('POST', token, { rating: 5 })).status, 403)
})

test('the pages of the mails about reviews come in the reader’s language and load nothing from elsewhere', async () => {
  for (const path of ['/reviews/write/?token=1.a', '/reviews/7/']) {
    const page = await house.call('GET', path, { headers: { 'accept-language': 'uk' } })

    assert.equal(page.status, 200, path)
    assert.match(page.text, /lang="uk"/)
    assert.match(page.headers['content-security-policy'] ?? '', /default-src 'none'/)
    assert.ok(!/https?:\/\//.test(page.text), path)
  }
  assert.equal((await house.call('GET', '/reviews/page.js')).status, 200)
})
