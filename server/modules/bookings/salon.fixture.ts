import assert from 'node:assert/strict'
import { join } from '../../../test/company.ts'
import type { Answer, House, Person } from '../../../test/support.ts'
import { openHours, type Json } from './support.fixture.ts'

/** A salon with an owner: masters are hired into it, and its services given by them. */
export async function openSalon(house: House) {
  const owner = await house.person('customer')
  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, who: Person, json?: Json): Promise<Answer> =>
    house.call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })
  const made = await ask('POST', 'organizations/', owner, { name: 'Lavender Spa', time_zone: 'UTC' })
  const organization_id: string = made.body['data'].id

  /** A provider with open hours who belongs to the salon. */
  async function hire(): Promise<Person> {
    const person = await house.person('provider')
    await join(house, organization_id, owner, 'employee', {}, person)
    await openHours(house, person)
    return person
  }

  async function offer(staff: readonly Person[], fields: Json = {}): Promise<number> {
    const json = { title: 'Massage', description: 'An hour', price: 40, payment: 'on_site', organization_id }
    const answer = await ask('POST', 'services/', owner, { ...json, staff: staff.map(({ id }) => id), ...fields })
    assert.equal(answer.status, 201, answer.text)
    return answer.body['data'].id
  }

  const end = (member: Person, by: Person = owner): Promise<Answer> =>
    ask('DELETE', `organizations/${organization_id}/members/${member.id}/`, by)
  const handOver = (member: Person, json: Json, by: Person = owner): Promise<Answer> =>
    ask('POST', 'bookings/hand-over/', by, { organization_id, provider_id: member.id, ...json })

  return { owner, organization_id, ask, hire, offer, end, handOver }
}
