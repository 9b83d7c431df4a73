import { audit } from '../../platform/audit.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { conflict, denied, invalid, notFound } from '../../platform/errors.ts'
import { pageOf, type Page } from '../../platform/http/page.ts'
import { iso, isoOrNull } from '../../platform/http/shapes.ts'
import { setVerified } from '../accounts/index.ts'
import {
  attachmentsOf,
  releaseAttachments,
  storeAttachment,
  type AttachmentView,
  type PreparedFile,
} from '../files/index.ts'
import { tellOwner, tellReviewers } from './notices.ts'
import {
  approvedTypesOf,
  countOf,
  deleteDocumentRow,
  findDocument,
  insertDocument,
  lockDocumentsOf,
  selectDocuments,
  updateDocument,
  type DocumentRow,
} from './queries.ts'
import { checkOwnChange, checkReview, isOver, isVerified, mostDocuments, statusAfterChange } from './rules.ts'
import type {
  DocumentChange,
  DocumentFields,
  DocumentQuery,
  DocumentStatus,
  DocumentType,
  DocumentView,
} from './schema.ts'

/** Files of documents are attachments of this kind. */
export const fileKind = 'document'

const reviews = (ctx: Context): boolean => {
  const actor = actorOf(ctx)
  return isAdministrative(actor.role) && hasPermission(actor, 'document_management')
}

/** The day of the installation: a paper holds until the end of its last one. */
export const todayOf = (ctx: Context): Temporal.PlainDate =>
  ctx.now.toZonedDateTimeISO(ctx.house.config.TIME_ZONE).toPlainDate()

/** One's own documents, newest first; for reviewers everybody's, those that wait oldest first. */
export async function listDocuments(ctx: Context, query: DocumentQuery): Promise<Page<DocumentView>> {
  const { userId } = actorOf(ctx)
  const { status, type } = query
  const ownerId = reviews(ctx) ? query.owner_id : userId
  const rows = selectDocuments(ctx, { ownerId, status, type }).orderBy(
    'documents.id',
    status === 'pending' ? 'asc' : 'desc',
  )
  const key = `documents of ${ownerId ?? 'all'} ${status} ${type}`
  const page = await pageOf(ctx, query, key, rows)
  const files = await attachmentsOf(
    ctx,
    fileKind,
    page.results.map(({ id }) => String(id)),
  )
  return { ...page, results: page.results.map((row) => view(row, files.get(String(row.id))?.[0], false)) }
}

/** A document with a fresh link, for its owner and for reviewers, whose look is logged. @throws NOT_FOUND for everybody else */
export async function getDocument(ctx: Context, id: number): Promise<DocumentView> {
  const row = await findVisible(ctx, id)
  if (row.owner_id !== actorOf(ctx).userId)
    await audit(ctx, { action: 'documents.view', target: { kind: 'document', id } })
  return shown(ctx, row)
}

async function findVisible(ctx: Context, id: number): Promise<DocumentRow> {
  const row = await findDocument(ctx, id, reviews(ctx) ? undefined : actorOf(ctx).userId)
  if (!row) throw notFound('document')
  return row
}

async function shown(ctx: Context, row: DocumentRow): Promise<DocumentView> {
  const files = await attachmentsOf(ctx, fileKind, [String(row.id)])
  return view(row, files.get(String(row.id))?.[0], true)
}

/** Adds a document of the asker's, whose file has been checked and stored; the reviewers are told. @throws VALIDATION_ERROR, CONFLICT for too many */
export async function uploadDocument(ctx: Context, fields: DocumentFields, file: PreparedFile): Promise<DocumentView> {
  const { userId } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const validUntil = dateOf(tx, fields.valid_until ?? null)
    if ((await countOf(tx, userId)) >= mostDocuments) throw conflict('You have too many documents; delete some')
    const status: DocumentStatus = file.file.scan === 'pending' ? 'pending_scan' : 'pending'
    const { title, type } = fields
    const id = await insertDocument(tx, { owner_id: userId, title, type, status, valid_until: validUntil })
    await storeAttachment(tx, file, { kind: fileKind, id: String(id) })
    if (status === 'pending') await tellReviewers(tx, { id, owner_id: userId, title })
    return shown(tx, (await findDocument(tx, id, userId))!)
  })
}

/** @throws VALIDATION_ERROR for a day that has passed */
function dateOf(ctx: Context, day: string | null): Temporal.PlainDate | null {
  if (day === null) return null
  if (isOver(day, todayOf(ctx))) throw invalid('valid_until', 'This document is no longer valid', 'past')
  return Temporal.PlainDate.from(day)
}

