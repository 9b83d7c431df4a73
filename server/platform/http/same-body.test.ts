import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { bodyOf } from './same-body.ts'

let hashed = 0
const tagOf = (bytes: Buffer): string => {
  hashed++
  return createHash('sha1').update(bytes).digest('base64url')
}
const [one, two] = [Buffer.from('{"id":1}'), Buffer.from('{"id":2}')]
const put = (key: string, head: string, pieces: Buffer[], tail: string) => {
  const { bytes, etag } = bodyOf(key, head, pieces, tail, tagOf)
  assert.equal(bytes.toString(), head + pieces.join('') + tail)
  assert.equal(etag, createHash('sha1').update(bytes).digest('base64url'))
  return bytes
}

test('A page of the very same pieces is put together and hashed once', () => {
  const first = put('/a', '[', [one, two], ']')
  const before = hashed
  assert.equal(put('/a', '[', [one, two], ']'), first)
  assert.equal(hashed, before)
})

test('Whatever part of a page is another, the page is: a piece, their number or order, the count before them, the links behind them', () => {
  const first = put('/b', '[', [one, two], ']')
  const others = [
    put('/b', '[', [one, Buffer.from('{"id":2}')], ']'),
    put('/b', '[', [two, one], ']'),
    put('/b', '[', [one], ']'),
    put('/b', '[', [one, two, two], ']'),
    put('/b', '[ ', [one, two], ']'),
    put('/b', '[', [one, two], '] '),
    put('/c', '[', [one, two], ']'),
  ]
  assert.ok(others.every((bytes) => bytes !== first))
})

test('However many pages are asked for, not more than sixteen megabytes are kept', () => {
  const pieces = [Buffer.alloc(100_000, 'x')]
  const first = put('/first', '', pieces, '')
  for (let i = 0; i < 100; i++) put(`/page/${i}`, '', pieces, '')
  assert.notEqual(put('/first', '', pieces, ''), first)
})

test('Nor are they where the addresses are long and the pages empty', () => {
  const long = 'x'.repeat(15_000)
  const first = put(`/first?${long}`, '[', [], ']')
  for (let i = 0; i < 1100; i++) put(`/${i}?${long}`, '[', [], ']')
  assert.notEqual(put(`/first?${long}`, '[', [], ']'), first)
})

test('A page that is kept keeps nothing beside it: it is not cut from what other buffers are cut from', () => {
  const { buffer, length } = put('/small', '[', [one, two], ']')
  assert.equal(buffer.byteLength, length)
})
