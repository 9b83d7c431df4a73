import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { searchPatterns } from '../../../platform/fold.ts'
import type { UserOrdering } from '../../accounts/index.ts'
import { belowDepartment } from './departments.ts'
import { selectMemberships } from './members.ts'

export type ColleagueFilter = {
  search?: string | undefined
  ordering?: UserOrdering | undefined
  /** Of this department and those below it; with `direct` of it alone. */
  department_id?: string | undefined
  direct?: boolean | undefined
  manager_id?: number | undefined
}

/**
 * The people of these organizations, each once: with the membership that they have had longest among them, and what colleagues may see of each other. Every word
 * of the search must stand somewhere in name, e-mail, position or, where who asks sees the structure, the name of the department.
 */
export function selectColleagues(
  ctx: Context,
  organizationIds: readonly string[],
  structures: readonly string[],
  { search = '', ordering = '-id', department_id, direct, manager_id }: ColleagueFilter = {},
) {
  const among = sql`${[...organizationIds]}::uuid[]`
  let query = selectMemberships(ctx)
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .where('users.deleted_at', 'is', null)
    .where(sql<boolean>`memberships.organization_id = ANY(${among})`)
    .select(['users.first_name', 'users.last_name', 'users.email', 'users.phone', 'users.photo_key', 'users.time_zone'])
    .select('users.birthday')
  if (department_id !== undefined)
    query = query.where(
      direct === true
        ? sql<boolean>`memberships.department_id = ${department_id}`
        : sql<boolean>`memberships.department_id IN (${belowDepartment(department_id)})`,
    )
  if (manager_id !== undefined) query = query.where('memberships.manager_id', '=', manager_id)
  // A department means one membership. Otherwise it is the oldest, of those with the manager who is asked for.
  const sameManager = manager_id === undefined ? sql`` : sql`AND older.manager_id = ${manager_id}`
  if (department_id === undefined && organizationIds.length > 1)
    query = query.where(
      sql<boolean>`NOT EXISTS (SELECT FROM memberships older WHERE older.user_id = memberships.user_id AND older.id < memberships.id AND older.organization_id = ANY(${among}) ${sameManager})`,
    )
  const words = sql`users.search_text || E'\n' || memberships.search_text || E'\n' || CASE WHEN memberships.organization_id = ANY(${[...structures]}::uuid[]) THEN coalesce(departments.search_text, '') ELSE '' END`
  for (const pattern of searchPatterns(search)) query = query.where(sql<boolean>`(${words}) LIKE ${pattern}`)
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  const column = ordering.replace('-', '')
  if (column === 'email') query = query.orderBy('users.email_key', direction)
  if (column === 'created_at' || column === 'first_name' || column === 'last_name')
    query = query.orderBy(`users.${column}`, direction)
  return query.orderBy('users.id', direction)
}

export type ColleagueRow = Awaited<ReturnType<ReturnType<typeof selectColleagues>['execute']>>[number]

/** The day on which a birthday falls in a year. */
const inYear = (year: number) =>
  sql`(users.birthday + make_interval(years => ${year}::int - extract(year FROM users.birthday)::int))::date`

/**
 * Colleagues whose birthday comes within so many days from this one on, the next first. Years are added as PostgreSQL adds them to a date: 29 February becomes
 * 28 February in a year that has none, and is itself again in the next leap year.
 */
export function selectBirthdays(
  ctx: Context,
  organizationIds: readonly string[],
  today: Temporal.PlainDate,
  days: number,
) {
  const next = sql<Temporal.PlainDate>`CASE WHEN ${inYear(today.year)} >= ${today}::date THEN ${inYear(today.year)} ELSE ${inYear(today.year + 1)} END`
  return selectColleagues(ctx, organizationIds, [])
    .clearOrderBy()
    .where('users.birthday', 'is not', null)
    .where(sql<boolean>`${next} <= ${today.add({ days })}::date`)
    .select(next.as('next_birthday'))
    .orderBy('next_birthday')
    .orderBy('users.last_name')
    .orderBy('users.id')
}
