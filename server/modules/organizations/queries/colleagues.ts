import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { searchPatterns } from '../../../platform/fold.ts'
import type { UserOrdering } from '../../accounts/index.ts'
import { selectMemberships } from './members.ts'

export type ColleagueFilter = { search?: string | undefined; ordering?: UserOrdering | undefined }

/**
 * The people of these organizations, each once: with the membership that they have had longest among them, and what colleagues may see of each other. Every word
 * of the search must stand somewhere in name and e-mail.
 */
export function selectColleagues(
  ctx: Context,
  organizationIds: string[],
  { search = '', ordering = '-id' }: ColleagueFilter = {},
) {
  const among = sql`${organizationIds}::uuid[]`
  let query = selectMemberships(ctx)
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .where('users.deleted_at', 'is', null)
    .where(sql<boolean>`memberships.organization_id = ANY(${among})`)
    .where(
      sql<boolean>`NOT EXISTS (SELECT FROM memberships older WHERE older.user_id = memberships.user_id AND older.id < memberships.id AND older.organization_id = ANY(${among}))`,
    )
    .select(['users.first_name', 'users.last_name', 'users.email', 'users.phone', 'users.photo_key', 'users.time_zone'])
  for (const pattern of searchPatterns(search)) query = query.where('users.search_text', 'like', pattern)
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  const column = ordering.replace('-', '')
  if (column === 'email') query = query.orderBy('users.email_key', direction)
  if (column === 'created_at' || column === 'first_name' || column === 'last_name')
    query = query.orderBy(`users.${column}`, direction)
  return query.orderBy('users.id', direction)
}

export type ColleagueRow = Awaited<ReturnType<ReturnType<typeof selectColleagues>['execute']>>[number]
