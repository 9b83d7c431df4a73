import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../../test/support.ts'
import { sell } from '../ledger/earnings.fixture.ts'

const house = await openHouse()
const path = '/api/v1/withdrawals/'
const owner = await house.person('customer')
const master = await house.person('provider')
const employee = await house.person('customer')
const stranger = await house.person('provider')
const accountant = await house.person('super_admin')

const made = await house.call('POST', '/api/v1/organizations/', { token: owner.token, json: { name: 'Lavender Spa' } })
const organizationId: string = made.body['data'].id
const seller = { organizationId }
for (const { id } of [master, employee])
  await house.house.db
    .insertInto('memberships')
    .values({
      organization_id: organizationId,
      user_id: id,
      role: 'employee',
      position: '',
      joined_at: house.ctx().now,
    })
    .execute()
const service = await house.call('POST', '/api/v1/services/', {
  token: owner.token,
  json: {
    title: 'Massage',
    description: 'An hour',
    price: 100,
    organization_id: organizationId,
    staff: [master.id],
  },
})
await sell(house, { seller, providerId: master.id, amountMinor: 10_000, feeMinor: 1000 })
await sell(house, { seller, providerId: master.id, amountMinor: 5000, feeMinor: 500, released: false })

const balance = (person: Person, query = `?organization_id=${organizationId}`) =>
  house.call('GET', `${path}balance/${query}`, { token: person.token })
const ask = (person: Person, json: object) => house.call('POST', path, { token: person.token, json })
const named = { organization_id: organizationId }

test('The admin of a salon withdraws for it, whatever role the account has', async () => {
  const own = await balance(owner, '')
  const asked = await ask(owner, { amount: 40 })
  const again = await ask(owner, { amount: 40, ...named })
  const listed = await house.call('GET', path, { token: owner.token })

  assert.equal(service.status, 201, service.text)
  assert.deepEqual(own.body['data'], { available: 90, pending: 45, withdrawn: 0, currency: 'USD' })
  assert.deepEqual([asked.status, again.status], [201, 201])
  assert.deepEqual([asked.body['data'].organization_id, asked.body['data'].provider_id], [organizationId, null])
  assert.equal(listed.body['data'].count, 2)
})

test('A master sees the figures of the salon and withdraws nothing of it', async () => {
  const figures = await balance(master)
  const statement = await house.call('GET', `${path}statement/?organization_id=${organizationId}`, {
    token: master.token,
  })
  const own = await balance(master, '')
  const asked = await ask(master, { amount: 1, ...named })

  assert.equal(figures.body['data'].pending, 45)
  assert.equal(statement.status, 200)
  assert.deepEqual(own.body['data'], { available: 0, pending: 0, withdrawn: 0, currency: 'USD' })
  assert.equal(asked.status, 403)
})

test('Another member sees nothing of it, and for a stranger there is no such salon', async () => {
  const answers = [
    await balance(employee),
    await balance(employee, ''),
    await ask(employee, { amount: 1, ...named }),
    await balance(stranger),
    await ask(stranger, { amount: 1, ...named }),
  ]

  assert.deepEqual(
    answers.map(({ status }) => status),
    [403, 403, 403, 404, 404],
  )
})

test('Every admin of the salon sees its withdrawals and may take one back; none of them decides on it', async () => {
  const other = await house.person('super_admin')
  const { id } = (await ask(owner, { amount: 5, ...named })).body['data']
  await house.house.db
    .insertInto('memberships')
    .values([
      { organization_id: organizationId, user_id: other.id, role: 'admin', position: '', joined_at: house.ctx().now },
      {
        organization_id: organizationId,
        user_id: stranger.id,
        role: 'admin',
        position: '',
        joined_at: house.ctx().now,
      },
    ])
    .execute()
  const approve = (by: Person) => house.call('PUT', `${path}${id}/`, { token: by.token, json: { status: 'approved' } })

  const theirs = await approve(other)
  const cancelled = await house.call('DELETE', `${path}${id}/`, { token: stranger.token })
  const late = await approve(accountant)

  assert.deepEqual([theirs.status, cancelled.status, late.status], [403, 200, 409])
})

test('A statement tells each movement with the balance after it, from any entry on', async () => {
  const provider = await house.person('provider')
  await sell(house, { seller: { providerId: provider.id }, amountMinor: 10_000, feeMinor: 1000 })
  const { id } = (await ask(provider, { amount: 30 })).body['data']
  await house.call('DELETE', `${path}${id}/`, { token: provider.token })
  const read = async (query: string) =>
    (await house.call('GET', `${path}statement/${query}`, { token: provider.token })).body['data']

  const all = await read('')
  const older = await read(`?before=${all.results[1].id}&page_size=1`)

  assert.deepEqual(
    all.results.map((row: { kind: string; amount: number; balance: number }) => [row.kind, row.amount, row.balance]),
    [
      ['reversal', 30, 90],
      ['withdrawal', -30, 60],
      ['charge', 90, 90],
    ],
  )
  assert.deepEqual([older.count, older.results[0].kind], [1, 'charge'])
  assert.deepEqual(await read('?currency=EUR'), { results: [], count: 0, next: null, previous: null })
  const past = `${path}statement/?currency=EUR&page=2`
  assert.equal((await house.call('GET', past, { token: provider.token })).status, 404)
})
