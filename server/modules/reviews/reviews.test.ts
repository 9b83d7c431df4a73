import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { openShop, pastBooking, review, ruleOf, summaryOf } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider', { first_name: 'Iryna', last_name: 'Bondar' })
const customer = await house.person('customer', { first_name: 'Olena', last_name: 'Koval' })
const other = await house.person('customer', { first_name: 'Marko', last_name: 'Lys' })
const stranger = await house.person('provider')
const service = await openShop(house, provider)
await house.drain()

const own = (who: { token: string }, more = '') => house.call('GET', `/api/v1/reviews/${more}`, { token: who.token })
const publicOf = (more = '') => house.call('GET', `/api/v1/public/providers/${provider.id}/reviews/${more}`)

test('the customer of a completed booking reviews it, and everybody reads it without the last name', async () => {
  const booking = await pastBooking(house, customer, service, '2026-01-14T09:00:00Z')
  const before = await house.call('GET', `/api/v1/bookings/${booking}/`, { token: customer.token })

  const written = await review(house, customer, booking, { rating: 5, text: '  Calm hands.  ' })
  const shown = await publicOf()
  const after = await house.call('GET', `/api/v1/bookings/${booking}/`, { token: customer.token })

  assert.equal(written.status, 201, written.text)
  assert.deepEqual(written.body['data'].customer, { id: customer.id, name: 'Olena Koval' })
  const [first] = shown.body['data'].results
  assert.deepEqual(
    { ...first, id: 0, created_at: '' },
    {
      id: 0,
      rating: 5,
      text: 'Calm hands.',
      provider: { id: provider.id, name: 'Iryna Bondar' },
      service: { id: service, title: 'Massage' },
      answer: null,
      created_at: '',
      edited_at: null,
      author: { name: 'Olena K.', is_guest: false },
    },
  )
  assert.ok(!shown.text.includes('Koval') && !shown.text.includes('@'), shown.text)
  assert.deepEqual([before.body['data'].review, before.body['data'].can_review_until], [null, '2026-04-11T08:00:00Z'])
  assert.deepEqual(
    [after.body['data'].review, after.body['data'].can_review_until],
    [{ id: first.id, rating: 5 }, null],
  )
})

test('the rating is that of the reviews in the profile, the lists and the search, at once', async () => {
  const booking = await pastBooking(house, other, service, '2026-01-14T10:00:00Z')

  await review(house, other, booking, { rating: 2 })

  const profile = await house.call('GET', `/api/v1/public/providers/${provider.id}/`)
  assert.deepEqual([profile.body['data'].rating, profile.body['data'].review_count], [3.5, 2])
  assert.deepEqual(await summaryOf(house, `providers/${provider.id}`), {
    average: 3.5,
    count: 2,
    stars: { 1: 0, 2: 1, 3: 0, 4: 0, 5: 1 },
  })
  assert.equal((await summaryOf(house, `services/${service}`)).count, 2)
  const found = async (least: number) =>
    (await house.call('GET', `/api/v1/public/services/?rating=${least}`)).body['data'].count
  assert.deepEqual([await found(3.5), await found(3.6)], [1, 0])
})

test('reviews are filtered by rating, ordered, and paged with an exact count', async () => {
  const ratings = async (more: string): Promise<number[]> =>
    (await publicOf(more)).body['data'].results.map((row: { rating: number }) => row.rating)

  assert.deepEqual(await ratings(''), [2, 5])
  assert.deepEqual(await ratings('?ordering=created_at'), [5, 2])
  assert.deepEqual(await ratings('?ordering=-rating'), [5, 2])
  assert.deepEqual(await ratings('?ordering=rating'), [2, 5])
  assert.deepEqual(await ratings('?rating=5'), [5])
  const last = (await publicOf('?page_size=1&page=2')).body['data']
  assert.deepEqual([last.results.length, last.count, last.next], [1, 2, null])
  assert.equal((await publicOf('?page_size=1&page=3')).status, 404)
  assert.equal((await publicOf('?rating=3')).body['data'].count, 0)
  for (const page of ['providers/99999', `providers/${customer.id}`, 'services/99999'])
    assert.equal((await house.call('GET', `/api/v1/public/${page}/reviews/`)).status, 404, page)
})

test('a booking is reviewed once, only when it is completed, and not after ninety days', async () => {
  const again = await review(house, other, (await own(other)).body['data'].results[0].booking_id, { rating: 1 })
  const missed = await pastBooking(house, other, service, '2026-01-14T11:00:00Z', { status: 'no_show' })
  const standing = await pastBooking(house, other, service, '2026-01-14T12:00:00Z', { status: 'confirmed' })
  const old = await pastBooking(house, other, service, '2026-01-14T13:00:00Z', { daysAgo: 90 })
  const justInTime = await pastBooking(house, other, service, '2026-01-14T14:00:00Z', { daysAgo: 89.9 })

  const answers = []
  for (const booking of [missed, standing, old]) answers.push(await review(house, other, booking, { rating: 1 }))

  assert.deepEqual([again, ...answers].map(ruleOf), ['409 reviewed', '409 status', '409 status', '409 too_late'])
  assert.equal((await review(house, other, justInTime, { rating: 4 })).status, 201)
})

