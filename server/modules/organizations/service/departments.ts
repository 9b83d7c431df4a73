import type { Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, pageOf, type Page } from '../../../platform/http/page.ts'
import { searchPatterns } from '../../../platform/fold.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { sayChanged } from '../../../platform/socket/topic.ts'
import {
  deleteDepartmentRow,
  insertDepartment,
  listDepartmentIdsOf,
  listMembersBelow,
  listPlaces,
  raiseChildren,
  selectDepartments,
  selectDepartmentsWhere,
  updateDepartmentRow,
  type DepartmentFields,
  type DepartmentRow,
} from '../queries/departments.ts'
import { childrenOf, deepestLevel, mostDepartments, organizationKey, placeProblem } from '../rules.ts'
import type {
  DepartmentChange,
  DepartmentInput,
  DepartmentNode,
  DepartmentQuery,
  DepartmentView,
} from '../schema-departments.ts'
import { chooseOrganization, findMembership, lockAsRole, structuresSeen } from './access.ts'

const view = ({ search_text: _search, created_at, updated_at, ...row }: DepartmentRow): DepartmentView => ({
  ...row,
  created_at: iso(created_at),
  updated_at: iso(updated_at),
})

/**
 * The departments of one's organizations by name, or as a tree: everything is read in one query, and pages are made of what stands at the top.
 * @throws PERMISSION_DENIED for members whose access to the structure was taken away (`access_org_structure`).
 */
export async function listDepartments(ctx: Context, query: DepartmentQuery): Promise<Page<DepartmentNode>> {
  const among = await structuresSeen(ctx, query.organization_id)
  if (query.tree === true) return treePage(ctx, among, query)
  const rows = selectDepartmentsWhere(ctx, among, query)
  const key = `departments ${JSON.stringify([among, query.parent_id, query.search])}`
  const page = await pageOf(ctx, query, key, rows)
  return { ...page, results: page.results.map(view) }
}

async function treePage(
  ctx: Context,
  among: readonly string[],
  { search = '', parent_id, ...request }: DepartmentQuery,
): Promise<Page<DepartmentNode>> {
  const rows = keepFound(await selectDepartmentsWhere(ctx, among, {}).execute(), search)
  const below = childrenOf(rows)
  const top = below.get(parent_id ?? null) ?? []
  const offset = offsetOf(request)
  if (offset > 0 && offset >= top.length) throw notFound('page')
  const nodeOf = (row: DepartmentRow): DepartmentNode => ({
    ...view(row),
    children: (below.get(row.id) ?? []).map(nodeOf),
  })
  return { results: top.slice(offset, offset + limitOf(request)).map(nodeOf), count: top.length }
}

/** What bears every word of a search, and what leads to it from the top. */
function keepFound(rows: DepartmentRow[], search: string): DepartmentRow[] {
  const words = searchPatterns(search).map((pattern) => pattern.slice(1, -1).replaceAll(/\\(.)/g, '$1'))
  if (words.length === 0) return rows
  const byId = new Map(rows.map((row) => [row.id, row]))
  const kept = new Set<string>()
  for (const row of rows.filter(({ search_text }) => words.every((word) => search_text.includes(word)))) {
    for (let at: DepartmentRow | undefined = row; at && !kept.has(at.id); at = byId.get(at.parent_id ?? ''))
      kept.add(at.id)
  }
  return rows.filter(({ id }) => kept.has(id))
}

/** A department of one of one's organizations. @throws NOT_FOUND for outsiders; PERMISSION_DENIED as `listDepartments`. */
export async function getDepartment(ctx: Context, id: string): Promise<DepartmentView> {
  return view(await getRow(ctx, id))
}

async function getRow(ctx: Context, id: string): Promise<DepartmentRow> {
  const row = await selectDepartments(ctx, await structuresSeen(ctx))
    .where('departments.id', '=', id)
    .executeTakeFirst()
  if (!row) throw notFound('department')
  return row
}

