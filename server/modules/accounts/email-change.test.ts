import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { mailboxOf } from './mailbox.fixture.ts'

const house = await openHouse()
const { call, pass, ctx } = house
const { codeTo, linkTo, newest, newcomer, subjects } = mailboxOf(house)

let wishes = 0
const wish = (): string => `new.${++wishes}@example.com`
const change = (token: string, email: string, headers = {}) =>
  call('PATCH', '/api/v1/auth/profile/', { token, json: { email }, headers })
const verify = (email: string, code: string) =>
  call('POST', '/api/v1/auth/email-confirm/verify/', { json: { email, code } })
const profileOf = async (token: string) => (await call('GET', '/api/v1/auth/profile/', { token })).body['data']
const undoTokenFor = async (email: string): Promise<string> =>
  new URL(await linkTo(email), 'http://x').searchParams.get('token') ?? 'none'
const undo = (token: string) => call('POST', '/api/v1/auth/email-change/undo/', { json: { token } })
const signIn = (email: string, password: string) => call('POST', '/api/v1/auth/login/', { json: { email, password } })

/** Jane, who has just moved to another e-mail. */
const movedJane = async (): Promise<Person & { old: string }> => {
  const jane = await newcomer()
  const email = wish()
  await change(jane.token, email)
  await verify(email, await codeTo(email))
  return { ...jane, email, old: jane.email }
}

test('a new e-mail waits until its code comes back, then it is the one that signs in', async () => {
  const jane = await newcomer()
  const email = wish()

  const asked = await change(jane.token, email)
  assert.equal(asked.status, 200, asked.text)
  assert.deepEqual([asked.body['data'].email, asked.body['data'].pending_email], [jane.email, email])
  assert.equal((await signIn(email, jane.password)).status, 401)

  const done = await verify(email.toUpperCase(), await codeTo(email))
  assert.equal(done.status, 200, done.text)
  const profile = await profileOf(jane.token)
  assert.deepEqual([profile.email, profile.pending_email, profile.email_confirmed], [email, null, true])
  assert.equal((await signIn(email, jane.password)).status, 200)
  assert.equal((await signIn(jane.email, jane.password)).status, 401)
})

test('the link of the mail confirms the new e-mail and repeats its answer', async () => {
  const jane = await newcomer()
  const email = wish()
  await change(jane.token, email)
  const link = await linkTo(email)

  assert.deepEqual([(await call('GET', link)).status, (await call('GET', link)).status], [200, 200])
  assert.equal((await profileOf(jane.token)).email, email)
})

test('the old address is told at once, and again when it is done', async () => {
  const jane = await newcomer()
  const email = wish()
  await change(jane.token, email)
  assert.equal((await newest(jane.email)).subject, 'Your account is about to change its e-mail')

  await verify(email, await codeTo(email))
  const told = await newest(jane.email)
  assert.equal(told.subject, 'The e-mail of your account was changed')
  // A word joiner keeps mail programs from making a link of it.
  assert.ok(told.html.replaceAll('\u2060', '').includes(email))
})

test('the old address takes the change back within 72 hours: the e-mail is as before and whoever was signed in is out', async () => {
  const jane = await movedJane()
  const token = await undoTokenFor(jane.old)
  pass({ hours: 71, minutes: 59 })

  const undone = await undo(token)

  assert.equal(undone.status, 200, undone.text)
  assert.deepEqual(undone.body['data'], { email: jane.old })
  // Her access token has expired by now, but the session would have lived for 30 days.
  const turned = await call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: jane.refresh } })
  assert.equal(turned.status, 401)
  assert.equal((await signIn(jane.old, jane.password)).status, 200)
  assert.equal((await signIn(jane.email, jane.password)).status, 401)
  assert.equal((await undo(token)).status, 400)
})

test('after 72 hours it is too late', async () => {
  const jane = await movedJane()
  const token = await undoTokenFor(jane.old)
  pass({ hours: 72 })

  assert.equal((await undo(token)).status, 400)
})

