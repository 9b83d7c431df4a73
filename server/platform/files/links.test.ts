import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signLink, verifyLink } from './links.ts'

const secret = 'a key of links, thirty-two bytes'
const now = Temporal.Instant.from('2026-03-02T12:00:00Z')
const expiresAt = now.add({ minutes: 5 })
const link = { key: 'documents/12/paper.pdf', purpose: 'download' }
const token = signLink({ ...link, expiresAt, secret })

test('a link opens what it was made for until it expires', () => {
  assert.equal(verifyLink({ ...link, token, secrets: [secret], now }), 'valid')
  assert.equal(verifyLink({ ...link, token, secrets: [secret], now: expiresAt.subtract({ milliseconds: 1 }) }), 'valid')
  assert.equal(verifyLink({ ...link, token, secrets: [secret], now: expiresAt }), 'expired')
})

test('a link opens nothing else and serves for nothing else', () => {
  const secrets = [secret]

  assert.equal(verifyLink({ ...link, key: 'documents/13/paper.pdf', token, secrets, now }), 'forged')
  assert.equal(verifyLink({ ...link, purpose: 'upload', token, secrets, now }), 'forged')
  const shifted = signLink({ key: 'b","c', purpose: 'a', expiresAt, secret })
  assert.equal(verifyLink({ key: 'c', purpose: 'a","b', token: shifted, secrets, now }), 'forged')
})

test('a changed expiry or signature is forged, not expired', () => {
  const [expires = '', mac = ''] = token.split('.')
  const changed = [
    `${Number(expires) + 3600}.${mac}`,
    `0${expires}.${mac}`.slice(0, 12),
    `${expires}.${mac.slice(0, -1)}${mac.endsWith('A') ? 'B' : 'A'}`,
    `${expires}.${mac}=`,
    `${expires}.`,
    `-1.${mac}`,
    `1.${mac}`,
    '',
    'x'.repeat(100_000),
    `${'9'.repeat(50)}.${mac}`,
  ]

  for (const forged of changed) {
    assert.equal(
      verifyLink({ ...link, token: forged, secrets: [secret], now: expiresAt }),
      'forged',
      forged.slice(0, 80),
    )
  }
})

test('a link signed with the previous secret still opens while that secret is accepted', () => {
  const next = 'the next key of links, also long'

  assert.equal(verifyLink({ ...link, token, secrets: [next, secret], now }), 'valid')
  assert.equal(verifyLink({ ...link, token, secrets: [next], now }), 'forged')
  assert.equal(verifyLink({ ...link, token, secrets: [], now }), 'forged')
})

test('a secret that is hardly one is refused', () => {
  assert.throws(() => signLink({ ...link, expiresAt, secret: '' }), RangeError)
})
