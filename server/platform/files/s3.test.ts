import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { after, describe, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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

/** A store on a server that does with each connection what the test says. */
async function storeOn(t: TestContext, serve: (socket: Socket) => void, patienceMs: S3Options['patienceMs'] & object) {
  const connected = new Set<Socket>()
  const server = createServer((socket) => {
    connected.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of connected) socket.destroy()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const keys = { accessKey: 'a', secretKey: 'b', region: 'us-east-1', bucketPrefix: 'x-' }
  const store = createS3Store({ endpoint, ...keys, now, log: createLogger('silent', false), patienceMs })
  return { store, connected }
}

test('an S3 that takes every question and answers none holds neither a start nor the health', async (t) => {
  const { store, connected } = await storeOn(t, () => undefined, { start: 50, health: 50 })

  const began = performance.now()
  await assert.rejects(store.check(), { code: 'SERVICE_UNAVAILABLE' })
  await assert.rejects(store.prepare(now()), { code: 'SERVICE_UNAVAILABLE' })
  const took = performance.now() - began

  assert.ok(connected.size > 0 && took < 5000, `${took} ms`)
})

test('an S3 that takes all bytes and answers nothing costs an upload three silences, whether short or in parts', async (t) => {
  const { store, connected } = await storeOn(t, (socket) => socket.resume(), { silence: 150 })
  const long = Array.from({ length: 12 }, () => Buffer.alloc(1024 * 1024))

  const began = performance.now()
  await assert.rejects(store.put('chat', 'a.txt', Buffer.alloc(1024 * 1024), binary), { code: 'SERVICE_UNAVAILABLE' })
  const short = connected.size
  await assert.rejects(store.put('chat', 'a.bin', chunksOf(long), binary), { code: 'SERVICE_UNAVAILABLE' })
  await assert.rejects(store.get('chat', 'a.txt'), { code: 'SERVICE_UNAVAILABLE' })
  const took = performance.now() - began

  assert.equal(short, 3)
  // By the settings of the product (5 s) this would be thirty times as long for nine silences: far below what a request may take.
  assert.ok(took < 5000, `${took} ms`)
})

test('an S3 that is slow with every part is waited for, however long all of them take', async (t) => {
  const parts: number[] = []
  const slow = createHttpServer((request, response) => {
    void (async () => {
      const { length } = await buffer(request)
      if (request.method === 'PUT') parts.push(length)
      await sleep(500)
      response.setHeader('etag', '"x"')
      if (request.url?.includes('uploads')) response.end(answerOf('InitiateMultipartUpload', '<UploadId>1</UploadId>'))
      else response.end(request.method === 'POST' ? answerOf('CompleteMultipartUpload', '<ETag>"x"</ETag>') : '')
    })()
  })
  const { store } = await storeOn(t, (socket) => slow.emit('connection', socket), { silence: 2500 })
  const chunks = Array.from({ length: 24 }, () => Buffer.alloc(1024 * 1024))

  const began = performance.now()
  await store.put('chat', 'a.bin', chunksOf(chunks), binary)

  const mib = 1024 * 1024
  assert.deepEqual(parts, [5 * mib, 5 * mib, 5 * mib, 5 * mib, 4 * mib])
  // Longer than one silence may be; each answer alone comes in a fifth of that, which leaves a busy machine two seconds.
  assert.ok(performance.now() - began > 2500)
})

const answerOf = (name: string, inner: string): string => `<?xml version="1.0"?><${name}Result>${inner}</${name}Result>`
