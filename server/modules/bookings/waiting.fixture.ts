import assert from 'node:assert/strict'
import { openHouse, type Answer, type House, type Person } from '../../../test/support.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

export const root = '/api/v1/waiting-list/'

/** A house with a provider who works from nine to five and gives massages, somebody who has booked, and people who wait. */
export async function openWaitingList() {
  const house: House = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
  const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
  const holder = await house.person('customer')
  await openHours(house, provider)
  const service = await offer(house, provider, { title: 'Massage' })

  const wait = (person: Person, from: string, to: string, more: Json = {}): Promise<Answer> =>
    house.call('POST', root, { token: person.token, json: { service, from, to, ...more } })
  /** Somebody who waits. */
  const waits = async (from: string, to: string, more: Json = {}): Promise<Person> => {
    const person = await house.person('customer')
    const made = await wait(person, from, to, more)
    assert.equal(made.status, 201, made.text)
    return person
  }
  /** The starts that somebody was told of. */
  const offers = async ({ id }: Person): Promise<string[]> => {
    await house.drain()
    const rows = await house.house.db
      .selectFrom('notifications')
      .where('user_id', '=', id)
      .where('kind', '=', 'waiting_list_offer')
      .select('params')
      .orderBy('id')
      .execute()
    return rows.map(({ params }) => (params as { at: string }).at)
  }
  const booked = async (date: string, which = service, person = holder, seats = 1): Promise<number> => {
    const answer = await book(house, person, which, date, { seats })
    assert.equal(answer.status, 201, answer.text)
    return answer.body['data'].id
  }
  const cancel = async (id: number, { token }: Person = holder): Promise<void> => {
    const answer = await house.call('DELETE', `/api/v1/bookings/${id}/`, { token })
    assert.equal(answer.status, 200, answer.text)
  }
  const due = (): Promise<void> => house.house.jobs.run('bookings.offer')
  return { house, provider, holder, service, wait, waits, offers, booked, cancel, due }
}
