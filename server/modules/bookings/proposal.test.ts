import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider, { requires_approval: true })
const proposed = '2026-01-16T10:00:00Z'

const put = (id: number, who: Person, json: object): Promise<Answer> =>
  house.call('PUT', `/api/v1/bookings/${id}/`, { token: who.token, json })
const titles = async (who: Person): Promise<string[]> => {
  await house.drain(true)
  const { body } = await house.call('GET', '/api/v1/notifications/', { token: who.token })
  return body['data'].results.map((one: { title: string }) => one.title)
}

/** A booking that waits for approval, or has it, of which the provider proposes another time. */
async function proposal(date: string, { approved }: { approved: boolean }): Promise<number> {
  const { id } = (await book(house, customer, service, date)).body['data']
  if (approved)
    await house.call('POST', `/api/v1/bookings/status/${id}/`, { token: provider.token, json: { status: 'confirmed' } })
  const answer = await put(id, provider, { date: proposed })
  assert.equal(answer.body['data']?.proposed_date, proposed, answer.text)
  return id
}

test('what the provider proposes and the customer accepts needs no second approval, asked for or given before', async () => {
  for (const approved of [true, false]) {
    const id = await proposal('2026-01-14T10:00:00Z', { approved })

    const accepted = await put(id, customer, { date: proposed })

    const { status, expires_at, date, proposed_date } = accepted.body['data']
    assert.deepEqual(
      { status, expires_at, date, proposed_date },
      {
        status: 'confirmed',
        expires_at: null,
        date: proposed,
        proposed_date: null,
      },
    )
    assert.ok((await titles(customer)).includes('Your booking is confirmed'))
    await house.call('DELETE', `/api/v1/bookings/${id}/`, { token: customer.token })
  }
})

test('any other time than the one proposed needs approval again', async () => {
  const id = await proposal('2026-01-14T12:00:00Z', { approved: true })

  const elsewhere = await put(id, customer, { date: '2026-01-16T12:00:00Z' })
  const then = await put(id, customer, { date: proposed })

  assert.deepEqual([elsewhere.body['data'].status, then.body['data'].status], ['pending', 'pending'])
  await house.drain(true)
  const { body } = await house.call('GET', '/api/v1/notifications/', { token: customer.token })
  const [moved] = body['data'].results.filter((one: { kind: string }) => one.kind === 'booking_rescheduled')
  assert.match(moved.body, /January 16, .* instead of .*It is not confirmed yet\.$/)
})
