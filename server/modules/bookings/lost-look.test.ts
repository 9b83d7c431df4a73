import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilSomebodyWaits } from '../../../test/meanwhile.ts'
import { openHouse } from '../../../test/support.ts'
import { openSalon } from './salon.fixture.ts'
import { book } from './support.fixture.ts'

const house = await openHouse()
const { hire, offer } = await openSalon(house)
const customer = await house.person('customer')

test('A look that the database breaks off before anything is booked is told as that, also under an Idempotency-Key', async (t) => {
  const service = await offer([await hire()])
  assert.equal((await book(house, customer, service, '2026-01-14T10:00:00Z')).status, 201)
  const other = await house.house.pool.connect()
  t.after(() => other.release())
  await other.query('BEGIN')
  await other.query('LOCK TABLE memberships')

  const asked = house.call('POST', '/api/v1/bookings/', {
    token: customer.token,
    json: { service, date: '2026-01-15T10:00:00Z' },
    headers: { 'idempotency-key': 'one' },
  })
  await untilSomebodyWaits(house)
  await other.query(
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  )
  const { status, text } = await asked
  await other.query('ROLLBACK')

  assert.equal(status, 503, text)
})
