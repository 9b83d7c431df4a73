import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../test/support.ts'
import { inTransaction } from './db/transaction.ts'
import { sendMail } from './mail/delivery.ts'
import { startSink } from './mail/smtp.fixture.ts'

const sink = await startSink()
const house = await openHouse({ EMAIL_HOST: '127.0.0.1', EMAIL_PORT: String(sink.port), EMAIL_USE_TLS: 'false' })
after(() => sink.stop())

const mail = async () => (await house.call('GET', '/api/v1/health/')).body['data'].dependencies.mail.status
const metric = async () =>
  /^outside_service_up\{service="mail"\} (\d)/m.exec((await house.call('GET', '/metrics')).text)?.[1]
const write = (to: string) =>
  inTransaction(house.ctx(), (tx) => sendMail(tx, { to, locale: 'en', template: 'account_deleted', params: {} }))
/** What workers of another process leave behind when the mail server refuses them. */
const fail = (tries: number) =>
  sql`UPDATE pgboss.job SET state = 'retry', retry_count = ${tries - 1}, started_on = now(), start_after = now() WHERE name = 'mail' AND state <> 'completed'`.execute(
    house.house.db,
  )

test('A process that sends no mail itself tells that those that do are refused, until one has gone out', async () => {
  await write('ada@example.com')

  await fail(4)
  assert.deepEqual([await mail(), await metric()], ['ok', '1'], 'a few failures are no outage')
  await fail(5)
  assert.deepEqual([await mail(), await metric()], ['down', '0'])

  await house.drain()
  assert.deepEqual([sink.received.length > 0, await mail(), await metric()], [true, 'ok', '1'])
})

test('One address that is never reached is no outage while other mails go out', async () => {
  await write('bob@example.com')
  await fail(50)
  assert.equal(await mail(), 'down')

  await sql`UPDATE pgboss.job SET start_after = now() + interval '1 hour' WHERE name = 'mail' AND state = 'retry'`.execute(
    house.house.db,
  )
  await write('eve@example.com')
  await house.drain()

  assert.equal(await mail(), 'ok')
})
