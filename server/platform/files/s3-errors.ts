import { S3ServiceException } from '@aws-sdk/client-s3'
import { CircuitOpen } from '../circuit.ts'
import { unavailable } from '../errors.ts'
import type { Logger } from '../log.ts'
import { FileError } from './store.ts'

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined

/** Does this say that S3 is ill or out of reach? A refusal of one request does not. */
export function isServiceFailure(error: unknown): boolean {
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 429
}

/** Is the file, or its bucket, not there? A HEAD has no body that would say which. */
export const isMissing = (error: unknown): error is S3ServiceException =>
  error instanceof S3ServiceException && (statusOf(error) === 404 || error.name === 'NoSuchKey')

/** Was the bucket made meanwhile, by us or another node? */
export const wasMade = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'BucketAlreadyOwnedByYou'

/**
 * What S3 answered badly, as who asked the store may hear it: what is missing stays as it is, an ill service becomes SERVICE_UNAVAILABLE, and what S3 refuses
 * for good one sentence that an operator understands. The secret key is in none of them.
 */
export function readable(error: unknown, endpoint: string, log: Logger): Error {
  if (isMissing(error) || wasMade(error)) return error as S3ServiceException
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (isServiceFailure(error)) {
    if (!(error instanceof CircuitOpen)) log.error({ s3: endpoint, name, reason: message }, 'S3 does not answer well')
    return Object.assign(unavailable('Files are not available right now'), { cause: error })
  }
  // The answer to a HEAD has nothing but its status.
  const why = name.startsWith('Unknown') ? '' : ` (${name}: ${message})`
  const refused = `S3 at ${endpoint} refuses with ${statusOf(error)}${why}; see MINIO_ACCESS_KEY, MINIO_SECRET_KEY, MINIO_REGION and MINIO_BUCKET_PREFIX`
  log.error({ s3: endpoint, name }, refused)
  return new FileError('refused', refused)
}
