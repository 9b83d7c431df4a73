import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { FileError } from './store.ts'
import type { Bucket, FileStore } from './store.ts'

const binary = { contentType: 'application/octet-stream' }

const badKeys = [
  ['', '/', '/etc/passwd.txt', '../a.txt', 'a/../b.txt', 'a/./b.txt', 'a//b.txt', './a.txt', 'a/..', '..'],
  ['a\0.txt', 'a\n.txt', 'a\\b.txt', '..\\a.txt', 'c:/a.txt', 'a b.txt', '%2e%2e/a.txt', 'ключ.txt', 'A.txt'],
  ['.incoming/x.txt', '.hidden.txt', 'folder', 'folder/', 'a.txt/b.txt', 'a.', 'a..txt', 'con.txt', 'nul/a.txt'],
  [`${'a'.repeat(101)}.txt`, `${'a/'.repeat(300)}a.txt`],
].flat()

/** What every file store promises. `makeStore` answers a new empty one for each test. */
export function fileStoreSuite(name: string, makeStore: () => Promise<FileStore>): void {
  describe(`${name}: a file store`, () => {
    test('gives back the bytes it was given, with their size and hash', async () => {
      const store = await makeStore()
      const bytes = randomBytes(100_000)

      const stored = await store.put('photos', 'users/12/face.jpg', bytes, { contentType: 'image/jpeg' })

      assert.deepEqual(stored, { size: 100_000, sha256: createHash('sha256').update(bytes).digest('hex') })
      assert.deepEqual(await readAll(store, 'photos', 'users/12/face.jpg'), { size: 100_000, bytes })
      assert.deepEqual(await store.stat('photos', 'users/12/face.jpg'), { size: 100_000 })
      assert.equal(await store.exists('photos', 'users/12/face.jpg'), true)
    })

    test('takes a stream of unknown length', async () => {
      const store = await makeStore()
      const chunks = Array.from({ length: 40 }, () => randomBytes(65_536))

      const stored = await store.put('exports', 'all.zip', Readable.from(chunks), binary)

      assert.equal(stored.size, 40 * 65_536)
      assert.deepEqual((await readAll(store, 'exports', 'all.zip'))?.bytes, Buffer.concat(chunks))
    })

    test('keeps an empty file as a file', async () => {
      const store = await makeStore()

      await store.put('chat', 'empty.txt', new Uint8Array(), binary)

      assert.deepEqual(await readAll(store, 'chat', 'empty.txt'), { size: 0, bytes: Buffer.alloc(0) })
    })

    test('says of a file that is not there that it is not there', async () => {
      const store = await makeStore()

      assert.equal(await store.get('photos', 'no/such.jpg'), null)
      assert.equal(await store.stat('photos', 'no/such.jpg'), null)
      assert.equal(await store.exists('photos', 'no/such.jpg'), false)
    })

    test('replaces a file whole, while an earlier reader still reads the old one', async () => {
      const store = await makeStore()
      await store.put('chat', 'note.txt', Buffer.alloc(300_000, 'old'), binary)
      const reader = await store.get('chat', 'note.txt')

      await store.put('chat', 'note.txt', Buffer.from('new'), binary)

      assert.deepEqual(await buffer(reader!.stream), Buffer.alloc(300_000, 'old'))
      assert.deepEqual((await readAll(store, 'chat', 'note.txt'))?.bytes, Buffer.from('new'))
    })

    test('deletes, and takes a second deletion as done', async () => {
      const store = await makeStore()
      await store.put('chat', '5/a.txt', Buffer.from('a'), binary)

      await store.delete('chat', '5/a.txt')
      await store.delete('chat', '5/a.txt')
      await store.delete('chat', 'never/was.txt')

      assert.equal(await store.exists('chat', '5/a.txt'), false)
      assert.deepEqual(await listAll(store, 'chat'), [])
    })

    test('lists by the first characters of the key, in order, one bucket only', async () => {
      const store = await makeStore()
      for (const key of ['a/z.txt', 'a-b/x.txt', 'a.txt', 'ab/c/d.txt', 'b.txt']) {
        await store.put('documents', key, Buffer.from('.'), binary)
      }
      await store.put('photos', 'a/other.txt', Buffer.from('.'), binary)

      assert.deepEqual(await listAll(store, 'documents'), ['a-b/x.txt', 'a.txt', 'a/z.txt', 'ab/c/d.txt', 'b.txt'])
      assert.deepEqual(await listAll(store, 'documents', 'a'), ['a-b/x.txt', 'a.txt', 'a/z.txt', 'ab/c/d.txt'])
      assert.deepEqual(await listAll(store, 'documents', 'a/'), ['a/z.txt'])
      assert.deepEqual(await listAll(store, 'documents', 'ab/c'), ['ab/c/d.txt'])
      assert.deepEqual(await listAll(store, 'documents', 'nothing/'), [])
    })

    test('keeps nothing of a body that breaks off', async () => {
      const store = await makeStore()

      await assert.rejects(store.put('chat', 'part.bin', broken(), binary), /the client went away/)

      assert.equal(await store.exists('chat', 'part.bin'), false)
      assert.deepEqual(await listAll(store, 'chat'), [])
    })

    test('leaves the old file when its replacement breaks off', async () => {
      const store = await makeStore()
      await store.put('chat', 'note.txt', Buffer.from('old'), binary)
      const cut = new Readable({ read() {} })
      cut.push(Buffer.alloc(70_000))
      setTimeout(() => cut.destroy(), 20)

      await assert.rejects(store.put('chat', 'note.txt', cut, binary))

      assert.deepEqual((await readAll(store, 'chat', 'note.txt'))?.bytes, Buffer.from('old'))
    })

    test('stops at the limit and keeps nothing', async () => {
      const store = await makeStore()
      let given = 0
      async function* endless() {
        for (;;) {
          given += 1000
          yield Buffer.alloc(1000)
        }
      }

      await assert.rejects(
        store.put('chat', 'big.bin', endless(), { ...binary, maxBytes: 10_000 }),
        refusal('too_large'),
      )
      await store.put('chat', 'fits.bin', Buffer.alloc(10_000), { ...binary, maxBytes: 10_000 })

      assert.ok(given < 1_000_000, `${given} bytes were taken`)
      assert.deepEqual(await listAll(store, 'chat'), ['fits.bin'])
    })

    test('gives one of two writers of a key, whole', async () => {
      const store = await makeStore()
      for (let round = 0; round < 10; round++) {
        const bodies = [Buffer.alloc(400_000, 1), Buffer.alloc(300_000, 2), Buffer.alloc(200_000, 3)]

        await Promise.all(bodies.map((body) => store.put('chat', 'race.bin', Readable.from(chunked(body)), binary)))

        const { bytes, size } = (await readAll(store, 'chat', 'race.bin'))!
        assert.equal(bytes.length, size)
        assert.ok(bodies.some((body) => body.equals(bytes)))
      }
    })

    test('refuses keys that could lead anywhere else', async () => {
      const store = await makeStore()
      for (const key of badKeys) {
        await assert.rejects(store.put('chat', key, Buffer.from('x'), binary), refusal('bad_key'), JSON.stringify(key))
        await assert.rejects(store.get('chat', key), refusal('bad_key'), JSON.stringify(key))
        await assert.rejects(store.stat('chat', key), refusal('bad_key'), JSON.stringify(key))
        await assert.rejects(store.delete('chat', key), refusal('bad_key'), JSON.stringify(key))
      }
      assert.deepEqual(await listAll(store, 'chat'), [])
    })

    test('refuses prefixes that could lead anywhere else', async () => {
      const store = await makeStore()

      for (const prefix of ['../', '/', 'a/../', '.incoming', 'a//', 'a\0', 'A']) {
        await assert.rejects(() => listAll(store, 'chat', prefix), refusal('bad_key'), JSON.stringify(prefix))
      }
    })

    test('makes its buckets again without harm, and says that it can be written to', async () => {
      const store = await makeStore()
      await store.put('chat', 'kept.txt', Buffer.from('x'), binary)

      await store.prepare(Temporal.Instant.from('2026-03-02T12:00:00Z'))
      await store.check()

      assert.equal(await store.exists('chat', 'kept.txt'), true)
    })
  })
}

function refusal(code: FileError['code']) {
  return (error: unknown) => error instanceof FileError && error.code === code
}

function* chunked(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 32_768) yield bytes.subarray(at, at + 32_768)
}

async function readAll(store: FileStore, bucket: Bucket, key: string) {
  const found = await store.get(bucket, key)
  return found && { size: found.size, bytes: await buffer(found.stream) }
}

async function listAll(store: FileStore, bucket: Bucket, prefix?: string) {
  return Array.fromAsync(store.list(bucket, prefix), (file) => file.key)
}

async function* broken() {
  yield Buffer.alloc(70_000)
  throw new Error('the client went away')
}
