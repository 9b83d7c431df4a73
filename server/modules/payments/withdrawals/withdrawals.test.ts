import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../../test/support.ts'
import { earn } from '../ledger/earnings.fixture.ts'

const house = await openHouse()
const path = '/api/v1/withdrawals/'
const accountant = await house.person('accountant')

const provider = async (netMinor = 0, currency = 'USD'): Promise<Person> => {
  const person = await house.person('provider')
  if (netMinor > 0) await earn(house, { providerId: person.id }, netMinor, currency)
  return person
}
const ask = (person: Person, json: unknown, headers = {}) =>
  house.call('POST', path, { token: person.token, json, headers })
const decide = (id: number, json: unknown, by: Person = accountant) =>
  house.call('PUT', `${path}${id}/`, { token: by.token, json })
const balance = async (person: Person, query = '') =>
  (await house.call('GET', `${path}balance/${query}`, { token: person.token })).body['data']
const told = async (person: Person) =>
  (await house.call('GET', '/api/v1/notifications/', { token: person.token })).body['data'].results.map(
    (each: { title: string; body: string }) => [each.title, each.body],
  )

const amounts = async (query: string) =>
  (await house.call('GET', `${path}?${query}`, { token: accountant.token })).body['data'].results.map(
    (each: { amount: number }) => each.amount,
  )

test('A provider withdraws what is available, an accountant approves and pays it', async () => {
  const person = await provider(10_000)

  const asked = await ask(person, { amount: 60.5 })
  const during = await balance(person)
  const { id } = asked.body['data']
  const approved = await decide(id, { status: 'approved' })
  const paid = await decide(id, { status: 'paid', reference: 'SEPA 42' })

  assert.equal(asked.status, 201)
  assert.deepEqual(during, { available: 39.5, pending: 0, withdrawn: 0, currency: 'USD' })
  assert.deepEqual([approved.status, approved.body['data'].status], [200, 'approved'])
  assert.deepEqual([paid.status, paid.body['data'].status, paid.body['data'].reference], [200, 'paid', 'SEPA 42'])
  assert.deepEqual(await balance(person), { available: 39.5, pending: 0, withdrawn: 60.5, currency: 'USD' })
  assert.deepEqual((await told(person)).slice(0, 2), [
    ['Your withdrawal was paid', '60.5 USD. Reference: SEPA 42'],
    ['Your withdrawal was approved', '60.5 USD'],
  ])
  const trail = await house.house.db
    .selectFrom('audit_log')
    .where('target_kind', '=', 'withdrawal')
    .where('target_id', '=', String(id))
    .select(['action', 'actor_id', 'before', 'after'])
    .orderBy('id')
    .execute()
  assert.deepEqual(
    trail.map(({ action, actor_id }) => [action, actor_id]),
    [
      ['withdrawals.approved', accountant.id],
      ['withdrawals.paid', accountant.id],
    ],
  )
})

test('More than is available is refused, and says how much there is', async () => {
  const person = await provider(10_000)

  const answer = await ask(person, { amount: 100.01 })

  assert.equal(answer.status, 409)
  assert.deepEqual(answer.body['error'].details[0].params, { available: 100, currency: 'USD' })
  assert.equal((await ask(person, { amount: 100 })).status, 201)
})

test('Who has earned nothing can withdraw nothing', async () => {
  const person = await provider()

  assert.equal((await ask(person, { amount: 0.01 })).status, 409)
  assert.deepEqual(await balance(person), { available: 0, pending: 0, withdrawn: 0, currency: 'USD' })
})

test('A sum that is no sum is refused as input', async () => {
  const person = await provider(10_000)
  await earn(house, { providerId: person.id }, 10_000, 'JPY')
  const sums = [
    { amount: 0 },
    { amount: -5 },
    { amount: 1.001, currency: 'USD' },
    { amount: 1.5, currency: 'JPY' },
    { amount: '5' },
    { amount: null },
    { amount: 1e300 },
    { amount: 5, currency: 'XXX' },
    {},
  ]

  const answers = await Promise.all(sums.map((json) => ask(person, json)))

  assert.deepEqual(
    answers.map(({ status }) => status),
    sums.map(() => 400),
  )
})

test('Each currency is withdrawn by itself, and the one that moved last is meant', async () => {
  const person = await provider(10_000)
  await earn(house, { providerId: person.id }, 777, 'JPY')

  const meant = await balance(person)
  const dollars = await balance(person, '?currency=USD')
  const tooMuch = await ask(person, { amount: 778 })
  const yen = await ask(person, { amount: 777 })

  assert.deepEqual(meant, { available: 777, pending: 0, withdrawn: 0, currency: 'JPY' })
  assert.deepEqual(dollars, { available: 100, pending: 0, withdrawn: 0, currency: 'USD' })
  assert.deepEqual([tooMuch.status, yen.status, yen.body['data'].currency], [409, 201, 'JPY'])
})

