import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()
const { call, person, drain, pass, mails } = house

/** The code of the newest mail to somebody. */
const codeTo = async (email: string): Promise<string> => {
  await drain()
  const [mail] = await mails(email)
  return /\b\d{6}\b/.exec(mail?.text ?? '')?.[0] ?? 'none'
}
const linkTo = async (email: string): Promise<string> => {
  await drain()
  const [mail] = await mails(email)
  return new URL(/http:\S+/.exec(mail?.text ?? '')?.[0] ?? 'http://none/').href
}

test('whoever registers is asked to confirm the e-mail, and the code of that mail does it', async () => {
  const jane = await person('customer')
  const code = await codeTo(jane.email)

  const verified = await call('POST', '/api/v1/auth/email-confirm/verify/', {
    json: { email: jane.email.toUpperCase(), code },
  })
  const again = await call('POST', '/api/v1/auth/email-confirm/verify/', { json: { email: jane.email, code } })
  const profile = await call('GET', '/api/v1/auth/profile/', { token: jane.token })

  assert.equal(verified.status, 200, verified.text)
  assert.deepEqual(verified.body['data'], { email: jane.email, email_confirmed: true })
  assert.equal(again.status, 400)
  assert.equal(profile.body['data'].email_confirmed, true)
})
void linkTo
void pass
