import { sql } from 'kysely'
import type { Context, Role } from '../../../platform/context.ts'
import { searchPatterns } from '../../../platform/fold.ts'
import { searchText, selectUsers } from './people.ts'

/** All SQL of managing other people's accounts. */

export const orderings = [
  'id',
  '-id',
  'created_at',
  '-created_at',
  'email',
  '-email',
  'first_name',
  '-first_name',
  'last_name',
  '-last_name',
] as const
export type UserOrdering = (typeof orderings)[number]

export type UserFilter = {
  role?: Role | undefined
  is_active?: boolean | undefined
  search?: string | undefined
  ordering?: UserOrdering | undefined
}

/** Who bears every word of a search, from the trigram index. One condition a word: it serves LIKE, but not LIKE ALL. */
function selectNamed(ctx: Context, search: string) {
  let query = ctx.db.selectFrom('users as named').where('named.deleted_at', 'is', null).select('named.id')
  for (const pattern of searchPatterns(search)) query = query.where('named.search_text', 'like', pattern)
  return query
}

/**
 * People by filter, in the order asked for: the newest first unless it is said otherwise. The id decides between equals, so that pages do not overlap. Words that
 * are known to be `common` are looked for along the order; others are gathered first, since the planner cannot tell and would walk past everybody to find a few.
 */
export function selectUsersWhere(
  ctx: Context,
  { role, is_active, search = '', ordering = '-id' }: UserFilter,
  isCommon = false,
) {
  let query = selectUsers(ctx.db)
  if (role !== undefined) query = query.where('role', '=', role)
  if (is_active !== undefined) query = query.where('is_active', '=', is_active)
  const patterns = searchPatterns(search)
  if (isCommon) for (const pattern of patterns) query = query.where('search_text', 'like', pattern)
  else if (patterns.length > 0) query = query.where(sql<boolean>`users.id = ANY(ARRAY(${selectNamed(ctx, search)}))`)
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  const column = ordering.replace('-', '')
  if (column === 'email') query = query.orderBy('email_key', direction)
  if (column === 'created_at' || column === 'first_name' || column === 'last_name')
    query = query.orderBy(column, direction)
  return query.orderBy('users.id', direction)
}

/** What a change may need to know of a person, locked until the transaction ends. */
export const lockUser = (ctx: Context, id: number) =>
  ctx.db
    .selectFrom('users')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .select(['id', 'email', 'role', 'phone', 'first_name', 'last_name', 'is_active'])
    .forNoKeyUpdate()
    .executeTakeFirst()

export type LockedUser = NonNullable<Awaited<ReturnType<typeof lockUser>>>
export type UserChange = {
  first_name: string
  last_name: string
  phone: string | null
  is_active: boolean
  role: Role
}

/** Writes what changed of somebody who is locked, and keeps what is searched in step with the name. */
export async function updateUserRow(ctx: Context, user: LockedUser, change: Partial<UserChange>): Promise<void> {
  const { first_name, last_name } = { ...user, ...change }
  await ctx.db
    .updateTable('users')
    .set({ ...change, search_text: searchText(first_name, last_name, user.email), updated_at: ctx.now })
    .where('id', '=', user.id)
    .execute()
}

/** Whoever becomes a provider gets a profile, or finds the one of before. */
export async function ensureProviderProfile(ctx: Context, userId: number): Promise<void> {
  await ctx.db
    .insertInto('provider_profiles')
    .values({ user_id: userId })
    .onConflict((on) => on.column('user_id').doNothing())
    .execute()
}