/** Makes a department; for admins of the organization. @throws CONFLICT for a name that a sibling has; VALIDATION_ERROR for a parent or head that cannot be. */
export async function createDepartment(ctx: Context, input: DepartmentInput): Promise<DepartmentView> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = await chooseOrganization(tx, input.organization_id)
    await lockAsRole(tx, organizationId, ['admin'])
    const id = uuid7(tx.now)
    const { name, description, parent_id = null, head_id = null } = input
    const fields = { name: name.trim(), description: description ?? '', parent_id, head_id }
    await check(tx, organizationId, null, fields)
    await insertDepartment(tx, id, organizationId, fields)
    return getDepartment(tx, id)
  }).catch(nameTaken)
}

/** Changes a department; for admins of its organization. What is left out stays. @throws as `createDepartment`. */
export async function updateDepartment(ctx: Context, id: string, change: DepartmentChange): Promise<DepartmentView> {
  return inTransaction(ctx, async (tx) => {
    await lockFor(tx, id)
    const before = await getRow(tx, id)
    const fields = {
      name: change.name?.trim() ?? before.name,
      description: change.description === undefined ? before.description : (change.description ?? ''),
      parent_id: change.parent_id === undefined ? before.parent_id : change.parent_id,
      head_id: change.head_id === undefined ? before.head_id : change.head_id,
    }
    await check(tx, before.organization_id, id, fields)
    await updateDepartmentRow(tx, id, fields)
    if (fields.parent_id !== before.parent_id) await sayChanged(tx, [organizationKey(before.organization_id)])
    return getDepartment(tx, id)
  }).catch(nameTaken)
}

/**
 * Deletes a department; for admins of its organization. What is below it moves up to where it was, its members stay in the organization without a department.
 * @throws CONFLICT where one of those below bears the name of a department there.
 */
export async function deleteDepartment(ctx: Context, id: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await lockFor(tx, id)
    const { parent_id, organization_id: organizationId } = await getRow(tx, id)
    await raiseChildren(tx, id, parent_id)
    await deleteDepartmentRow(tx, id)
    await sayChanged(tx, [organizationKey(organizationId)])
  }).catch(nameTaken)
}

/** Locks the department's organization, for whoever is an admin of it. */
async function lockFor(ctx: Context, id: string): Promise<void> {
  const { organization_id: organizationId } = await getRow(ctx, id)
  await lockAsRole(ctx, organizationId, ['admin'])
}

/** Under the lock: the parent stands in the same organization and makes no circle, the tree stays bounded, the head is a member. */
async function check(
  ctx: Context,
  organizationId: string,
  id: string | null,
  { name, parent_id, head_id }: DepartmentFields,
): Promise<void> {
  if (name === '') throw invalid('name', 'This field is required', 'required')
  const all = await listPlaces(ctx, organizationId)
  if (id === null && all.length >= mostDepartments)
    throw conflict('An organization has at most {most} departments', { params: { most: mostDepartments } })
  if (parent_id !== null && !all.some((department) => department.id === parent_id))
    throw invalid('parent_id', 'There is no such department in this organization', 'not_found')
  const problem = placeProblem(all, id, parent_id)
  if (problem === 'circle') throw invalid('parent_id', 'A department cannot stand below itself', 'circle')
  if (problem === 'too_deep')
    throw invalid('parent_id', 'Departments stand at most {most} levels deep', 'too_deep', { most: deepestLevel })
  if (head_id !== null && !(await findMembership(ctx, organizationId, head_id)))
    throw invalid('head_id', 'The head must belong to the organization', 'not_a_member')
}

const nameTaken = (error: unknown): never => {
  if (violates(error, 'departments_name_taken'))
    throw conflict('A department of this name stands there already', {
      details: [{ field: 'name', message: 'A department of this name stands there already', rule: 'name_taken' }],
    })
  throw error
}

/** The departments of a person, in all their organizations, and everything above each: what is shared with one of these is shared with them. */
export const departmentIdsOf = (ctx: Context, userId: number): Promise<string[]> => listDepartmentIdsOf(ctx, userId)

/** The ids of the people of a department and of those below it, ascending. Who may ask is the caller's to decide. */
export const membersOfDepartment = (ctx: Context, id: string): Promise<number[]> => listMembersBelow(ctx, id)
