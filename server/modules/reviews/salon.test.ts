import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { join, kindsOf, openAllDay, openSalon, pastBooking, review, ruleOf, summaryOf } from './support.fixture.ts'

const house = await openHouse()
const owner = await house.person('customer', { first_name: 'Oksana', last_name: 'Lavender' })
const salon = await openSalon(house, owner, 'Lavender Spa', 'lavender')
const masters: Person[] = []
for (let i = 0; i < 2; i++) {
  const master = await house.person('provider')
  await join(house, owner, salon, master)
  await openAllDay(house, master)
  masters.push(master)
}
const [served, colleague] = masters as [Person, Person]
const otherOwner = await house.person('customer')
await openSalon(house, otherOwner, 'Mint', 'mint')
const customer = await house.person('customer', { first_name: 'Olena', last_name: 'Koval' })
const made = await house.call('POST', '/api/v1/services/', {
  token: owner.token,
  json: {
    title: 'Massage',
    description: 'An hour',
    price: 40,
    organization_id: salon,
    staff: masters.map(({ id }) => id),
  },
})
const service: number = made.body['data'].id
await house.drain()

let hour = 8
const bookingWith = (buyer: Person, master: Person): Promise<number> =>
  pastBooking(house, buyer, service, `2026-01-14T${String(++hour).padStart(2, '0')}:00:00Z`, { provider_id: master.id })
const answer = (who: Person, id: number, method: 'POST' | 'PUT' | 'DELETE' | 'GET', text?: string) =>
  house.call(method, `/api/v1/reviews/${id}/answer/`, {
    token: who.token,
    ...(text === undefined ? {} : { json: { text } }),
  })
const listOf = (who: Person) => house.call('GET', `/api/v1/reviews/?organization_id=${salon}`, { token: who.token })

test('a salon’s review rates the master who served, the service and the salon', async () => {
  const first = await review(house, customer, await bookingWith(customer, served), { rating: 5 })
  const second = await review(house, customer, await bookingWith(customer, colleague), { rating: 2 })

  const ratings = []
  for (const { id } of masters) ratings.push((await summaryOf(house, `providers/${id}`)).average)
  assert.deepEqual([first.status, second.status], [201, 201])
  assert.deepEqual(ratings, [5, 2])
  assert.equal((await summaryOf(house, `services/${service}`)).average, 3.5)
  assert.deepEqual(await summaryOf(house, `organizations/${salon}`), {
    average: 3.5,
    count: 2,
    stars: { 1: 0, 2: 1, 3: 0, 4: 0, 5: 1 },
  })
  const page = (await house.call('GET', '/api/v1/public/pages/lavender/')).body['data']
  assert.deepEqual([page.organization.rating, page.organization.review_count], [3.5, 2])
  const listed = await house.call('GET', `/api/v1/public/organizations/${salon}/reviews/`)
  assert.equal(listed.body['data'].count, 2)
  const found = await house.call('GET', '/api/v1/public/services/?rating=3.5')
  assert.equal(found.body['data'].count, 1)
})

test('the master who served answers, once; a colleague, another salon and the customer do not', async () => {
  const { id } = (await review(house, customer, await bookingWith(customer, served), { rating: 3 })).body['data']
  const stranger = await house.person('provider')

  const refused = []
  for (const who of [colleague, otherOwner, stranger, customer])
    refused.push((await answer(who, id, 'POST', 'Thank you')).status)
  const none = [
    await answer(served, id, 'GET'),
    await answer(served, id, 'PUT', 'Hello'),
    await answer(served, id, 'DELETE'),
  ]
  const answered = await answer(served, id, 'POST', '  Thank you!  ')
  const again = await answer(owner, id, 'POST', 'Thanks')

  assert.deepEqual(refused, [404, 404, 404, 403])
  assert.deepEqual(
    none.map(({ status }) => status),
    [404, 404, 404],
  )
  assert.equal(answered.status, 201, answered.text)
  assert.equal(answered.body['data'].answer.text, 'Thank you!')
  assert.equal(ruleOf(again), '409 answered')
  assert.equal((await answer(served, id, 'POST', ' ')).status, 409)
})

