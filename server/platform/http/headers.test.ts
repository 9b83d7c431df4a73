import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'

const allowed = 'https://app.example.com'
const house = await openHouse({ BACKEND_CORS_ORIGINS: `${allowed}, https://other.example.com` })
const path = '/api/v1/auth/me/'

test('Browsers of the listed origins may read answers and the headers that clients need, without credentials', async () => {
  const answer = await house.call('GET', path, { headers: { origin: allowed } })

  assert.equal(answer.headers['access-control-allow-origin'], allowed)
  assert.equal(answer.headers['access-control-allow-credentials'], undefined)
  for (const header of ['ETag', 'Retry-After', 'X-Request-Id'])
    assert.ok(answer.headers['access-control-expose-headers']?.includes(header))
  assert.ok(answer.headers['vary']?.includes('Origin'))
})

test('What comes as JSON or as a table is kept apart by caches, and by origin', async () => {
  const { token } = await house.person()
  const headers = { origin: allowed }

  const answers = await Promise.all(
    ['', '?format=csv'].map((query) => house.call('GET', `/api/v1/dashboard/analytics/${query}`, { token, headers })),
  )

  assert.deepEqual(
    answers.map(({ status, headers: { vary } }) => `${status} ${vary}`),
    ['200 Origin, Accept', '200 Origin, Accept'],
  )
})

test('Origins that are not listed, or only look like one that is, may read nothing', async () => {
  for (const origin of [
    'https://evil.example.org',
    'null',
    `${allowed}.evil.example.org`,
    'http://app.example.com',
    'https://app.example.com:8443',
  ]) {
    const answer = await house.call('GET', path, { headers: { origin } })
    const preflight = await house.call('OPTIONS' as 'GET', path, {
      headers: { origin, 'access-control-request-method': 'PUT' },
    })

    assert.equal(answer.headers['access-control-allow-origin'], undefined, origin)
    assert.equal(preflight.headers['access-control-allow-origin'], undefined, origin)
  }
})

test('A preflight is answered without a token', async () => {
  const answer = await house.call('OPTIONS' as 'GET', path, {
    headers: {
      origin: allowed,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,if-match',
    },
  })

  assert.equal(answer.status, 204)
  assert.equal(answer.headers['access-control-allow-origin'], allowed)
  assert.match(answer.headers['access-control-allow-methods']!, /PUT/)
  assert.match(answer.headers['access-control-allow-headers']!, /Authorization.*If-Match/)
})

test('Every answer forbids guessing its type, framing it and loading anything from it', async () => {
  for (const url of [path, '/api/v1/nothing/', '/api/v1/%zz', '/openapi.json', '/metrics', '/docs/', '/redoc/']) {
    const { headers } = await house.call('GET', url)

    assert.equal(headers['x-content-type-options'], 'nosniff', url)
    assert.equal(headers['x-frame-options'], 'DENY', url)
    assert.match(headers['content-security-policy']!, /default-src 'none'.*frame-ancestors 'none'/, url)
    assert.equal(headers['strict-transport-security'], undefined, url)
  }
})

test('The documentation loads nothing from elsewhere', async () => {
  for (const url of ['/docs/', '/swagger/', '/redoc/']) {
    const { text, status } = await house.call('GET', url)

    assert.equal(status, 200)
    assert.doesNotMatch(text, /https?:\/\//)
    for (const [, asset = ''] of text.matchAll(/(?:src|href)="([^"]+)"/g))
      assert.equal((await house.call('GET', asset)).status, 200, asset)
  }
})

test('What a proxy tells of TLS and of the client counts only where the proxy is trusted', async (t) => {
  const proxied = await nodeBeside(house, t, { TRUSTED_PROXIES: '10.0.0.0/8', RATE_LIMIT_PER_MINUTE: '3' })
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }
  const ask = (address: string, client: string) =>
    proxied.call('GET', path, { address, headers: { ...headers, 'x-forwarded-for': client } })

  const trusted = await ask('10.1.2.3', '203.0.113.1')
  const stranger = await ask('198.51.100.1', '203.0.113.1')
  const statuses: number[] = []
  for (let i = 0; i < 5; i++) statuses.push((await ask('198.51.100.2', `203.0.113.${i}`)).status)
  const many: number[] = []
  for (let i = 0; i < 5; i++) many.push((await ask('10.1.2.3', `203.0.113.${100 + i}`)).status)

  assert.match(trusted.headers['strict-transport-security']!, /max-age=\d{8}/)
  assert.equal(stranger.headers['strict-transport-security'], undefined)
  // One address that lies about being many is one; many behind the trusted proxy are many.
  assert.deepEqual(statuses, [401, 401, 401, 429, 429])
  assert.deepEqual(many, [401, 401, 401, 401, 401])
})

test('Metrics show requests by route, the pool, jobs and the event loop', async () => {
  await house.call('GET', path)

  const { text } = await house.call('GET', '/metrics')

  for (const name of [
    'http_request_duration_seconds_count{method="GET",route="/api/v1/auth/me/",status="401"}',
    'database_pool_connections{state="idle"}',
    'nodejs_eventloop_lag_seconds',
    'jobs',
  ])
    assert.ok(text.includes(name), name)
})