test('only its customer reviews a booking: neither its provider, nor a stranger, nor an administrator', async () => {
  const booking = await pastBooking(house, customer, service, '2026-01-14T15:00:00Z')
  const admin = await house.person('super_admin')

  const answers = []
  for (const who of [provider, stranger, other, admin, null])
    answers.push(await review(house, who, booking, { rating: 5 }))
  const wrong = []
  for (const json of [{ rating: 0 }, { rating: 6 }, { rating: 4.5 }, {}, { rating: '5' }])
    wrong.push((await review(house, customer, booking, json)).status)
  const long = await review(house, customer, booking, { rating: 5, text: 'a'.repeat(2001) })

  assert.deepEqual(
    answers.map(({ status }) => status),
    [403, 404, 404, 404, 401],
  )
  assert.deepEqual([...wrong, long.status], [400, 400, 400, 400, 400, 400])
})

test('its author changes a review for thirty days by what was seen last, and deletes it for good', async () => {
  const booking = await pastBooking(house, customer, service, '2026-01-14T16:00:00Z')
  const { id } = (await review(house, customer, booking, { rating: 1, text: 'Late' })).body['data']
  const seen = await own(customer, `${id}/`)
  const put = (who: { token: string }, json: object, etag?: string) =>
    house.call('PUT', `/api/v1/reviews/${id}/`, {
      token: who.token,
      json,
      ...(etag ? { headers: { 'if-match': etag } } : {}),
    })
  const before = await summaryOf(house, `providers/${provider.id}`)

  const changed = await put(customer, { rating: 3 }, seen.headers['etag'])
  const stale = await put(customer, { rating: 2 }, seen.headers['etag'])
  const byOthers = [await put(provider, { rating: 5 }), await put(stranger, { rating: 5 })]
  const after = await summaryOf(house, `providers/${provider.id}`)

  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual([changed.body['data'].rating, changed.body['data'].text], [3, 'Late'])
  assert.notEqual(changed.body['data'].edited_at, null)
  assert.deepEqual([stale.status, ...byOthers.map(({ status }) => status)], [412, 403, 404])
  assert.deepEqual(
    [after.count - before.count, after.stars[3] - before.stars[3], after.stars[1]],
    [0, 1, before.stars[1] - 1],
  )

  const remove = (who: { token: string }) => house.call('DELETE', `/api/v1/reviews/${id}/`, { token: who.token })
  const removed = [await remove(provider), await remove(stranger), await remove(customer), await remove(customer)]
  const again = await review(house, customer, booking, { rating: 5 })
  const shown = await house.call('GET', `/api/v1/bookings/${booking}/`, { token: customer.token })

  assert.deepEqual(
    removed.map(({ status }) => status),
    [403, 404, 200, 404],
  )
  assert.equal(ruleOf(again), '409 reviewed')
  assert.deepEqual([shown.body['data'].review, shown.body['data'].can_review_until], [null, null])
  assert.equal((await summaryOf(house, `providers/${provider.id}`)).count, before.count - 1)
})

test('own lists are by role: what one wrote, what was written of one, and nothing of others', async () => {
  const idsOf = async (who: { token: string }, more = ''): Promise<number> => (await own(who, more)).body['data'].count
  const management = await house.person('management')
  const admin = await house.person('super_admin')

  assert.equal(await idsOf(customer), 1)
  assert.equal(await idsOf(customer, '?role=provider'), 0)
  assert.equal(await idsOf(provider, '?role=provider'), 3)
  assert.equal(await idsOf(provider, '?rating=4&answered=false&hidden=false'), 1)
  assert.equal(await idsOf(provider, '?answered=true'), 0)
  assert.equal(await idsOf(stranger), 0)
  assert.equal(await idsOf(stranger, `?provider_id=${provider.id}`), 0)
  assert.equal(await idsOf(admin, `?provider_id=${provider.id}`), 3)
  assert.equal((await own(management)).status, 403)
  const { id } = (await own(customer)).body['data'].results[0]
  const seen = []
  for (const who of [customer, provider, admin, stranger, other, management])
    seen.push((await own(who, `${id}/`)).status)
  assert.deepEqual(seen, [200, 200, 200, 404, 404, 404])
})

test('a review can be changed no more after thirty days, only deleted', async () => {
  const { id } = (await own(customer)).body['data'].results[0]
  house.pass({ days: 30 })
  const signedIn = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: customer.email, password: customer.password },
  })
  const token = signedIn.body['data'].access

  const late = await house.call('PUT', `/api/v1/reviews/${id}/`, { token, json: { rating: 1 } })
  const removed = await house.call('DELETE', `/api/v1/reviews/${id}/`, { token })

  assert.equal(ruleOf(late), '409 too_late')
  assert.equal(removed.status, 200, removed.text)
})