test('an answered review stays as it is, until the answer is taken back', async () => {
  const { results } = (await house.call('GET', '/api/v1/reviews/?answered=true', { token: customer.token })).body[
    'data'
  ]
  const [{ id }] = results
  const change = () => house.call('PUT', `/api/v1/reviews/${id}/`, { token: customer.token, json: { rating: 4 } })

  const locked = await change()
  const reworded = await answer(owner, id, 'PUT', 'Thank you, come again!')
  const byCustomer = await answer(customer, id, 'DELETE')
  const byColleague = await answer(colleague, id, 'DELETE')
  const shown = await house.call('GET', `/api/v1/public/services/${service}/reviews/`)
  const takenBack = await answer(owner, id, 'DELETE')
  const changed = await change()

  assert.equal(ruleOf(locked), '409 answered')
  assert.equal(reworded.status, 200, reworded.text)
  assert.notEqual(reworded.body['data'].answer.edited_at, null)
  assert.deepEqual([byCustomer.status, byColleague.status], [403, 404])
  assert.equal(shown.body['data'].results[0].answer.text, 'Thank you, come again!')
  assert.deepEqual([takenBack.status, takenBack.body['data'].answer], [200, null])
  assert.equal(changed.status, 200, changed.text)
})

test('an admin reads and answers the reviews of the salon; members who are none, and other salons, do not', async () => {
  const seen = [await listOf(owner), await listOf(colleague), await listOf(otherOwner), await listOf(customer)]

  assert.deepEqual(
    seen.map(({ status }) => status),
    [200, 403, 404, 404],
  )
  assert.equal(seen[0]!.body['data'].count, 3)
  const { id } = seen[0]!.body['data'].results[0]
  assert.equal((await answer(owner, id, 'POST', 'From all of us: thank you')).status, 201)
})

test('nobody reviews what their own salon has sold, not as its master, its admin or a member', async () => {
  const desk = await house.person('customer')
  const booking = await bookingWith(desk, served)
  await join(house, owner, salon, desk)

  const byMember = await review(house, desk, booking, { rating: 5 })
  const byMaster = await review(house, served, booking, { rating: 5 })
  const byOwner = await review(house, owner, booking, { rating: 5 })
  const byOtherOwner = await review(house, otherOwner, booking, { rating: 5 })

  assert.deepEqual(
    [byMember, byMaster, byOwner, byOtherOwner].map(({ status }) => status),
    [403, 403, 403, 404],
  )
})

test('the master and the admins hear of a review, its author of the answer, each by their settings', async () => {
  await house.drain()

  assert.ok((await kindsOf(house, served)).includes('review_received'))
  assert.ok((await kindsOf(house, owner)).includes('review_received'))
  assert.ok((await kindsOf(house, customer)).includes('review_answered'))
  assert.ok(!(await kindsOf(house, otherOwner)).some((kind) => kind.startsWith('review')))
  const [mail] = (await house.mails(served.email)).filter(({ subject }) => subject.includes('review'))
  assert.match(mail?.text ?? '', /Olena K\. reviewed Massage: \d of 5/)
  assert.match(mail?.text ?? '', /\/reviews\/\d+\//)
  assert.ok(!mail!.text.includes('Koval'))
})

test('a master who has left the salon neither answers in its name nor takes an answer back', async () => {
  const leaver = await house.person('provider')
  await join(house, owner, salon, leaver)
  await openAllDay(house, leaver)
  const staff = [...masters.map(({ id }) => id), leaver.id]
  await house.call('PUT', `/api/v1/services/${service}/`, { token: owner.token, json: { staff } })
  const open = (await review(house, customer, await bookingWith(customer, leaver), { rating: 1 })).body['data'].id
  const told = (await review(house, customer, await bookingWith(customer, leaver), { rating: 2 })).body['data'].id
  await answer(leaver, told, 'POST', 'Sorry')

  await house.call('DELETE', `/api/v1/organizations/${salon}/members/${leaver.id}/`, { token: owner.token })
  const refused = [
    await answer(leaver, open, 'POST', 'Never go there'),
    await answer(leaver, told, 'PUT', 'Never go there'),
    await answer(leaver, told, 'DELETE'),
  ]
  const bySalon = await answer(owner, told, 'DELETE')

  assert.deepEqual(
    refused.map(({ status }) => status),
    [403, 403, 403],
  )
  assert.equal(bySalon.status, 200, bySalon.text)
})
