import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { buffer } from 'node:stream/consumers'
import { createLogger } from '../log.ts'
import { createS3Store, type S3Options } from './s3.ts'
import { fileStoreSuite } from './store.suite.ts'
import { missingSwift, startSwift, type S3Server } from './swift.fixture.ts'

const missing = missingSwift()
const now = () => Temporal.Instant.from('2026-03-02T12:00:00Z')
const binary = { contentType: 'application/octet-stream' }

if (missing !== null) {
  // eslint-disable-next-line node/no-process-env -- only CI knows that everything must be there
  test('S3 is proved against a real server', { skip: process.env['CI'] ? false : missing }, () => assert.fail(missing))
} else {
  const server = await startSwift()
  after(() => server.stop())
  proveStore(server)
}

function proveStore({ endpoint, accessKey, secretKey }: S3Server): void {
  const access = { endpoint, accessKey, secretKey, region: 'us-east-1', now, log: createLogger('silent', false) }
  const raw = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  })
  let stores = 0
  const empty = async (options: Partial<S3Options> = {}) => {
    const bucketPrefix = `t${++stores}-`
    const store = createS3Store({ ...access, bucketPrefix, ...options })
    await store.prepare(now())
    return { store, bucketPrefix }
  }
  const openUploads = async (Bucket: string) =>
    ((await raw.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(({ Key }) => Key)

  fileStoreSuite('S3', async () => (await empty()).store)

  describe('S3: a file store', () => {
    test('takes a file of several parts, whole and in order', async () => {
      const { store, bucketPrefix } = await empty()
      const chunks = Array.from({ length: 40 }, () => randomBytes(500_000))
      const bytes = Buffer.concat(chunks)

      const stored = await store.put('exports', 'all.zip', chunksOf(chunks), binary)
      const exact = await store.put('exports', 'exact.zip', bytes.subarray(0, 15 * 1024 * 1024), binary)

      assert.deepEqual(stored, { size: 20_000_000, sha256: createHash('sha256').update(bytes).digest('hex') })
      assert.equal(exact.size, 15 * 1024 * 1024)
      const found = await store.get('exports', 'all.zip')
      assert.equal(found!.size, 20_000_000)
      assert.ok((await buffer(found!.stream)).equals(bytes))
      assert.deepEqual(await openUploads(`${bucketPrefix}exports`), [])
    })

    test('a long file that breaks off, or proves too long, leaves neither a file nor parts', async () => {
      const { store, bucketPrefix } = await empty()
      await store.put('exports', 'all.zip', Buffer.from('old'), binary)
      const long = Array.from({ length: 40 }, () => Buffer.alloc(500_000))

      await assert.rejects(store.put('exports', 'all.zip', broken(long), binary), /the client went away/)
      await assert.rejects(store.put('exports', 'new.zip', chunksOf(long), { ...binary, maxBytes: 19_999_999 }), {
        code: 'too_large',
      })

      assert.deepEqual(await openUploads(`${bucketPrefix}exports`), [])
      const files = await Array.fromAsync(store.list('exports'))
      assert.deepEqual(files, [{ key: 'all.zip', size: 3 }])
    })

    test('lists page after page', async () => {
      const { store } = await empty({ pageSize: 3 })
      const keys = Array.from({ length: 8 }, (_, i) => `a/${i}.txt`)
      for (const key of keys) await store.put('chat', key, Buffer.from('x'), binary)

      assert.deepEqual(await Array.fromAsync(store.list('chat', 'a/'), ({ key }) => key), keys)
    })

    test('a start clears away the parts of uploads that nobody finished for a day, and no others', async () => {
      const { store, bucketPrefix } = await empty()
      const Bucket = `${bucketPrefix}chat`
      await raw.send(new CreateMultipartUploadCommand({ Bucket, Key: 'left.bin' }))
      const started = Temporal.Now.instant()

      await store.prepare(started.add({ hours: 23 }))
      const early = await openUploads(Bucket)
      await store.prepare(started.add({ hours: 25 }))

      assert.deepEqual([early, await openUploads(Bucket)], [['left.bin'], []])
    })

    test('a bucket that is missing is made by the first write', async () => {
      const store = createS3Store({ ...access, bucketPrefix: 'never-prepared-' })

      assert.equal(await store.get('chat', 'a.txt'), null)
      await store.put('chat', 'a.txt', Buffer.from('x'), binary)
      await store.put('exports', 'b.zip', Buffer.alloc(9 * 1024 * 1024), binary)

      assert.deepEqual(await store.stat('chat', 'a.txt'), { size: 1 })
      assert.deepEqual(await store.stat('exports', 'b.zip'), { size: 9 * 1024 * 1024 })
    })

    test('wrong keys are told in one sentence that names the settings and no secret', async () => {
      const store = createS3Store({ ...access, bucketPrefix: 'wrong-', secretKey: 'not-the-secret' })

      const error: unknown = await store.prepare(now()).catch((reason: unknown) => reason)

      assert.ok(error instanceof Error)
      assert.match(error.message, /^S3 at http:\/\/127\.0\.0\.1:\d+ refuses with 403.*MINIO_SECRET_KEY/)
      assert.doesNotMatch(error.message, /not-the-secret/)
      assert.deepEqual('code' in error && error.code, 'refused')
      await assert.rejects(store.check())
    })
  })
}

test('an S3 that nobody reaches is told as such within seconds, and soon without waiting; a body is not read to its end for nothing', async () => {
  const errors: unknown[] = []
  const store = createS3Store({
    endpoint: 'http://127.0.0.1:9',
    accessKey: 'a',
    secretKey: 'b',
    region: 'us-east-1',
    bucketPrefix: 'x-',
    now,
    log: createLogger('silent', false),
  })
  let ended = false
  async function* endless() {
    try {
      for (;;) yield Buffer.alloc(1_000_000)
    } finally {
      ended = true
    }
  }

  for (let i = 0; i < 5; i++) errors.push(await store.stat('chat', 'a.txt').catch((error: unknown) => error))
  const began = performance.now()
  await assert.rejects(store.put('chat', 'a.bin', endless(), binary), { code: 'SERVICE_UNAVAILABLE' })
  await assert.rejects(store.check(), { code: 'SERVICE_UNAVAILABLE' })

  for (const error of errors)
    assert.deepEqual(error instanceof Error && 'code' in error && error.code, 'SERVICE_UNAVAILABLE')
  assert.ok(ended)
  assert.ok(performance.now() - began < 1000)
})

async function* chunksOf(chunks: Buffer[]) {
  yield* chunks
}

async function* broken(chunks: Buffer[]) {
  yield* chunks
  throw new Error('the client went away')
}

test('an S3 that takes every question and answers none holds neither a start nor the health', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const store = createS3Store({
    endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    accessKey: 'a',
    secretKey: 'b',
    region: 'us-east-1',
    bucketPrefix: 'x-',
    now,
    log: createLogger('silent', false),
    patienceMs: { start: 50, health: 50 },
  })
  const connected = new Set<{ destroy: () => void }>()
  silent.on('connection', (socket) => connected.add(socket))

  const began = performance.now()
  await assert.rejects(store.check(), { code: 'SERVICE_UNAVAILABLE' })
  await assert.rejects(store.prepare(now()), { code: 'SERVICE_UNAVAILABLE' })
  const took = performance.now() - began

  for (const socket of connected) socket.destroy()
  silent.close()
  assert.ok(connected.size > 0 && took < 5000, `${took} ms`)
})
