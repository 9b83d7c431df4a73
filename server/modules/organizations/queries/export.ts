import type { ExportOf } from '../../../platform/export.ts'

/** Where a person belongs, and as what. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  const memberships = await ctx.db
    .selectFrom('memberships')
    .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
    .leftJoin('departments', 'departments.id', 'memberships.department_id')
    .where('memberships.user_id', '=', userId)
    .select([
      'memberships.organization_id',
      'organizations.name as organization',
      'memberships.role',
      'memberships.position',
      'departments.name as department',
      'memberships.joined_at',
    ])
    .orderBy('memberships.id')
    .execute()
  yield { name: 'organizations/memberships.json', json: memberships }
}
