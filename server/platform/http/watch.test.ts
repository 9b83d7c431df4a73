import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { callerOf, openHouse } from '../../../test/support.ts'

const house = await openHouse()

test('a worker tells its health and metrics, and nothing else', async () => {
  const call = callerOf(await house.watch())

  const [health, live, metrics] = await Promise.all([
    call('GET', '/api/v1/health/'),
    call('GET', '/api/v1/health/live/'),
    call('GET', '/metrics'),
  ])
  const elsewhere = await Promise.all(
    ['/', '/docs/', '/dev/mail', '/api/v1/services/', '/api/v1/auth/me/'].map((path) => call('GET', path)),
  )

  assert.deepEqual([health.status, live.status, metrics.status], [200, 200, 200])
  assert.deepEqual(Object.keys(health.body['data'].dependencies).toSorted(), [
    'backups',
    'database',
    'files',
    'google',
    'listener',
    'mail',
    'payments',
    'push',
    'redis',
    'scanner',
  ])
  assert.match(metrics.text, /^# TYPE jobs gauge$/m)
  assert.ok(elsewhere.every(({ status, body }) => status === 404 && body['error'].error_number === 'NOT_FOUND'))
})

test('what a worker leaves alone because it keeps failing is down in its health', async (t) => {
  const worker = await nodeBeside(house, t, { EMAIL_HOST: '127.0.0.1', EMAIL_PORT: '9', EMAIL_USE_TLS: 'false' })
  const call = callerOf(await worker.watch())
  const mail = { to: 'a@example.com', subject: 's', text: 't', html: 'h' }
  for (let i = 0; i < 5; i++) {
    await worker.house.mailer.send({ ...mail, messageId: `m${i}` }).catch(() => undefined)
  }

  const health = await call('GET', '/api/v1/health/')

  assert.equal(health.body['data'].status, 'degraded')
  assert.equal(health.body['data'].dependencies.mail.status, 'down')
})

test('whoever is not on this machine sees no metrics of a worker without the token', async (t) => {
  const worker = await nodeBeside(house, t, { METRICS_TOKEN: 'a-token-of-the-watcher' })
  const call = callerOf(await worker.watch())

  const [without, by] = [
    await call('GET', '/metrics', { address: '203.0.113.9' }),
    await call('GET', '/metrics', { address: '203.0.113.9', token: 'a-token-of-the-watcher' }),
  ]

  assert.deepEqual([without.status, by.status], [404, 200])
})
