import type { Readable } from 'node:stream'
import { actorOf, type Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { AppError, conflict, denied, invalid, invalidAll, notFound, type Detail } from '../../platform/errors.ts'
import { checkContent } from '../../platform/files/content.ts'
import { ContentError } from '../../platform/files/content-error.ts'
import { signLink, verifyLink } from '../../platform/files/links.ts'
import { safeName } from '../../platform/files/names.ts'
import type { Page, PageRequest } from '../../platform/http/page.ts'
import { pageOf } from '../../platform/http/page.ts'
import { iso } from '../../platform/http/shapes.ts'
import type { Prepared, Upload } from '../../platform/http/upload.ts'
import { uuid7 } from '../../platform/uuid.ts'
import {
  addToDay,
  attachmentsOfTargets,
  deleteOfTargets,
  deleteUnusedOf,
  findAttachment,
  findOwnAttachment,
  insertAttachment,
  lockOwn,
  selectUnused,
  setTarget,
  usageOf,
  type AttachmentRow,
  type NewAttachment,
  type Target,
} from './attachment-queries.ts'
import { scanUpload } from './scanning.ts'
import type { AttachmentView, UploadView } from './schema.ts'

/** The largest file that can be attached to anything. */
export const maxAttachmentBytes = 25 * 1024 * 1024

/** SPEC section 10: links of private files live five minutes. */
const linkLife = Temporal.Duration.from({ minutes: 5 })
const linkPurpose = 'private file'
/** So many uploads may wait to be used. */
const mostUnused = 100

/** A file that stands in the store and has no row yet. */
export type PreparedFile = Prepared & { file: Omit<NewAttachment, 'owner_id'> }

export type Accepted = {
  /** The field of the refusals. */
  field: string
  /** Content types that are accepted; all of the platform's where absent. */
  contentTypes?: readonly string[]
}

/**
 * Looks into an upload and writes it to the store, before any transaction: its type is told by its content, its name is made harmless. To be called by the
 * `guard` of an operation through `receiveUpload`; `storeAttachment` then makes the row.
 * @throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, VALIDATION_ERROR for what is damaged, CONFLICT and RATE_LIMITED where the person has uploaded too much
 */
export async function prepareAttachment(
  ctx: Context,
  { file, name }: Upload,
  { field, contentTypes }: Accepted = { field: 'file' },
): Promise<PreparedFile> {
  await requireRoom(ctx, file.size)
  const content = await checkContent(file, name).catch((error: unknown) => {
    throw error instanceof ContentError ? refusalOf(error, field) : error
  })
  if (contentTypes && !contentTypes.includes(content.contentType))
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Files of this type are not accepted')
  const scan = await scanUpload(ctx, file.stream())
  if (scan === 'infected') throw invalid(field, 'The file is infected with a virus', 'infected')
  const key = `${uuid7(ctx.now).replaceAll('-', '')}.${content.extensions[0]}`
  const { contentType } = content
  await ctx.house.files.put('attachments', key, file.stream(), { contentType, maxBytes: file.size })
  return {
    kept: false,
    discard: () => ctx.house.files.delete('attachments', key),
    file: {
      key,
      name: safeName(name, content.extensions),
      content_type: contentType,
      size: file.size,
      sha256: file.sha256,
      scan,
    },
  }
}

function refusalOf({ code, message }: ContentError, field: string): AppError {
  if (code === 'unsupported') return new AppError('UNSUPPORTED_MEDIA_TYPE', message)
  if (code === 'too_large') return new AppError('PAYLOAD_TOO_LARGE', message)
  return invalid(field, message, 'file')
}

/** Counts an upload, also one that is refused later, in a write of its own. @throws CONFLICT, RATE_LIMITED */
async function requireRoom(ctx: Context, bytes: number): Promise<void> {
  const { UPLOAD_MB_PER_DAY, UPLOAD_MB_TOTAL } = ctx.house.config
  const { userId } = actorOf(ctx)
  const { kept, unused } = await usageOf(ctx, userId)
  if (unused >= mostUnused) throw conflict('You have too many files that are not used; delete some')
  if (kept + bytes > UPLOAD_MB_TOTAL * 1024 * 1024)
    throw conflict('Your files would take more room than you have; delete some')
  if ((await addToDay(ctx, userId, bytes)) > UPLOAD_MB_PER_DAY * 1024 * 1024) {
    const midnight = ctx.now.toZonedDateTimeISO('UTC').add({ days: 1 }).startOfDay()
    const seconds = Math.ceil((midnight.epochMilliseconds - ctx.now.epochMilliseconds) / 1000)
    throw new AppError('RATE_LIMITED', 'You have uploaded too much today; try again tomorrow', {
      headers: { 'retry-after': String(seconds) },
    })
  }
}

/** Makes a prepared file the asker's, in the transaction of `ctx`: unused, or at once of a target. The bytes were written before; a rollback leaves them to the nightly job. */
export async function storeAttachment(ctx: Context, prepared: PreparedFile, target?: Target): Promise<AttachmentView> {
  return view(ctx, await keep(ctx, prepared, target))
}

async function keep(ctx: Context, prepared: PreparedFile, target?: Target): Promise<AttachmentRow> {
  const row = await insertAttachment(ctx, { ...prepared.file, owner_id: actorOf(ctx).userId }, target)
  prepared.kept = true
  return row
}

/** One's new upload, which belongs to nothing yet. */
export const storeUpload = async (ctx: Context, prepared: PreparedFile): Promise<UploadView> =>
  uploadView(ctx, await inTransaction(ctx, (tx) => keep(tx, prepared)))

/**
 * Gives uploads to what they are attached to, in the transaction of `ctx`. They must be the asker's own, unused and scanned; of two that take the same at once
 * one wins. Answers them in the order of `ids`.
 * @throws VALIDATION_ERROR on `attachment_ids.N`
 */
export async function takeAttachments(
  ctx: Context,
  ids: readonly number[],
  target: Target,
  field = 'attachment_ids',
): Promise<AttachmentView[]> {
  if (ids.length === 0) return []
  const rows = new Map((await lockOwn(ctx, actorOf(ctx).userId, ids)).map((row) => [row.id, row]))
  const details = ids.flatMap((id, index): Detail[] => {
    const row = rows.get(id)
    const at = `${field}.${index}`
    if (row === undefined || row.target_kind !== null || ids.indexOf(id) !== index)
      return [{ field: at, message: 'There is no such file among your unused ones', rule: 'attachment' }]
    return row.scan === 'pending'
      ? [{ field: at, message: 'This file is still being scanned; try again shortly', rule: 'attachment_pending' }]
      : []
  })
  if (details.length > 0) throw invalidAll(details)
  await setTarget(ctx, ids, target)
  return ids.map((id) => view(ctx, rows.get(id)!))
}

/** The files of several things of one kind, by the ids of the things, with fresh links: one query. Who may see them is the caller's to have checked. */
export async function attachmentsOf(
  ctx: Context,
  kind: string,
  ids: readonly string[],
): Promise<Map<string, AttachmentView[]>> {
  if (ids.length === 0) return new Map()
  const found = new Map<string, AttachmentView[]>()
  for (const row of await attachmentsOfTargets(ctx, kind, ids)) {
    const views = found.getOrInsert(row.target_id!, [])
    views.push(view(ctx, row))
  }
  return found
}

/** Removes the files of things that go, in the transaction of `ctx`; a job removes their bytes after the commit. */
export async function releaseAttachments(ctx: Context, kind: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await removeBytes(ctx, await deleteOfTargets(ctx, kind, ids))
}

/** Removes a person's uploads that belong to nothing: their account goes. What belongs to something goes with it. */
export async function discardUnused(ctx: Context, userId: number): Promise<void> {
  await removeBytes(ctx, await deleteUnusedOf(ctx, userId))
}

/** One job for each file, in the transaction of `ctx`. */
export async function removeBytes(ctx: Context, keys: readonly string[]): Promise<void> {
  for (const key of keys) await ctx.house.jobs.enqueue(ctx, 'files.remove_attachment', { key })
}

/** One's uploads that belong to nothing, newest first. */
export async function listUnused(ctx: Context, request: PageRequest): Promise<Page<UploadView>> {
  const { userId } = actorOf(ctx)
  const page = await pageOf(ctx, request, `unused files of ${userId}`, selectUnused(ctx, userId))
  return { ...page, results: page.results.map((row) => uploadView(ctx, row)) }
}

/** One's own upload. @throws NOT_FOUND */
export async function getUpload(ctx: Context, id: number): Promise<UploadView> {
  const row = await findOwnAttachment(ctx, actorOf(ctx).userId, id)
  if (!row) throw notFound('file')
  return uploadView(ctx, row)
}

/** Deletes one's own unused upload. @throws NOT_FOUND, and CONFLICT where it belongs to something, with which it goes */
export async function deleteUpload(ctx: Context, id: number): Promise<void> {
  const { userId } = actorOf(ctx)
  await inTransaction(ctx, async (tx) => {
    const keys = await deleteUnusedOf(tx, userId, id)
    if (keys.length > 0) return removeBytes(tx, keys)
    if (await findOwnAttachment(tx, userId, id)) throw conflict('This file is in use')
    throw notFound('file')
  })
}

function view(ctx: Context, row: AttachmentRow): AttachmentView {
  const { id, name, content_type, size } = row
  return { id, name, content_type, size, url: row.scan === 'pending' ? null : privateUrl(ctx, id) }
}

const uploadView = (ctx: Context, row: AttachmentRow): UploadView => ({
  ...view(ctx, row),
  scan: row.scan,
  is_used: row.target_kind !== null,
  created_at: iso(row.created_at),
})

/** The address of a private file for five minutes: whoever has it may load the file, so it is made for those who may see it. */
export function privateUrl(ctx: Context, id: number): string {
  const { config, secrets } = ctx.house
  const expiresAt = ctx.now.add(linkLife)
  const token = signLink({ key: String(id), purpose: linkPurpose, expiresAt, secret: secrets.key('links') })
  return `${config.PUBLIC_URL}/files/private/${id}/${token}`
}

/** The bytes that a link opens. @throws NOT_FOUND for a forged link and for what is gone, PERMISSION_DENIED for an expired one */
export async function openPrivate(
  ctx: Context,
  id: string,
  token: string,
): Promise<{ stream: Readable; size: number; contentType: string; name: string }> {
  const secrets = ctx.house.secrets.keys('links')
  const verdict = verifyLink({ key: id, purpose: linkPurpose, token, secrets, now: ctx.now })
  if (verdict === 'expired') throw denied('The link has expired')
  const row = verdict === 'valid' ? await findAttachment(ctx, Number(id)) : undefined
  if (!row || row.scan === 'pending') throw notFound('file')
  const found = await ctx.house.files.get('attachments', row.key)
  if (!found) throw notFound('file')
  return { ...found, contentType: row.content_type, name: row.name }
}
