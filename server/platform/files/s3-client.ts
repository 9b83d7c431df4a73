import { S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { S3Options } from './s3.ts'

type Sent = Parameters<NodeHttpHandler['handle']>

/**
 * The client of one S3: three tries with growing pauses, each of which ends after so many milliseconds of silence, however long bytes take that move. An S3 that
 * accepts and never answers costs 15 s by that, and not a minute and a half.
 */
export function clientOf({ endpoint, region, accessKey, secretKey }: S3Options, silence: number): S3Client {
  // Whoever downloads slowly holds a connection; they must not keep others from uploading.
  const agents = { httpAgent: { maxSockets: 256 }, httpsAgent: { maxSockets: 256 } }
  const common = { connectionTimeout: 3000, throwOnRequestTimeout: true, ...agents }
  // Bytes on their way to S3 may take long, as long as they move.
  const sending = new NodeHttpHandler({ ...common, requestTimeout: 60_000, socketTimeout: silence })
  // An answer begins soon; its bytes then come as fast as whoever downloads takes them.
  const asking = new NodeHttpHandler({ ...common, requestTimeout: silence, socketTimeout: 60_000 })
  const handlerOf = ({ method }: Sent[0]): NodeHttpHandler => (method === 'PUT' ? sending : asking)
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // Names of buckets before the host need DNS that self-hosted servers do not have; every server knows paths.
    forcePathStyle: true,
    maxAttempts: 3,
    // Waiting to be told to go on costs a round trip and a new connection for each part; what S3 refuses it refuses as well after 5 MiB.
    expectContinueHeader: false,
    // Checksums of their own kind are AWS's alone; requests are signed with the hash of their body, or go over TLS.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      metadata: asking.metadata,
      handle: (...sent: Sent) => handlerOf(sent[0]).handle(...sent),
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => asking.httpHandlerConfigs(),
      destroy: () => [sending, asking].forEach((handler) => handler.destroy()),
    },
  })
}