test('a change that still waits is taken back too, and its code is dead', async () => {
  const jane = await newcomer()
  const email = wish()
  await change(jane.token, email)
  const code = await codeTo(email)

  const undone = await undo(await undoTokenFor(jane.email))

  assert.equal(undone.status, 200)
  assert.equal((await verify(email, code)).status, 400)
  const again = (await signIn(jane.email, jane.password)).body['data']
  assert.equal(again.user.pending_email, null)
})

test('opening the link of the old address changes nothing: its page asks, and a GET of the endpoint is refused', async () => {
  const jane = await movedJane()
  const link = await linkTo(jane.old)

  const page = await call('GET', link)
  const got = await call('GET', '/api/v1/auth/email-change/undo/?token=x')

  assert.equal(page.status, 200)
  assert.match(page.headers['content-type'] ?? '', /html/)
  assert.match(page.headers['content-security-policy'] ?? '', /script-src 'self'/)
  assert.equal(got.status, 405)
  assert.equal((await profileOf(jane.token)).email, jane.email)
})

test('a thief who moves on cannot keep the account: the first address takes it back and the later links are dead', async () => {
  const jane = await movedJane()
  const first = await undoTokenFor(jane.old)
  const third = wish()
  await change(jane.token, third)
  await verify(third, await codeTo(third))
  const second = await undoTokenFor(jane.email)

  const undone = await undo(first)

  assert.deepEqual(undone.body['data'], { email: jane.old })
  assert.equal((await undo(second)).status, 400)
})

test('a reset code that lies in the old mailbox is dead once the e-mail has moved', async () => {
  const jane = await newcomer()
  await call('POST', '/api/v1/auth/password-reset/request/', { json: { email: jane.email } })
  const code = await codeTo(jane.email)
  const email = wish()
  await change(jane.token, email)
  await verify(email, await codeTo(email))

  for (const address of [jane.email, email]) {
    const json = { email: address, code, new_password: 'password456' }
    assert.equal((await call('POST', '/api/v1/auth/password-reset/confirm/', { json })).status, 400)
  }
})

test('a password reset drops a change of e-mail that waits', async () => {
  const jane = await newcomer()
  const email = wish()
  await change(jane.token, email)
  const code = await codeTo(email)
  await call('POST', '/api/v1/auth/password-reset/request/', { json: { email: jane.email } })
  const json = { email: jane.email, code: await codeTo(jane.email), new_password: 'password456' }
  await call('POST', '/api/v1/auth/password-reset/confirm/', { json })

  assert.equal((await verify(email, code)).status, 400)
})

test('an e-mail that is taken is a conflict, when it is asked for and when it was taken meanwhile', async () => {
  const jane = await newcomer()
  const eve = await newcomer()
  const email = wish()

  const taken = await change(jane.token, eve.email.toUpperCase())
  assert.deepEqual([taken.status, taken.body['error'].error_number], [409, 'CONFLICT'])
  assert.equal(taken.body['error'].details[0].field, 'email')

  await change(jane.token, email)
  const code = await codeTo(email)
  await ctx().db.updateTable('users').set({ email, email_key: email }).where('id', '=', eve.id).execute()
  assert.equal((await verify(email, code)).status, 409)
})

test('a later wish takes the place of an earlier one, whose code does nothing then', async () => {
  const jane = await newcomer()
  const [first, second] = [wish(), wish()]
  await change(jane.token, first)
  const code = await codeTo(first)
  await change(jane.token, second)

  assert.equal((await verify(first, code)).status, 400)
  assert.equal((await verify(second, await codeTo(second))).status, 200)
})

test('who lost the mail asks for another code with the new e-mail', async () => {
  const jane = await newcomer()
  const email = wish()
  await change(jane.token, email)
  pass({ minutes: 20 })
  await subjects(email)
  await call('POST', '/api/v1/auth/email-confirm/request/', { json: { email } })

  assert.equal((await verify(email, await codeTo(email))).status, 200)
  assert.equal((await profileOf(jane.token)).email, email)
})

test('one’s own e-mail in other letters is no change', async () => {
  const jane = await newcomer()

  const same = await change(jane.token, jane.email.toUpperCase())

  assert.deepEqual([same.status, same.body['data'].pending_email], [200, null])
  assert.equal((await subjects(jane.email)).length, 1)
})
