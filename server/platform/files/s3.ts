import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  type BucketLocationConstraint,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import { createCircuit } from '../circuit.ts'
import type { Logger } from '../log.ts'
import { clientOf } from './s3-client.ts'
import { isMissing, isServiceFailure, readable, wasMade } from './s3-errors.ts'
import { chain, measure } from './s3-parts.ts'
import { BUCKETS, checkBucket, checkKey, checkPrefix } from './store.ts'
import type { Bucket, FileStore, PutOptions } from './store.ts'

export interface S3Options {
  /** `http://127.0.0.1:9000` or `https://s3.example.com`. */
  endpoint: string
  region: string
  accessKey: string
  secretKey: string
  /** Before the name of each bucket: on some servers names are everybody's. */
  bucketPrefix: string
  /** The clock, for the rest of the circuit. */
  now: () => Temporal.Instant
  log: Logger
  /** Keys asked for at once when listing; S3's own limit is 1,000. */
  pageSize?: number
  /** How long S3 may say nothing, in milliseconds: to whether it is there, for which a start and the health wait, and to each try of anything else. */
  patienceMs?: Partial<Patience>
}

type Patience = { start: number; health: number; silence: number }

/** Parts of an upload that nobody finished for so long are a crash's. */
const stale = Temporal.Duration.from({ hours: 24 })

type Place = { Bucket: string; Key: string }

/**
 * The file store on S3 (MinIO, Ceph, Swift, AWS). A file up to a part's size is one PutObject, a longer one a multipart upload that is completed at once or
 * aborted: either way a key has its old bytes, its new bytes or none. What a crash left of uploads is aborted by `prepare`.
 * Every request is tried three times with growing pauses, and each try ends after five seconds of silence, however long the bytes may take that move;
 * after five failures in a row S3 is left alone for 30 s.
 * Errors: SERVICE_UNAVAILABLE (503) while S3 cannot be reached or is ill, besides those of the interface.
 */
