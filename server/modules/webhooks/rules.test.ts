import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failingSince, isGivenUp, maxTries, outcomeOf, signatures, urlProblem, waitAfter, waits } from './rules.ts'

test('The signature is that of the Standard Webhooks specification', () => {
  // The vector of its reference libraries.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'

  const signed = signatures([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body)
  const both = signatures([secret, 'whsec_AAAA'], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body)

  assert.equal(signed, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  assert.match(both, /^v1,g0hM\S+ v1,\S+$/)
})

test('Waits grow for three days, then it is given up; chance moves each by a tenth', () => {
  const planned = waits.map((_, i) => waitAfter(i + 1, 0.5, undefined))

  assert.deepEqual(planned, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400])
  assert.equal(waitAfter(maxTries, 0.5, undefined), null)
  assert.deepEqual([waitAfter(2, 0, undefined), waitAfter(2, 1, undefined)], [270, 330])
})

test('A receiver that asks for patience is given it, a day at most, and never less than the plan', () => {
  const asked = ['120', '1', '999999', '1000000000', 'Wed, 21 Oct', '-5']

  const given = asked.map((header) => waitAfter(1, 0.5, header))

  assert.deepEqual(given, [120, 5, 86_400, 5, 5, 5])
})

test('Only 2xx has arrived; a redirect has not, and 410 wants no more', () => {
  const kinds = [200, 204, 299, 301, 307, 400, 404, 410, 500, 100].map((status) => outcomeOf(status, undefined))

  assert.deepEqual(
    kinds.map((outcome) => (outcome.kind === 'failed' ? outcome.error : outcome.kind)),
    ['delivered', 'delivered', 'delivered', 'redirect', 'redirect', 'status', 'status', 'gone', 'status', 'status'],
  )
})

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text)

test('Failures are one row while they are at most two days apart, and a row of five days is given up', () => {
  const since = at('2026-01-10T00:00:00Z')
  const before = { failing_since: since, last_failure_at: at('2026-01-12T00:00:00Z') }

  assert.ok(failingSince(before, at('2026-01-14T00:00:00Z')).equals(since))
  assert.ok(failingSince(before, at('2026-01-14T00:00:01Z')).equals(at('2026-01-14T00:00:01Z')))
  assert.deepEqual(
    ['2026-01-14T23:59:59Z', '2026-01-15T00:00:00Z'].map((now) => isGivenUp(since, at(now))),
    [false, true],
  )
})

const production = { ENVIRONMENT: 'production', WEBHOOK_ALLOW_PRIVATE: false } as const
const development = { ENVIRONMENT: 'development', WEBHOOK_ALLOW_PRIVATE: false } as const
const inside = { ENVIRONMENT: 'production', WEBHOOK_ALLOW_PRIVATE: true } as const
const addresses: [url: string, production: string | null, development: string | null, inside: string | null][] = [
  ['https://example.com/hooks', null, null, null],
  ['https://example.com:8443/hooks?x=1', null, null, null],
  ['https://93.184.216.34/', null, null, null],
  ['http://example.com/', 'https', 'https', 'https'],
  ['http://localhost:3000/', 'https', null, 'https'],
  ['http://127.0.0.1/', 'https', null, 'https'],
  ['https://localhost/', 'private', null, null],
  ['https://[::1]/', 'private', null, null],
  ['https://127.0.0.1/', 'private', null, null],
  ['https://0x7f.1/', 'private', null, null],
  ['https://2130706433/', 'private', null, null],
  ['https://10.0.0.1/', 'private', 'private', null],
  ['https://169.254.169.254/latest/meta-data/', 'private', 'private', null],
  ['https://[::ffff:10.0.0.1]/', 'private', 'private', null],
  ['https://[fd00:ec2::254]/', 'private', 'private', null],
  ['https://metadata.google.internal/', 'private', 'private', null],
  ['https://intranet/', 'private', 'private', null],
  ['https://printer.local./', 'private', 'private', null],
  ['https://user:secret@example.com/', 'credentials', 'credentials', 'credentials'],
  ['https://example.com/#part', 'url', 'url', 'url'],
  ['ftp://example.com/', 'url', 'url', 'url'],
  ['javascript:alert(1)', 'url', 'url', 'url'],
  ['example.com', 'url', 'url', 'url'],
]
test('An address is https on the public internet; in development also this machine; private ones where the setting lets them', () => {
  for (const [url, ...wanted] of addresses)
    assert.deepEqual(
      [production, development, inside].map((config) => urlProblem(url, config)),
      wanted,
      url,
    )
})
