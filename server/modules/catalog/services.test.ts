import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()
const massage = { title: 'Deep massage', description: 'An hour for the back', price: 100 }

test('A provider offers a service with title, description and price alone', async () => {
  const provider = await house.person('provider')

  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json: massage })

  assert.equal(made.status, 201, made.text)
  const { id, created_at, updated_at, provider: seller, staff, ...rest } = made.body['data']
  assert.ok(Number.isInteger(id))
  assert.equal(created_at, updated_at)
  assert.deepEqual([seller.id, seller.name, seller.rating], [provider.id, 'Jane Smith', null])
  assert.deepEqual(staff, [seller])
  assert.deepEqual(rest, {
    ...massage,
    currency: 'USD',
    duration_minutes: 60,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    capacity: 1,
    category: '',
    location_type: 'in_person',
    deposit: null,
    cancellation_policy: [],
    min_notice_minutes: 0,
    max_advance_days: null,
    slot_step_minutes: 30,
    requires_approval: false,
    payment: 'on_site',
    room_ids: [],
    photos: [],
    is_active: true,
    organization_id: null,
    organization: null,
  })
})
