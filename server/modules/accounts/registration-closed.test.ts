import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const { call } = await openHouse({ MANAGEMENT_REGISTRATION: 'closed' })

test('where MANAGEMENT_REGISTRATION is closed, managers are made by administrators only', async () => {
  const refused = await call('POST', '/api/v1/auth/register/management/', {
    json: {
      email: 'manager@example.com',
      password: 'password123',
      confirm_password: 'password123',
      first_name: 'Admin',
      last_name: 'Manager',
      phone: '(555) 123-4567',
    },
  })

  assert.equal(refused.status, 403)
  assert.equal(refused.body['error'].error_number, 'PERMISSION_DENIED')
})
