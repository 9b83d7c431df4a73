import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecrets } from '../../platform/secrets.ts'
import { hashRecoveryCode, newRecoveryCodes, stepOfCode } from './totp.ts'

// `12345678901234567890` in Base32, and the last six digits of the SHA-1 codes of RFC 6238 appendix B.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const vectors = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const
const at = (seconds: number) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000)

test('the codes of RFC 6238 are those of their steps', () => {
  for (const [seconds, code] of vectors)
    assert.equal(stepOfCode(secret, code, at(seconds), -1), Math.floor(seconds / 30), code)
})

test('a code counts one step early and one step late, from the first to the last second of those', () => {
  // The step of 59 is the second one: from 30 to 60.
  const taken = [0, 29, 30, 59, 60, 89, 90, 120].map((seconds) => stepOfCode(secret, '287082', at(seconds), -1))

  assert.deepEqual(taken, [1, 1, 1, 1, 1, 1, null, null])
})

test('neither the last step nor one before it is taken again, also when the clock was set back', () => {
  assert.equal(stepOfCode(secret, '287082', at(59), 0), 1)
  assert.equal(stepOfCode(secret, '287082', at(59), 1), null)
  assert.equal(stepOfCode(secret, '287082', at(59), 9_999_999), null)
})

test('what is no six digits is no code; spaces do no harm', () => {
  for (const text of ['', '28708', '2870820', '28708a', '２８７０８２', '-87082'])
    assert.equal(stepOfCode(secret, text, at(59), -1), null)
  assert.equal(stepOfCode(secret, ' 287 082 ', at(59), -1), 1)
})

test('recovery codes are ten, all different, and the same however they are typed, for one account only', () => {
  const codes = newRecoveryCodes()
  const [code] = codes as [string]

  assert.equal(new Set(codes).size, 10)
  const typed = [code.toUpperCase(), code.replaceAll('-', ' '), code.replaceAll('0', 'O').replaceAll('1', 'l')]
  for (const text of typed) assert.equal(hashRecoveryCode(7, text), hashRecoveryCode(7, code))
  assert.notEqual(hashRecoveryCode(8, code), hashRecoveryCode(7, code))
})

test('what is sealed opens with the same or the previous key, for what it belongs to, and unchanged only', () => {
  const old = createSecrets('a'.repeat(40), null)
  const rotated = createSecrets('b'.repeat(40), 'a'.repeat(40))
  const other = createSecrets('c'.repeat(40), null)
  const sealed = old.seal('second factor', secret, '7')

  assert.ok(!Buffer.from(sealed, 'base64url').toString('latin1').includes(secret))
  assert.notEqual(old.seal('second factor', secret, '7'), sealed)
  assert.deepEqual(old.unseal('second factor', sealed, '7'), { text: secret, isOld: false })
  assert.deepEqual(rotated.unseal('second factor', sealed, '7'), { text: secret, isOld: true })
  const changed = Buffer.from(sealed, 'base64url')
  changed[30]! ^= 1
  const none = [
    other.unseal('second factor', sealed, '7'),
    old.unseal('second factor', sealed, '8'),
    old.unseal('something else', sealed, '7'),
    old.unseal('second factor', changed.toString('base64url'), '7'),
    old.unseal('second factor', 'short', '7'),
  ]
  assert.deepEqual(none, [null, null, null, null, null])
})
