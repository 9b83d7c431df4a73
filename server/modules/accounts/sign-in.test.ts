import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTransaction } from '../../platform/db/transaction.ts'
import { openHouse } from '../../../test/support.ts'
import { hashings } from './passwords.ts'
import { setPassword } from './queries/changes.ts'

const { call, person, ctx } = await openHouse()

const signIn = (door: string, email: string, password: string) =>
  call('POST', `/api/v1/auth/login/${door}`, { json: { email, password } })

test('each role signs in at its own endpoint and at the common one', async () => {
  for (const [role, door, message] of [
    ['customer', 'customer/', 'Customer login successful'],
    ['provider', 'provider/', 'Provider login successful'],
    ['management', 'management/', 'Admin login successful'],
    ['admin', 'management/', 'Admin login successful'],
    ['super_admin', 'management/', 'Admin login successful'],
    ['accountant', 'management/', 'Admin login successful'],
  ] as const) {
    const someone = await person(role)

    for (const path of [door, '']) {
      const { status, body } = await signIn(path, someone.email.toUpperCase(), someone.password)
      assert.equal(status, 200)
      assert.equal(body['message'], message)
      assert.equal(body['data'].role, role)
      assert.equal(body['data'].user.id, someone.id)
    }
  }
})

test('the wrong endpoint for a role refuses only after the password proved right', async () => {
  const jane = await person('customer')

  const right = await signIn('provider/', jane.email, jane.password)
  const guess = await signIn('provider/', jane.email, 'not-the-password')

  assert.deepEqual([right.status, right.body['error'].error_number], [403, 'PERMISSION_DENIED'])
  assert.deepEqual([guess.status, guess.body['error'].error_number], [401, 'AUTHENTICATION_FAILED'])
})

test('an e-mail that nobody has, a wrong password and a closed account are refused in the same words', async () => {
  const jane = await person('customer')

  const unknown = await signIn('', 'nobody@example.com', 'password123')
  const wrong = await signIn('', jane.email, 'password124')

  assert.equal(unknown.status, 401)
  assert.equal(wrong.status, 401)
  assert.equal(unknown.body['error'].error_message, wrong.body['error'].error_message)
})

test('a sign-in that is under way while the password is changed opens no session with the old one', async () => {
  const jane = await person('customer')
  const changed = Promise.withResolvers<void>()
  const changing = inTransaction(ctx(), async (tx) => {
    await setPassword(tx, jane.id, 'another hash')
    await changed.promise
  })

  const proved = Promise.withResolvers<unknown>()
  hashings.subscribe(proved.resolve)
  const signingIn = signIn('', jane.email, jane.password)
  await proved.promise
  hashings.unsubscribe(proved.resolve)
  changed.resolve()
  await changing

  assert.equal((await signingIn).status, 401)
})

/** The hashings that a wrong sign-in costs. */
async function workOf(email: string): Promise<unknown[]> {
  const work: unknown[] = []
  const note = (cost: unknown) => work.push(cost)
  hashings.subscribe(note)
  await signIn('', email, 'not-the-password')
  hashings.unsubscribe(note)
  return work
}

test('an e-mail that nobody has takes the same work as a wrong password', async () => {
  // Registered as people are: the people of the tests have hashes that cost less.
  const jane = { email: 'jane@example.com', password: 'password123', confirm_password: 'password123' }
  const json = { ...jane, first_name: 'Jane', last_name: 'Smith', phone: '(555) 123-4567' }
  assert.equal((await call('POST', '/api/v1/auth/register/customer/', { json })).status, 201)

  const [known, unknown] = [await workOf(jane.email), await workOf('nobody@example.com')]

  assert.equal(known.length, 1)
  assert.deepEqual(unknown, known)
})

test('an answer with tokens is kept by no cache', async () => {
  const jane = await person('customer')

  const { headers } = await signIn('', jane.email, jane.password)

  assert.equal(headers['cache-control'], 'no-store')
})
