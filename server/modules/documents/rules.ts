import { denied, invalid } from '../../platform/errors.ts'
import type { DocumentChange, DocumentStatus } from './schema.ts'

/** Pictures and PDF: what a reviewer can look at without a program that runs what is in it. */
export const acceptedTypes = ['application/pdf', 'image/jpeg', 'image/png', 'image/webp', 'image/heic'] as const
export const maxDocumentBytes = 10 * 1024 * 1024
/** So many papers of one person, old ones included. */
export const mostDocuments = 100

/** What the owner may ask for. @throws PERMISSION_DENIED for a verdict on one's own */
export function checkOwnChange(change: DocumentChange): void {
  if (change.status !== undefined || change.reason !== undefined) throw denied('Nobody reviews their own documents')
}

/** What a reviewer may decide. @throws VALIDATION_ERROR, PERMISSION_DENIED for what is the owner's to change */
export function checkReview(change: DocumentChange, validUntil: string | null, today: Temporal.PlainDate): void {
  if (change.title !== undefined || change.type !== undefined) throw denied('Only the owner changes title and type')
  if (change.status === undefined) throw invalid('status', 'This field is required', 'required')
  if (change.status === 'rejected' && change.reason === undefined)
    throw invalid('reason', 'Say why it is rejected', 'required')
  if (change.status === 'approved' && change.reason !== undefined)
    throw invalid('reason', 'A reason belongs to a rejection', 'forbidden')
  if (change.status === 'approved' && validUntil !== null && isOver(validUntil, today))
    throw invalid('valid_until', 'This document is no longer valid', 'past')
}

/** Has the last day of a document passed? */
export const isOver = (validUntil: string, today: Temporal.PlainDate): boolean =>
  Temporal.PlainDate.compare(Temporal.PlainDate.from(validUntil), today) < 0

/** Where the owner's change leads: to a new review, unless the scanner has yet to see it. */
export const statusAfterChange = (status: DocumentStatus): DocumentStatus =>
  status === 'pending_scan' ? 'pending_scan' : 'pending'

/** Is a provider verified? While one document of each required type is approved. */
export const isVerified = (required: readonly string[], approvedTypes: readonly string[]): boolean =>
  required.every((type) => approvedTypes.includes(type))
