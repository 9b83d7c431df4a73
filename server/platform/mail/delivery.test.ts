import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { inTransaction } from '../db/transaction.ts'
import { deliver, sendMail } from './delivery.ts'

const { ctx, drain, mails, call } = await openHouse()

const send = (to: string, fail: boolean) =>
  inTransaction(ctx(), async (tx) => {
    await sendMail(tx, { to, locale: 'uk', template: 'account_deleted', params: {} })
    if (fail) throw new Error('undone')
  })

test('a mail is sent once its transaction is committed, in its language, and not at all when it is undone', async () => {
  await send('kept@example.com', false)
  await assert.rejects(send('undone@example.com', true))
  await drain()

  assert.match((await mails('kept@example.com'))[0]?.html ?? '', /lang="uk"/)
  assert.deepEqual(await mails('undone@example.com'), [])
})

test('a time in its zone survives the job', async () => {
  const at = Temporal.ZonedDateTime.from('2026-01-12T10:00[Europe/Kyiv]').toString()
  const params = { at, resetLink: 'http://localhost/account/password-reset' }

  await sendMail(ctx(), { to: 'zone@example.com', locale: 'en', template: 'password_changed', params })
  await drain()

  assert.match((await mails('zone@example.com'))[0]?.text ?? '', /January 12, 2026 at 10:00/)
})

test('a mail whose job is repeated is kept once', async () => {
  const mail = { to: 'twice@example.com', subject: 'Once', text: 'Once', html: '<p>Once</p>', messageId: 'the-same' }

  await deliver(ctx(), mail)
  await deliver(ctx(), mail)

  assert.equal((await mails('twice@example.com')).length, 1)
})

test('a mail that can never go out ends its job instead of being tried for a day', async () => {
  await sendMail(ctx(), { to: 'no address', locale: 'en', template: 'account_deleted', params: {} })

  await drain()

  assert.deepEqual(await mails('no address'), [])
})

test('without SMTP the health answer says that mails are only kept', async () => {
  const { body } = await call('GET', '/api/v1/health/')

  assert.deepEqual(body['data'].dependencies.mail, { status: 'off' })
})