export function createS3Store<B extends string = Bucket>(
  options: S3Options,
  buckets: readonly B[] = BUCKETS as readonly string[] as readonly B[],
): FileStore<B> {
  const { bucketPrefix, endpoint, log, now } = options
  const patienceMs: Patience = { start: 5000, health: 1500, silence: 5000, ...options.patienceMs }
  const client = clientOf(options, patienceMs.silence)
  const circuit = createCircuit({ name: 's3', now, isFailure: isServiceFailure })
  const nameOf = (bucket: B): string => {
    checkBucket(bucket, buckets)
    return bucketPrefix + bucket
  }
  const placeOf = (bucket: B, key: string): Place => {
    checkKey(key)
    return { Bucket: nameOf(bucket), Key: key }
  }

  /** Asks S3; what it answers badly is logged and told in one way. */
  const ask = async <T>(work: (client: S3Client) => Promise<T>): Promise<T> => {
    try {
      return await circuit.run(() => work(client))
    } catch (error) {
      throw readable(error, endpoint, log)
    }
  }

  const createBucket = async (name: string): Promise<void> => {
    // The region where S3 began cannot be named.
    const where = options.region === 'us-east-1' ? {} : configurationOf(options.region)
    try {
      await ask((s3) => s3.send(new CreateBucketCommand({ Bucket: name, ...where })))
    } catch (error) {
      if (!wasMade(error)) throw error
    }
  }
  /** Buckets are made at start; one that has gone since, or a start without S3, must not stop writes for good. */
  const inBucket = async <T>(place: Place, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!(isMissing(error) && error.name === 'NoSuchBucket')) throw error
      await createBucket(place.Bucket)
      return work()
    }
  }

  const abort = async (place: Place, UploadId: string): Promise<void> => {
    try {
      // Whoever uploads waits for it; an S3 that has just been silent to three tries is not given three more.
      const abortSignal = AbortSignal.timeout(patienceMs.health)
      await ask((s3) => s3.send(new AbortMultipartUploadCommand({ ...place, UploadId }), { abortSignal }))
    } catch (error) {
      // Its parts are cleared away a day later, at a start.
      log.warn({ bucket: place.Bucket, error: String(error) }, 'a broken upload could not be cleared away')
    }
  }

  const putParts = async (place: Place, ContentType: string, parts: AsyncIterable<Buffer>): Promise<void> => {
    const begun = await inBucket(place, () =>
      ask((s3) => s3.send(new CreateMultipartUploadCommand({ ...place, ContentType }))),
    )
    const UploadId = begun.UploadId!
    const sent: CompletedPart[] = []
    // One part is under way while the next one is read.
    let sending: Promise<void> = Promise.resolve()
    try {
      let PartNumber = 0
      for await (const Body of parts) {
        await sending
        const number = ++PartNumber
        sending = ask((s3) => s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: number, Body }))).then(
          ({ ETag }) => void sent.push({ PartNumber: number, ETag }),
        )
        // Awaited before the next part; a failure in between is not one that nobody hears of.
        sending.catch(() => undefined)
      }
      await sending
      const command = new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: sent } })
      // Some servers look at every part before they answer: an archive of gigabytes takes its time.
      const requestTimeout = patienceMs.silence + sent.length * 50
      await ask((s3) => s3.send(command, { requestTimeout }))
    } catch (error) {
      await Promise.allSettled([sending])
      await abort(place, UploadId)
      throw error
    }
  }

  const abortStale = async (name: string, before: Temporal.Instant): Promise<void> => {
    const { Uploads = [] } = await ask((s3) => s3.send(new ListMultipartUploadsCommand({ Bucket: name })))
    for (const { Key, UploadId, Initiated } of Uploads) {
      const isStale = Initiated !== undefined && Initiated.getTime() < before.epochMilliseconds
      if (isStale && Key !== undefined && UploadId !== undefined) await abort({ Bucket: name, Key }, UploadId)
    }
  }

  const store: FileStore<B> = {
    async put(bucket, key, body, { contentType, maxBytes }: PutOptions) {
      const place = placeOf(bucket, key)
      const measured = measure(body, maxBytes)
      const parts = measured.parts()
      try {
        const first = await parts.next()
        const second = first.done ? first : await parts.next()
        if (second.done) {
          const Body = first.done ? Buffer.alloc(0) : first.value
          const command = new PutObjectCommand({ ...place, Body, ContentType: contentType })
          await inBucket(place, () => ask((s3) => s3.send(command)))
        } else await putParts(place, contentType, chain([first.value as Buffer, second.value], parts))
        return measured.stored()
      } finally {
        // Where S3 failed first, the body is told that nobody reads on.
        await parts.return(undefined)
      }
    },

    async get(bucket, key) {
      const place = placeOf(bucket, key)
      const answer = await orNull(ask((s3) => s3.send(new GetObjectCommand(place))))
      if (answer === null) return null
      if (!(answer.Body instanceof Readable) || answer.ContentLength === undefined)
        throw new Error('S3 answered no bytes')
      return { stream: answer.Body, size: answer.ContentLength }
    },

    async stat(bucket, key) {
      const place = placeOf(bucket, key)
      const answer = await orNull(ask((s3) => s3.send(new HeadObjectCommand(place))))
      return answer && { size: answer.ContentLength ?? 0 }
    },

    async exists(bucket, key) {
      return (await store.stat(bucket, key)) !== null
    },

    async delete(bucket, key) {
      const place = placeOf(bucket, key)
      await orNull(ask((s3) => s3.send(new DeleteObjectCommand(place))))
    },

    async *list(bucket, prefix = '') {
      checkPrefix(prefix)
      const asked = { Bucket: nameOf(bucket), Prefix: prefix, MaxKeys: options.pageSize ?? 1000 }
      let ContinuationToken: string | undefined
      do {
        const token = ContinuationToken
        const command = new ListObjectsV2Command({ ...asked, ...(token ? { ContinuationToken: token } : {}) })
        const page = await ask((s3) => s3.send(command))
        for (const { Key, Size } of page.Contents ?? []) if (Key !== undefined) yield { key: Key, size: Size ?? 0 }
        ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
      } while (ContinuationToken !== undefined)
    },

    async prepare(time) {
      // An S3 that takes the question and says nothing would hold the start for the 15 s that three tries have.
      const abortSignal = AbortSignal.timeout(patienceMs.start)
      await Promise.all(
        buckets.map(async (bucket) => {
          const Bucket = nameOf(bucket)
          const found = await orNull(ask((s3) => s3.send(new HeadBucketCommand({ Bucket }), { abortSignal })))
          if (found === null) await createBucket(Bucket)
          else await abortStale(Bucket, time.subtract(stale))
        }),
      )
    },

    async check() {
      // Whether it can be written to would need a write, for each of many questions; keys that may not write are told by the first one.
      const abortSignal = AbortSignal.timeout(patienceMs.health)
      await ask((s3) => s3.send(new HeadBucketCommand({ Bucket: nameOf(buckets[0]!) }), { abortSignal }))
    },
  }
  return store
}

/** null where the file, or its bucket, is not there. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const configurationOf = (region: string) => ({
  CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
})