test('A rejected and a cancelled withdrawal give back what they had set aside', async () => {
  const person = await provider(10_000)
  const first = (await ask(person, { amount: 60 })).body['data'].id
  const second = (await ask(person, { amount: 40 })).body['data'].id

  const rejected = await decide(first, { status: 'rejected', reason: 'No such account' })
  const cancelled = await house.call('DELETE', `${path}${second}/`, { token: person.token })

  assert.equal(rejected.body['data'].reason, 'No such account')
  assert.equal(cancelled.status, 200)
  assert.deepEqual(await balance(person), { available: 100, pending: 0, withdrawn: 0, currency: 'USD' })
  assert.deepEqual((await told(person))[0], ['Your withdrawal was rejected', '60 USD. Reason: No such account'])
})

test('Each step is taken once and none is left out', async () => {
  const person = await provider(30_000)
  const [a, b, c] = await Promise.all(
    [1, 2, 3].map(async () => Number((await ask(person, { amount: 100 })).body['data'].id)),
  )
  await decide(a!, { status: 'approved' })
  await decide(b!, { status: 'rejected' })
  await house.call('DELETE', `${path}${c}/`, { token: person.token })
  const attempts: [number, string][] = [
    [a!, 'DELETE'],
    [b!, 'approved'],
    [b!, 'paid'],
    [b!, 'DELETE'],
    [c!, 'approved'],
    [c!, 'rejected'],
    [c!, 'DELETE'],
  ]

  for (const [id, step] of attempts) {
    const answer =
      step === 'DELETE'
        ? await house.call('DELETE', `${path}${id}/`, { token: person.token })
        : await decide(id, { status: step, reference: 'x' })
    assert.equal(answer.status, 409, `${id} ${step} ${answer.text}`)
  }
  const again = await decide(a!, { status: 'approved' })
  const unnamed = await decide(a!, { status: 'paid' })

  assert.equal(again.status, 200)
  assert.equal(unnamed.status, 400)
  assert.equal(unnamed.body['error'].details[0].field, 'reference')
  assert.deepEqual(await balance(person), { available: 200, pending: 0, withdrawn: 0, currency: 'USD' })
})

test('A withdrawal is its seller’s and the accountant’s to know of, and nobody else’s', async () => {
  const person = await provider(10_000)
  const other = await provider(10_000)
  const customer = await house.person('customer')
  const manager = await house.person('management')
  const { id } = (await ask(person, { amount: 50 })).body['data']
  const get = async (by: Person) => (await house.call('GET', `${path}${id}/`, { token: by.token })).status
  const count = async (by: Person) =>
    (await house.call('GET', path, { token: by.token })).body['data'].results.filter(
      (each: { id: number }) => each.id === id,
    ).length

  const seen = await Promise.all([person, accountant, other, customer, manager].map(get))
  const listed = await Promise.all([person, accountant, other, customer, manager].map(count))
  const refused = [
    await house.call('DELETE', `${path}${id}/`, { token: other.token }),
    await decide(id, { status: 'approved' }, manager),
    await decide(id, { status: 'approved' }, person),
    await ask(customer, { amount: 1 }),
    await house.call('GET', `${path}balance/`, { token: customer.token }),
    await ask(accountant, { amount: 1 }),
    await house.call('DELETE', `${path}${id}/`, { token: accountant.token }),
    await decide(99_999_999, { status: 'approved' }),
  ]

  assert.deepEqual(seen, [200, 200, 404, 404, 404])
  assert.deepEqual(listed, [1, 1, 0, 0, 0])
  assert.deepEqual(
    refused.map(({ status }) => status),
    [404, 403, 403, 403, 403, 403, 403, 404],
  )
})

test('The list is filtered by state, currency and seller', async () => {
  const person = await provider(10_000)
  const { id } = (await ask(person, { amount: 50 })).body['data']
  await ask(person, { amount: 20 })
  await decide(id, { status: 'approved' })

  assert.deepEqual(await amounts(`provider_id=${person.id}`), [20, 50])
  assert.deepEqual(await amounts(`provider_id=${person.id}&status=approved`), [50])
  assert.deepEqual(await amounts(`provider_id=${person.id}&currency=EUR`), [])
})

test('Nobody decides on a withdrawal of their own', async () => {
  const person = await provider(10_000)
  const { id } = (await ask(person, { amount: 50 })).body['data']
  await house.house.db.updateTable('users').set({ role: 'super_admin' }).where('id', '=', person.id).execute()

  const own = await decide(id, { status: 'approved' }, person)

  assert.equal(own.status, 403)
  assert.equal((await decide(id, { status: 'approved' })).status, 200)
})
