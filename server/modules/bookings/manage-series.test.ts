import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
await openHours(house, provider)
const service = await offer(house, provider)

let guests = 0
/** A series of four weeks for a guest; answers it with the token of the link in their mail. */
async function guestSeries(start: string): Promise<{ token: string; email: string; ids: number[] }> {
  const email = `guest.${++guests}@example.com`
  const json = { service, date: start, recurrence_rule: 'FREQ=WEEKLY;COUNT=4', guest: { name: 'Olena', email } }
  const made = await house.call('POST', '/api/v1/bookings/series/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  await house.drain()
  const [mail] = await house.mails(email)
  const token = /\/bookings\/manage\/\?series=([\w.]+)/.exec(mail?.text ?? '')?.[1]
  assert.ok(token, mail?.text ?? 'no mail')
  return { token, email, ids: made.body['data'].bookings.map((one: Json) => one['id']) }
}
const show = (token: string): Promise<Answer> => house.call('GET', `/api/v1/public/bookings/series/${token}/`)
const cancel = (token: string, json: Json = {}): Promise<Answer> =>
  house.call('POST', `/api/v1/public/bookings/series/${token}/cancel/`, { json })
const statuses = ({ body }: Answer): string[] => body['data'].bookings.map((one: Json) => one['status'])

test('a guest sees all of a series by one link, and moves one booking of it by the token that comes with it', async () => {
  const { token, ids } = await guestSeries('2026-01-14T09:00:00Z')

  const seen = await show(token)
  const { bookings, name, description, can_change } = seen.body['data']
  const moved = await house.call('POST', `/api/v1/public/bookings/${bookings[1].token}/reschedule/`, {
    json: { date: '2026-01-21T11:00:00Z' },
  })

  assert.equal(seen.status, 200, seen.text)
  assert.deepEqual([name, description, can_change], ['Olena', 'every week, 4 times', true])
  assert.deepEqual(
    bookings.map((one: Json) => one['id']),
    ids,
  )
  assert.equal(moved.status, 200, moved.text)
  assert.ok(!seen.text.includes('@example.com'))
})

test('a guest cancels one booking of a series, it and those after it, or all', async () => {
  const { token, ids, email } = await guestSeries('2026-01-15T09:00:00Z')

  const one = await cancel(token, { booking_id: ids[0] })
  const rest = await cancel(token, { booking_id: ids[2], scope: 'this_and_following', reason: 'We move' })
  const all = await cancel(token)
  const again = await cancel(token)
  await house.drain(true)

  assert.deepEqual(statuses(one), ['cancelled', 'confirmed', 'confirmed', 'confirmed'])
  assert.deepEqual(statuses(rest), ['cancelled', 'confirmed', 'cancelled', 'cancelled'])
  assert.deepEqual([statuses(all), all.body['data'].can_change], [Array(4).fill('cancelled'), false])
  assert.deepEqual([again.status, again.body['data']], [200, all.body['data']])
  const mails = await house.mails(email)
  assert.equal(mails.filter(({ subject }) => subject === 'Your bookings were cancelled').length, 2)
})

test('the link of a series opens that series alone, as long as it can matter', async () => {
  const [{ token, ids }, other] = [await guestSeries('2026-01-16T09:00:00Z'), await guestSeries('2026-01-16T11:00:00Z')]
  const single = await book(house, provider, service, '2026-01-17T09:00:00Z', { guest: { name: 'Ira' } })
  const [id, signature] = token.split('.') as [string, string]

  const forged = [
    await show(`${Number(id) + 1}.${signature}`),
    await show(`${id}.${'0'.repeat(64)}`),
    await show('series'),
    await house.call('GET', `/api/v1/public/bookings/${token}/`),
  ]
  const foreign = await cancel(token, { booking_id: other.ids[0] })
  const alone = await cancel(token, { booking_id: single.body['data'].id, scope: 'this_and_following' })
  const nameless = await cancel(token, { scope: 'this' })
  house.pass({ days: 26 + 29 })
  const late = await show(token)
  house.pass({ days: 2 })
  const tooLate = await show(token)

  assert.ok(forged.every(({ status }) => status === 404))
  assert.deepEqual([foreign.status, alone.status, nameless.status], [400, 400, 400])
  assert.deepEqual([late.status, tooLate.status, ids.length], [200, 404, 4])
})
