import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse()
const owner = await house.person('customer')
const founded = await house.call('POST', '/api/v1/organizations/', { token: owner.token, json: { name: 'Spa' } })
const organization_id: string = founded.body['data'].id
const master = await house.person('provider')
const membership = { organization_id, user_id: master.id, role: 'employee', joined_at: house.ctx().now }
await house.house.db.insertInto('memberships').values(membership).execute()
await openHours(house, master)
const customer = await house.person('customer')

test('a room that is booked is not archived, and of a booking and an archiving at once one wins', async () => {
  for (let hour = 9; hour < 17; hour++) {
    const room = { name: `Room ${hour}`, capacity: 2, organization_id }
    const { body } = await house.call('POST', '/api/v1/rooms/', { token: owner.token, json: room })
    const fields = { organization_id, staff: [master.id], room_ids: [body['data'].id] }
    const service = await offer(house, owner, fields)
    const date = `2026-01-14T${String(hour).padStart(2, '0')}:00:00Z`

    const [archived, booked] = await Promise.all([
      house.call('DELETE', `/api/v1/rooms/${body['data'].id}/`, { token: owner.token }),
      book(house, customer, service, date),
    ])

    if (booked.status === 201) assert.equal(archived.status, 409, archived.text)
    else {
      assert.equal(archived.status, 200, archived.text)
      assert.ok([400, 404, 409].includes(booked.status), booked.text)
    }
    if (booked.status === 201) {
      const [claim] = archived.body['error'].details
      assert.deepEqual([claim.rule, claim.params.kind, claim.params.from], ['taken', 'booking_session', date])
    }
  }
})
