import { sql } from 'kysely'
import type { Context, Role } from '../../../platform/context.ts'

export type OwnerRow = { role: Role; time_zone: string; is_member: boolean; may_publish_slots: boolean }

/** A person as the rules of schedules see them; undefined: there is none, or none any more. */
export async function findOwner(ctx: Context, userId: number): Promise<OwnerRow | undefined> {
  const { rows } = await sql<OwnerRow>`
    SELECT users.role, users.time_zone, count(organizations.id) > 0 AS is_member,
      coalesce(bool_or(memberships.access_availability_slots) FILTER (WHERE organizations.id IS NOT NULL), false) AS may_publish_slots
    FROM users
    LEFT JOIN memberships ON memberships.user_id = users.id
    LEFT JOIN organizations ON organizations.id = memberships.organization_id AND organizations.archived_at IS NULL
    WHERE users.id = ${userId} AND users.deleted_at IS NULL
    GROUP BY users.id`.execute(ctx.db)
  return rows[0]
}

/** Is the first person an admin of an organization that the second belongs to? */
export async function isAdminOver(ctx: Context, adminId: number, userId: number): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM memberships AS theirs
    JOIN memberships AS admins ON admins.organization_id = theirs.organization_id AND admins.user_id = ${adminId} AND admins.role = 'admin'
    JOIN organizations ON organizations.id = theirs.organization_id AND organizations.archived_at IS NULL
    WHERE theirs.user_id = ${userId} LIMIT 1`.execute(ctx.db)
  return rows.length > 0
}

/** The organization and the zone of a room: read here and not asked of `rooms`, which stands to the right and on top of this. */
export async function findRoom(
  ctx: Context,
  roomId: string,
): Promise<{ organization_id: string; time_zone: string } | undefined> {
  return ctx.db
    .selectFrom('rooms')
    .select(['organization_id', 'time_zone'])
    .where('id', '=', roomId)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
}
