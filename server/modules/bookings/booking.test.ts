import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours, slotsOf, starts } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer')
const other = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider)
const approved = await offer(house, provider, { title: 'By agreement', price: 0, requires_approval: true })
const root = '/api/v1/bookings/'
const day = '2026-01-14'

test('a customer books a slot that is listed, and then it is listed no more', async () => {
  const before = starts(await slotsOf(house, service, day))
  assert.ok(before.includes(`${day}T09:00:00Z`))

  const booked = await book(house, customer, service, `${day}T09:00:00Z`, { status: 'pending' })

  assert.equal(booked.status, 201, booked.text)
  assert.equal(booked.body['data'].status, 'confirmed')
  assert.equal(booked.body['data'].price, 50)
  assert.equal(booked.body['data'].end, `${day}T10:00:00Z`)
  const after = starts(await slotsOf(house, service, day))
  assert.deepEqual(
    before.filter((start) => !after.includes(start)),
    [`${day}T09:00:00Z`, `${day}T09:30:00Z`],
  )
})

test('a refusal names its rule: 409 where others have the time, 400 where it is a wrong one', async () => {
  const cases: [string, number, string, string][] = [
    [`${day}T09:00:00Z`, 409, 'D9', 'booked'],
    [`${day}T09:30:00Z`, 409, 'D9', 'booked'],
    [`${day}T03:00:00Z`, 400, 'D2', 'outside_hours'],
    [`${day}T11:10:00Z`, 400, 'D4', 'off_grid'],
    [`${day}T16:30:00Z`, 400, 'D8', 'too_long'],
    ['2026-01-11T09:00:00Z', 400, 'D6', 'past'],
    [`${day}T11:00:30Z`, 400, 'D4', 'off_grid'],
    [`${day}T11:00:00.000001Z`, 400, 'D4', 'off_grid'],
    [`${day}T11:00:00.000000001Z`, 400, 'D4', 'off_grid'],
  ]
  for (const [date, status, rule, code] of cases) {
    const refused = await book(house, other, service, date)
    assert.equal(refused.status, status, `${date} ${refused.text}`)
    assert.equal(refused.body['error'].details[0].rule, rule)
    assert.equal(refused.body['error'].details[0].params.code, code)
  }
})

test('nobody books their own service, and an administrator books for nobody but a guest', async () => {
  const own = await book(house, provider, service, `${day}T11:00:00Z`)
  const manager = await book(house, await house.person('management'), service, `${day}T11:00:00Z`)
  const guestByStranger = await book(house, other, service, `${day}T11:00:00Z`, { guest: { name: 'Eve' } })

  assert.deepEqual([own.status, manager.status, guestByStranger.status], [403, 403, 403])
})

test('the staff book for a person without an account, who stands at once', async () => {
  const booked = await book(house, provider, approved, `${day}T15:00:00Z`, {
    guest: { name: 'Olena', phone: '(555) 123-4567' },
  })

  assert.equal(booked.status, 201, booked.text)
  assert.equal(booked.body['data'].status, 'confirmed')
  assert.equal(booked.body['data'].customer, null)
  assert.equal(booked.body['data'].guest.name, 'Olena')
})

test('a booking is there for its two sides and for nobody else', async () => {
  const { id } = (await book(house, customer, service, `${day}T12:00:00Z`)).body['data']

  for (const person of [customer, provider])
    assert.equal((await house.call('GET', `${root}${id}/`, { token: person.token })).status, 200)
  const strangers = [other, await house.person('provider'), await house.person('admin')]
  for (const { token } of strangers) {
    const tries = await Promise.all([
      house.call('GET', `${root}${id}/`, { token }),
      house.call('PUT', `${root}${id}/`, { token, json: { note: 'x' } }),
      house.call('DELETE', `${root}${id}/`, { token }),
      house.call('POST', `${root}status/${id}/`, { token, json: { status: 'confirmed' } }),
    ])
    assert.deepEqual(
      tries.map((answer) => answer.status),
      [404, 404, 404, 404],
    )
  }
  const lists = await Promise.all([customer, provider, other].map(({ token }) => house.call('GET', root, { token })))
  const shown = lists.map((list) => list.body['data'].results.some((row: { id: number }) => row.id === id))
  assert.deepEqual(shown, [true, true, false])
})

test('a booking that needs approval waits for the provider, and its customer cannot approve it', async () => {
  const booked = await book(house, customer, approved, '2026-01-15T09:00:00Z')
  const { id } = booked.body['data']
  assert.equal(booked.body['data'].status, 'pending')
  const set = (token: string, status: string) => house.call('POST', `${root}status/${id}/`, { token, json: { status } })

  const self = await set(customer.token, 'confirmed')
  const yes = await set(provider.token, 'confirmed')
  const again = await set(provider.token, 'confirmed')
  const back = await set(provider.token, 'pending')
  const early = await set(provider.token, 'completed')
  const unknown = await set(provider.token, 'sleeping')

  assert.deepEqual(
    [self.status, yes.status, again.status, back.status, early.status, unknown.status],
    [403, 200, 200, 409, 409, 400],
  )
  assert.equal(again.body['data'].status, 'confirmed')
})

test('a pending booking frees its slot at the very moment its hold runs out, before anything has tidied up', async () => {
  const booked = await book(house, customer, approved, '2026-01-16T09:00:00Z')
  assert.equal(booked.body['data'].expires_at, '2026-01-14T08:00:00Z')
  const taken = await book(house, other, approved, '2026-01-16T09:00:00Z')

  house.pass({ hours: 48 })
  const { token } = (await house.call('POST', '/api/v1/auth/login/', { json: other })).body['data'].access
    ? { token: (await house.call('POST', '/api/v1/auth/login/', { json: other })).body['data'].access }
    : other
  const listed = starts(await slotsOf(house, approved, '2026-01-16'))
  const won = await book(house, { ...other, token }, approved, '2026-01-16T09:00:00Z')

  assert.equal(taken.status, 409)
  assert.ok(listed.includes('2026-01-16T09:00:00Z'))
  assert.equal(won.status, 201, won.text)
  const relogged = (await house.call('POST', '/api/v1/auth/login/', { json: customer })).body['data'].access
  const lost = await house.call('GET', `${root}${booked.body['data'].id}/`, { token: relogged })
  assert.equal(lost.body['data'].status, 'cancelled')
  assert.equal(lost.body['data'].cancel_reason, 'expired')
})
