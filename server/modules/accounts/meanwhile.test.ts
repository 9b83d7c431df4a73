import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanwhile } from '../../../test/meanwhile.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import type { Context } from '../../platform/context.ts'
import { mailboxOf } from './mailbox.fixture.ts'
import { verifyLink } from './service/confirm-email.ts'
import { resetPassword } from './service/passwords.ts'

/** Two at once, where the second has looked before the first has written. */

const house = await openHouse()
const { call } = house
const { codeTo, linkTo, newcomer } = mailboxOf(house)
const new_password = 'Entirely-new-2026'

const askForNewEmail = async ({ token }: Person, email: string): Promise<void> => {
  const asked = await call('PATCH', '/api/v1/auth/profile/', { token, json: { email } })
  assert.equal(asked.status, 200, asked.text)
}

/** The owner sets a new password with the code of a mail, in the transaction of `tx`. */
async function resetOf({ email }: Person): Promise<(tx: Context) => Promise<void>> {
  await call('POST', '/api/v1/auth/password-reset/request/', { json: { email } })
  const code = await codeTo(email)
  return (tx) => resetPassword(tx, { email, code, new_password })
}

const emailOf = async (id: number): Promise<string | undefined> =>
  (await house.house.db.selectFrom('users').where('id', '=', id).select('email').executeTakeFirst())?.email

test('a link that a mail program opens while the person does answers both the same', async () => {
  const jane = await newcomer()
  await askForNewEmail(jane, 'jane.both@example.com')
  const link = await linkTo('jane.both@example.com')
  const token = new URL(link, 'http://x').searchParams.get('token')!

  const second = await meanwhile(
    house,
    (tx) => verifyLink(tx, token),
    () => call('GET', link),
  )

  assert.equal(second.status, 200, second.text)
  assert.equal(await emailOf(jane.id), 'jane.both@example.com')
})

test('an e-mail that a new password has dropped is not taken by who was just confirming it', async () => {
  const jane = await newcomer()
  const reset = await resetOf(jane)
  await askForNewEmail(jane, 'thief@example.com')
  const code = await codeTo('thief@example.com')

  const confirmed = await meanwhile(house, reset, () =>
    call('POST', '/api/v1/auth/email-confirm/verify/', { json: { email: 'thief@example.com', code } }),
  )

  assert.equal(confirmed.status, 400, confirmed.text)
  assert.equal(await emailOf(jane.id), jane.email)
})

const wishes: [string, 'POST' | 'DELETE', string, (password: string) => object][] = [
  [
    'sets another password',
    'POST',
    'password-change/',
    (p) => ({ current_password: p, new_password: 'Of-a-thief-2026' }),
  ],
  ['makes an app password', 'POST', 'app-passwords/', (password) => ({ password, name: 'A phone' })],
  ['begins a second factor', 'POST', 'two-factor/', (password) => ({ password })],
  ['deletes the account', 'DELETE', 'profile/', (password) => ({ password })],
]
for (const [what, method, path, body] of wishes)
  test(`whoever had proved the old password when the owner set a new one no longer ${what}`, async () => {
    const jane = await newcomer()
    const reset = await resetOf(jane)
    const { token, password } = jane

    const late = await meanwhile(house, reset, () =>
      call(method, `/api/v1/auth/${path}`, { token, json: body(password) }),
    )

    assert.equal(late.status, 401, late.text)
    const signedIn = await call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: new_password } })
    assert.equal(signedIn.status, 200, signedIn.text)
  })
