import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTransaction } from '../../platform/db/transaction.ts'
import { openHouse } from '../../../test/support.ts'
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

  const signingIn = signIn('', jane.email, jane.password)
  // Long enough for the old password to have proved right.
  await Promise.race([signingIn, new Promise((resolve) => setTimeout(resolve, 1500))])
  changed.resolve()
  await changing

  assert.equal((await signingIn).status, 401)
})

/** How long a wrong sign-in takes: the middle one of nine, in milliseconds. */
const median = async (email: string): Promise<number> => {
  const times: number[] = []
  for (let i = 0; i < 9; i++) {
    const before = performance.now()
    await signIn('', email, 'not-the-password')
    times.push(performance.now() - before)
  }
  return times.toSorted((a, b) => a - b)[4]!
}

test('an e-mail that nobody has takes the same work as a wrong password', async () => {
  const jane = await person('customer')
  await median('warm.up@example.com')
  const known = await median(jane.email)
  const unknown = await median('nobody@example.com')

  // Without the hash of nobody the unknown one would take a tenth of the time.
  assert.ok(unknown > known / 2 && known > unknown / 2, `${known} ms and ${unknown} ms`)
})

test('an answer with tokens is kept by no cache', async () => {
  const jane = await person('customer')

  const { headers } = await signIn('', jane.email, jane.password)

  assert.equal(headers['cache-control'], 'no-store')
})