/** The owner's change, which asks for a new review; or a reviewer's verdict. @throws NOT_FOUND, PERMISSION_DENIED, VALIDATION_ERROR, CONFLICT */
export async function changeDocument(ctx: Context, id: number, change: DocumentChange): Promise<DocumentView> {
  return inTransaction(ctx, async (tx) => {
    const seen = await findVisible(tx, id)
    await lockDocumentsOf(tx, seen.owner_id)
    const row = await findVisible(tx, id)
    if (row.owner_id === actorOf(tx).userId) await changeOwn(tx, row, change)
    else await review(tx, row, change)
    return shown(tx, await findVisible(tx, id))
  })
}

async function changeOwn(ctx: Context, row: DocumentRow, change: DocumentChange): Promise<void> {
  checkOwnChange(change)
  const { title = row.title, type = row.type as DocumentType } = change
  const validUntil = change.valid_until === undefined ? row.valid_until : dateOf(ctx, change.valid_until)
  const isSame = title === row.title && type === row.type && String(validUntil) === String(row.valid_until)
  if (isSame) return
  const status = statusAfterChange(row.status as DocumentStatus)
  await updateDocument(ctx, row.id, {
    title,
    type,
    valid_until: validUntil,
    status,
    reason: null,
    reviewed_by: null,
    reviewed_at: null,
  })
  if (status === 'pending' && row.status !== 'pending') await tellReviewers(ctx, { ...row, title })
  await renewVerification(ctx, row.owner_id)
}

async function review(ctx: Context, row: DocumentRow, change: DocumentChange): Promise<void> {
  const validUntil = change.valid_until === undefined ? (row.valid_until?.toString() ?? null) : change.valid_until
  checkReview(change, validUntil, todayOf(ctx))
  if (row.status === 'pending_scan') throw conflict('The file of this document has not been scanned yet')
  const { userId } = actorOf(ctx)
  const status = change.status!
  const reason = status === 'rejected' ? change.reason! : null
  if (row.status === status && row.reason === reason && change.valid_until === undefined) return
  await updateDocument(ctx, row.id, {
    status,
    reason,
    valid_until: validUntil === null ? null : Temporal.PlainDate.from(validUntil),
    reviewed_by: userId,
    reviewed_at: ctx.now,
  })
  await audit(ctx, {
    action: 'documents.review',
    target: { kind: 'document', id: row.id },
    before: { status: row.status, reason: row.reason },
    after: { status, reason },
  })
  await tellOwner(ctx, row, status, reason)
  await renewVerification(ctx, row.owner_id)
}

/** Deletes one's own document with its file. @throws NOT_FOUND, PERMISSION_DENIED for reviewers */
export async function deleteDocument(ctx: Context, id: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const seen = await findVisible(tx, id)
    if (seen.owner_id !== actorOf(tx).userId) throw denied('Only the owner deletes a document')
    await lockDocumentsOf(tx, seen.owner_id)
    await findVisible(tx, id)
    await removeDocument(tx, id, seen.owner_id)
  })
}

/** Removes a document with its file and what it proved. */
export async function removeDocument(ctx: Context, id: number, ownerId: number): Promise<void> {
  await deleteDocumentRow(ctx, id)
  await releaseAttachments(ctx, fileKind, [String(id)])
  await renewVerification(ctx, ownerId)
}

/** Makes the owner verified, or not any more, by the documents that are approved now; under the lock of all of them. */
export async function renewVerification(ctx: Context, ownerId: number): Promise<void> {
  const types = await approvedTypesOf(ctx, ownerId)
  await setVerified(ctx, ownerId, isVerified(ctx.house.config.VERIFICATION_REQUIRES, types))
}

/** Ends a document whose last day has passed. */
export async function expireDocument(ctx: Context, id: number, ownerId: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await lockDocumentsOf(tx, ownerId)
    const row = await findDocument(tx, id)
    if (row?.status !== 'approved' || row.valid_until === null || !isOver(row.valid_until.toString(), todayOf(tx)))
      return
    await updateDocument(tx, id, { status: 'expired' })
    await tellOwner(tx, row, 'expired')
    await renewVerification(tx, ownerId)
  })
}

function view(row: DocumentRow, file: AttachmentView | undefined, withLink: boolean): DocumentView {
  return {
    id: row.id,
    owner: { id: row.owner_id, name: row.owner_name },
    title: row.title,
    type: row.type as DocumentType,
    status: row.status as DocumentStatus,
    reason: row.reason,
    valid_until: row.valid_until?.toString() ?? null,
    file: { name: file?.name ?? '', content_type: file?.content_type ?? '', size: file?.size ?? 0 },
    download_url: withLink ? (file?.url ?? null) : null,
    reviewed_at: isoOrNull(row.reviewed_at),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}
