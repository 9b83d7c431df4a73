import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { buffer } from 'node:stream/consumers'
import { copyFiles } from './copy.ts'
import { createDirectoryStore } from './directory.ts'

const noon = Temporal.Instant.from('2026-03-02T12:00:00Z')
const roots: string[] = []
after(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))))
async function store() {
  const root = await mkdtemp(path.join(tmpdir(), 'banister-copy-'))
  roots.push(root)
  return createDirectoryStore(root)
}
const binary = { contentType: 'text/plain' }

test('every file of every bucket is copied, and once more only what came or changed since', async () => {
  const [from, to] = [await store(), await store()]
  await from.put('photos', '200/a.jpg', Buffer.from('face'), binary)
  await from.put('chat', 'b.txt', Buffer.from('hello'), binary)
  const first = await copyFiles(from, to, noon)
  await from.put('chat', 'b.txt', Buffer.from('hello again'), binary)
  await from.put('exports', 'c.zip', Buffer.alloc(0), binary)

  const second = await copyFiles(from, to, noon)

  assert.deepEqual(first, { copied: 2, skipped: 0, bytes: 9 })
  assert.deepEqual(second, { copied: 2, skipped: 1, bytes: 11 })
  const text = async (bucket: 'photos' | 'chat', key: string) =>
    (await buffer((await to.get(bucket, key))!.stream)).toString()
  assert.deepEqual([await text('photos', '200/a.jpg'), await text('chat', 'b.txt')], ['face', 'hello again'])
  assert.equal(await from.exists('chat', 'b.txt'), true)
})
