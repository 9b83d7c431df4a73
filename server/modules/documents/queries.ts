import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import type { DocumentStatus, DocumentType } from './schema.ts'

/** All SQL on documents. */

export type NewDocument = {
  owner_id: number
  title: string
  type: DocumentType
  status: DocumentStatus
  valid_until: Temporal.PlainDate | null
}
export type DocumentFilter = { ownerId?: number | undefined; status?: string | undefined; type?: string | undefined }

const columns = [
  'documents.id',
  'documents.owner_id',
  'documents.title',
  'documents.type',
  'documents.status',
  'documents.reason',
  'documents.valid_until',
  'documents.reviewed_at',
  'documents.created_at',
  'documents.updated_at',
] as const

/** Documents with the names of their owners: of one owner, or of all where the asker reviews them. */
export function selectDocuments(ctx: Context, { ownerId, status, type }: DocumentFilter) {
  let query = ctx.db
    .selectFrom('documents')
    .innerJoin('users', 'users.id', 'documents.owner_id')
    .select(columns)
    .select(sql<string>`trim(users.first_name || ' ' || users.last_name)`.as('owner_name'))
  if (ownerId !== undefined) query = query.where('documents.owner_id', '=', ownerId)
  if (status !== undefined) query = query.where('documents.status', '=', status)
  if (type !== undefined) query = query.where('documents.type', '=', type)
  return query
}

export type DocumentRow = NonNullable<Awaited<ReturnType<typeof findDocument>>>

/** A document: the owner's own, or any where `ownerId` is absent. */
export const findDocument = (ctx: Context, id: number, ownerId?: number) =>
  selectDocuments(ctx, { ownerId }).where('documents.id', '=', id).executeTakeFirst()

/** Takes turns with everything else that this person uploads, and counts their documents. */
export async function countOf(ctx: Context, ownerId: number): Promise<number> {
  await ctx.db.selectFrom('users').where('id', '=', ownerId).select('id').forNoKeyUpdate().execute()
  const { count } = await ctx.db
    .selectFrom('documents')
    .where('owner_id', '=', ownerId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export async function insertDocument(ctx: Context, document: NewDocument): Promise<number> {
  const { id } = await ctx.db
    .insertInto('documents')
    .values({ ...document, created_at: ctx.now, updated_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Locks all documents of a person, so that what they prove together is decided by one at a time. */
export async function lockDocumentsOf(
  ctx: Context,
  ownerId: number,
): Promise<{ id: number; type: string; status: string }[]> {
  return ctx.db
    .selectFrom('documents')
    .where('owner_id', '=', ownerId)
    .select(['id', 'type', 'status'])
    .orderBy('id')
    .forUpdate()
    .execute()
}

export type DocumentRowChange = {
  title?: string
  type?: DocumentType
  status?: DocumentStatus
  reason?: string | null
  valid_until?: Temporal.PlainDate | null
  reviewed_by?: number | null
  reviewed_at?: Temporal.Instant | null
}

export async function updateDocument(ctx: Context, id: number, change: DocumentRowChange): Promise<void> {
  await ctx.db
    .updateTable('documents')
    .set({ ...change, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

export async function deleteDocumentRow(ctx: Context, id: number): Promise<void> {
  await ctx.db.deleteFrom('documents').where('id', '=', id).execute()
}

/** Deletes all documents of a person; answers their ids. */
export async function deleteDocumentsOf(ctx: Context, ownerId: number): Promise<number[]> {
  const rows = await ctx.db.deleteFrom('documents').where('owner_id', '=', ownerId).returning('id').execute()
  return rows.map(({ id }) => id)
}

/** A person's documents by id. */
export const documentsAfter = (ctx: Context, ownerId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('documents')
    .where('owner_id', '=', ownerId)
    .where('id', '>', after)
    .select(['id', 'title', 'type', 'status', 'reason', 'valid_until', 'reviewed_at', 'created_at', 'updated_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** Which types of papers of a person are approved. */
export async function approvedTypesOf(ctx: Context, ownerId: number): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('documents')
    .where('owner_id', '=', ownerId)
    .where('status', '=', 'approved')
    .select('type')
    .distinct()
    .execute()
  return rows.map(({ type }) => type)
}

/** Approved documents whose last day was before this one. */
export const findOver = (ctx: Context, today: Temporal.PlainDate, limit: number) =>
  ctx.db
    .selectFrom('documents')
    .where('status', '=', 'approved')
    .where('valid_until', '<', today)
    .select(['id', 'owner_id'])
    .orderBy('valid_until')
    .limit(limit)
    .execute()

/** Who may review: holders of the permission and super admins, at most so many. */
export async function reviewers(ctx: Context, limit: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT u.id FROM users u WHERE u.is_active AND u.deleted_at IS NULL AND u.role IN ('management', 'admin', 'accountant')
      AND EXISTS (SELECT FROM admin_permissions p WHERE p.user_id = u.id AND p.permission = 'document_management' AND p.is_active)
    UNION ALL SELECT u.id FROM users u WHERE u.is_active AND u.deleted_at IS NULL AND u.role = 'super_admin'
    LIMIT ${limit}`.execute(ctx.db)
  return rows.map(({ id }) => id)
}
