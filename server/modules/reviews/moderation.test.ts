import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { kindsOf, openShop, pastBooking, review, ruleOf, summaryOf, type Json } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer', { first_name: 'Olena', last_name: 'Koval' })
const reader = await house.person('customer')
const moderator = await house.person('super_admin')
const accountant = await house.person('accountant')
const service = await openShop(house, provider)
await house.drain()

let hour = 8
async function written(rating: number, text = 'You are all thieves'): Promise<number> {
  const date = `2026-01-14T${String(++hour).padStart(2, '0')}:00:00Z`
  const answer = await review(house, customer, await pastBooking(house, customer, service, date), { rating, text })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
const post = (who: Person, path: string, json: Json = {}) =>
  house.call('POST', `/api/v1/reviews/${path}`, { token: who.token, json })
const countOf = async (): Promise<number> => (await summaryOf(house, `providers/${provider.id}`)).count
const actions = async (): Promise<string[]> =>
  (
    await house.house.db
      .selectFrom('audit_log')
      .select('action')
      .where('action', 'like', 'reviews.%')
      .orderBy('id')
      .execute()
  ).map(({ action }) => action)

test('anybody signed in reports a review once, but not their own', async () => {
  const id = await written(1)

  const first = await post(provider, `${id}/report/`, { reason: 'Insults' })
  const second = await post(reader, `${id}/report/`, { reason: 'Insults' })
  const again = await post(reader, `${id}/report/`, { reason: 'Again' })
  const own = await post(customer, `${id}/report/`, { reason: 'Mine' })
  const unknown = await post(reader, '99999/report/', { reason: 'None' })
  const empty = await post(reader, `${id}/report/`, { reason: '' })

  assert.deepEqual(
    [first, second, again, own, unknown, empty].map(({ status }) => status),
    [201, 201, 409, 409, 404, 400],
  )
  assert.equal(first.body['data'].text, 'You are all thieves')
})

test('only a moderator reads reports, decides them, hides and restores', async () => {
  const id = await written(2)
  const refused = []
  for (const who of [provider, customer, reader, accountant]) {
    refused.push((await house.call('GET', '/api/v1/reviews/reports/', { token: who.token })).status)
    refused.push((await post(who, `${id}/hide/`, { reason: 'No' })).status)
    refused.push((await post(who, `${id}/restore/`)).status)
    refused.push((await post(who, 'reports/1/decide/', { status: 'dismissed' })).status)
  }

  assert.deepEqual([...new Set(refused)], [403])
})

test('a hidden review is on no page and in no rating, its author is told why and cannot change it; restored it counts again', async () => {
  const id = await written(5)
  const before = await countOf()

  const hidden = await post(moderator, `${id}/hide/`, { reason: 'Insults' })
  const twice = await post(moderator, `${id}/hide/`, { reason: 'Insults' })
  await house.drain()
  const during = await countOf()
  const listed = await house.call('GET', `/api/v1/public/providers/${provider.id}/reviews/?rating=5`)
  const seen = await house.call('GET', `/api/v1/reviews/${id}/`, { token: customer.token })
  const change = await house.call('PUT', `/api/v1/reviews/${id}/`, { token: customer.token, json: { rating: 4 } })
  const remove = await house.call('DELETE', `/api/v1/reviews/${id}/`, { token: customer.token })
  const answered = await post(provider, `${id}/answer/`, { text: 'Oh' })
  const reported = await post(reader, `${id}/report/`, { reason: 'Hm' })
  const restored = await post(moderator, `${id}/restore/`)
  const again = await post(moderator, `${id}/restore/`)

  assert.equal(hidden.status, 200, hidden.text)
  assert.deepEqual([hidden.body['data'].is_hidden, hidden.body['data'].hidden_reason], [true, 'Insults'])
  assert.deepEqual([during, listed.body['data'].count], [before - 1, 0])
  assert.deepEqual([seen.status, seen.body['data'].is_hidden], [200, true])
  assert.deepEqual([twice, change, remove, answered].map(ruleOf), Array(4).fill('409 hidden'))
  assert.equal(reported.status, 404)
  assert.ok((await kindsOf(house, customer)).includes('review_hidden'))
  assert.deepEqual([restored.status, await countOf(), ruleOf(again)], [200, before, '409 not_hidden'])
  assert.deepEqual(await actions(), ['reviews.hide', 'reviews.restore'])
})

test('a report is decided once, and hides the review or deletes the answer with it', async () => {
  const id = await written(1)
  await post(provider, `${id}/answer/`, { text: 'You are the thief' })
  const report = (await post(customer, `${id}/report/`, { reason: 'Insults in the answer' })).body['data']
  const other = (await post(reader, `${id}/report/`, { reason: 'Both' })).body['data']
  const before = await countOf()

  const decided = await post(moderator, `reports/${report.id}/decide/`, { status: 'resolved', delete_answer: true })
  const twice = await post(moderator, `reports/${report.id}/decide/`, { status: 'dismissed' })
  const withoutAnswer = await house.call('GET', `/api/v1/reviews/${id}/`, { token: customer.token })
  const hidden = await post(moderator, `reports/${other.id}/decide/`, {
    status: 'resolved',
    note: 'Insults',
    hide: true,
  })
  const open = await house.call('GET', '/api/v1/reviews/reports/?status=open', { token: moderator.token })

  assert.equal(decided.status, 200, decided.text)
  assert.equal(decided.body['data'].answer, 'You are the thief')
  assert.deepEqual([twice.status, withoutAnswer.body['data'].answer], [409, null])
  assert.deepEqual([hidden.status, await countOf()], [200, before - 1])
  assert.equal(open.body['data'].count, 2)
  assert.deepEqual((await actions()).slice(2), [
    'reviews.decide_report',
    'reviews.delete_answer',
    'reviews.decide_report',
    'reviews.hide',
  ])
})

test('a moderator takes an abusive answer away, audited', async () => {
  const id = await written(3)
  await post(provider, `${id}/answer/`, { text: 'Fool' })

  const removed = await house.call('DELETE', `/api/v1/reviews/${id}/answer/`, { token: moderator.token })

  assert.deepEqual([removed.status, removed.body['data'].answer], [200, null])
  assert.equal((await actions()).at(-1), 'reviews.delete_answer')
})
