import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { paymentSucceeded } from './service/paid.ts'
import { book, offer, openHours, slotsOf, starts } from './support.fixture.ts'

/** Free times that were listed within the minute are shown again only while nothing has changed: each of these changes is seen by the very next look. */

const house = await openHouse()
const customer = await house.person()
const date = '2026-01-15'
const at = (time: string): string => `${date}T${time}:00Z`

/** A provider with a service whose free times have been looked at, and kept. */
async function looked(fields: object = {}) {
  const provider = await house.person('provider')
  await openHours(house, provider)
  const service = await offer(house, provider, fields)
  const before = starts(await slotsOf(house, service, date))
  assert.deepEqual(starts(await slotsOf(house, service, date)), before)
  return { provider, service, before, now: async () => starts(await slotsOf(house, service, date)) }
}

test('a booking takes its time from the next look, and gives it back when it is cancelled', async () => {
  const { service, before, now } = await looked()

  const made = await book(house, customer, service, at('10:00'))
  const taken = await now()
  await house.call('DELETE', `/api/v1/bookings/${made.body['data'].id}/`, { token: customer.token })

  assert.deepEqual(
    taken,
    before.filter((start) => ![at('09:30'), at('10:00'), at('10:30')].includes(start)),
  )
  assert.deepEqual(await now(), before)
})

test('a booking through another process is seen by the next look of this one', async (t) => {
  const { service, now } = await looked()
  const beside = await nodeBeside(house, t)

  const made = await beside.call('POST', '/api/v1/bookings/', {
    token: customer.token,
    json: { service, date: at('12:00') },
  })

  assert.equal(made.status, 201, made.text)
  assert.ok(!(await now()).includes(at('12:00')))
})

test('a hold that runs out frees its time at that very moment, also within the minute of the last look', async () => {
  const { service, before, now } = await looked({ payment: 'online' })
  assert.equal((await book(house, customer, service, at('10:00'))).status, 201)

  house.pass({ minutes: 29, seconds: 30 })
  const held = await now()
  house.pass({ seconds: 29, milliseconds: 999 })
  const stillHeld = await now()
  house.pass({ milliseconds: 1 })
  const free = await now()

  assert.ok(!held.includes(at('10:00')) && !stillHeld.includes(at('10:00')))
  assert.deepEqual(free, before)
})

test('hours, time off and the service itself change what the next look shows', async () => {
  const { provider, service, before, now } = await looked()
  const change = (method: 'POST' | 'PUT', path: string, json: object) =>
    house.call(method, path, { token: provider.token, json })

  await change('POST', '/api/v1/schedules/', {
    kind: 'time_off',
    starts_at: `${date}T09:00`,
    ends_at: `${date}T12:00`,
    reason: '',
  })
  const afternoon = await now()
  await change('PUT', `/api/v1/services/${service}/`, { slot_step_minutes: 60 })
  const hourly = await now()
  await change('PUT', `/api/v1/services/${service}/`, { is_active: false })
  const stranger = await house.call('GET', `/api/v1/services/${service}/slots/?from=${date}&to=${date}&time_zone=UTC`)

  assert.deepEqual(
    afternoon,
    before.filter((start) => start >= at('12:00')),
  )
  assert.deepEqual(
    hourly,
    afternoon.filter((start) => start.endsWith(':00:00Z')),
  )
  assert.equal(stranger.status, 404)
})

test('what only those who run a service see is kept for nobody', async () => {
  const provider = await house.person('provider')
  await openHours(house, provider)
  const service = await offer(house, provider, { is_active: false })
  const path = `/api/v1/services/${service}/slots/?from=${date}&to=${date}&time_zone=UTC`

  const own = await house.call('GET', path, { token: provider.token })
  const strangers = await house.call('GET', path)

  assert.deepEqual([own.status, strangers.status], [200, 404])
})

test('why times are refused is told to those who run the service; whoever shows no token that holds is asked for one', async () => {
  const { provider, service } = await looked()
  const rival = await house.person('provider')
  const ask = (token?: string) =>
    house.call('GET', `/api/v1/services/${service}/slots/?from=${date}&to=${date}&explain=true`, { token })

  const [own, ...others] = await Promise.all([provider.token, rival.token, undefined, 'forged'].map(ask))

  assert.equal(own!.status, 200)
  assert.deepEqual(
    others.map(({ body }) => body['error'].error_number),
    ['PERMISSION_DENIED', 'TOKEN_MISSING', 'AUTHENTICATION_FAILED'],
  )
})

test('what has begun is not free any more in the minute after', async () => {
  const { service } = await looked()
  const today = async (): Promise<string[]> => starts(await slotsOf(house, service, '2026-01-12'))

  const before = await today()
  house.pass({ hours: 2 })
  const after = await today()

  assert.deepEqual([before[0], after[0]], ['2026-01-12T09:00:00Z', '2026-01-12T10:30:00Z'])
})

test('each page, zone and number of seats is a question of its own', async () => {
  const { service, before } = await looked()
  const ask = async (query: string) =>
    (await house.call('GET', `/api/v1/services/${service}/slots/?from=${date}&to=${date}${query}`)).body['data']

  const pages = [await ask('&time_zone=UTC&page_size=5'), await ask('&time_zone=UTC&page_size=5&page=2')]
  const kyiv = await ask('&time_zone=Europe/Kyiv')

  assert.deepEqual(
    pages.map(({ results, count }) => [starts(results), count]),
    [
      [before.slice(0, 5), before.length],
      [before.slice(5, 10), before.length],
    ],
  )
  assert.ok(kyiv.results[0].local.endsWith('+02:00'))
})

test('a payment that is heard while its hold runs out takes the time again from whoever saw it free', async () => {
  const { service, before, now } = await looked({ payment: 'online' })
  const made = await book(house, await house.person(), service, at('10:00'))
  const early = house.ctx()

  house.pass({ minutes: 30 })
  const free = await now()
  // It began in time, and has waited for the locks.
  await inTransaction(early, (tx) =>
    paymentSucceeded(tx, { source_kind: 'booking', source_id: made.body['data'].id as number }),
  )

  assert.deepEqual(free, before)
  assert.ok(!(await now()).includes(at('10:00')))
})
