import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { fold, searchPatterns } from '../../../platform/fold.ts'
import { nameKey } from '../rules.ts'

/** The SQL on departments. Whose they are is decided by the service: it names the organizations. */

const memberCount = sql<number>`(SELECT count(*) FROM memberships m WHERE m.department_id = departments.id)`.as(
  'member_count',
)
const headName = sql<string | null>`nullif(trim(head.first_name || ' ' || head.last_name), '')`.as('head_name')

/** The departments of these organizations, with how many belong to each and who leads it. */
export const selectDepartments = (ctx: Context, organizationIds: readonly string[]) =>
  ctx.db
    .selectFrom('departments')
    .leftJoin('users as head', 'head.id', 'departments.head_id')
    .where(sql<boolean>`departments.organization_id = ANY(${[...organizationIds]}::uuid[])`)
    .select([
      'departments.id',
      'departments.organization_id',
      'departments.parent_id',
      'departments.name',
      'departments.description',
      'departments.head_id',
      'departments.search_text',
      'departments.created_at',
      'departments.updated_at',
    ])
    .select(headName)
    .select(memberCount)

export type DepartmentRow = Awaited<ReturnType<ReturnType<typeof selectDepartments>['execute']>>[number]

/** The same, filtered and by name. */
export function selectDepartmentsWhere(
  ctx: Context,
  organizationIds: readonly string[],
  { parent_id, search = '' }: { parent_id?: string | undefined; search?: string | undefined },
) {
  let query = selectDepartments(ctx, organizationIds)
  if (parent_id !== undefined) query = query.where('departments.parent_id', '=', parent_id)
  for (const pattern of searchPatterns(search)) query = query.where('departments.search_text', 'like', pattern)
  return query.orderBy('departments.name_key').orderBy('departments.id')
}

/** Locks the organization until the transaction ends: its tree and its managers change one after another, so that two changes cannot close a circle. */
export async function lockOrganization(ctx: Context, id: string): Promise<void> {
  await ctx.db.selectFrom('organizations').where('id', '=', id).select('id').forNoKeyUpdate().execute()
}

/** Where every department of an organization is placed. */
export const listPlaces = (ctx: Context, organizationId: string) =>
  ctx.db.selectFrom('departments').where('organization_id', '=', organizationId).select(['id', 'parent_id']).execute()

export type DepartmentFields = {
  name: string
  description: string
  parent_id: string | null
  head_id: number | null
}

const keysOf = ({ name }: DepartmentFields) => ({ name_key: nameKey(name), search_text: fold(name) })

export async function insertDepartment(
  ctx: Context,
  id: string,
  organizationId: string,
  fields: DepartmentFields,
): Promise<void> {
  await ctx.db
    .insertInto('departments')
    .values({
      ...fields,
      ...keysOf(fields),
      id,
      organization_id: organizationId,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .execute()
}

export async function updateDepartmentRow(ctx: Context, id: string, fields: DepartmentFields): Promise<void> {
  await ctx.db
    .updateTable('departments')
    .set({ ...fields, ...keysOf(fields), updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Puts what is right below a department where that one is, which gives its name up first: one of those below may bear the same. */
export async function raiseChildren(ctx: Context, id: string, parentId: string | null): Promise<void> {
  await ctx.db.updateTable('departments').set({ name_key: id }).where('id', '=', id).execute()
  await ctx.db
    .updateTable('departments')
    .set({ parent_id: parentId, updated_at: ctx.now })
    .where('parent_id', '=', id)
    .execute()
}

export async function deleteDepartmentRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.deleteFrom('departments').where('id', '=', id).execute()
}

/** The departments of a person in all organizations, with everything above each. */
export async function listDepartmentIdsOf(ctx: Context, userId: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE own AS (
      SELECT d.id, d.parent_id FROM memberships m
        JOIN departments d ON d.id = m.department_id JOIN organizations o ON o.id = m.organization_id
        WHERE m.user_id = ${userId} AND o.archived_at IS NULL
      UNION
      SELECT d.id, d.parent_id FROM own JOIN departments d ON d.id = own.parent_id
    ) SELECT id FROM own ORDER BY id`.execute(ctx.db)
  return rows.map((row) => row.id)
}

/** A department and everything below it, as a table for other queries. */
export const belowDepartment = (id: string) => sql<string>`
  WITH RECURSIVE below AS (
    SELECT id FROM departments WHERE id = ${id}
    UNION ALL
    SELECT d.id FROM below JOIN departments d ON d.parent_id = below.id
  ) SELECT id FROM below`

/** Who belongs to a department or to one below it. */
export async function listMembersBelow(ctx: Context, id: string): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    SELECT m.user_id FROM memberships m WHERE m.department_id IN (${belowDepartment(id)}) ORDER BY m.user_id`.execute(
    ctx.db,
  )
  return rows.map((row) => row.user_id)
}
