import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The owner of a calendar (`ownerId`) or an organization of whose members everybody may know of it, with the access they have as an index of `levels`. */
export type Audience = { organizationId: string | null; ownerId: number | null; level: number; timeZone: string }

/** Who may be told of a calendar without anybody asking; nobody for one that is gone. */
export async function audiencesOf(ctx: Context, calendarId: string): Promise<Audience[]> {
  const { rows } = await sql<Audience>`
    WITH calendar AS (
      SELECT calendars.* FROM calendars JOIN users ON users.id = calendars.owner_id AND users.deleted_at IS NULL WHERE calendars.id = ${calendarId}::uuid),
    open AS (
      SELECT organization_id, 2 AS level FROM calendar WHERE is_public AND organization_id IS NOT NULL
      UNION ALL
      SELECT shares.organization_id, CASE shares.access WHEN 'write' THEN 3 WHEN 'read' THEN 2 ELSE 1 END FROM calendar_shares shares
      JOIN calendar ON calendar.id = shares.calendar_id
      WHERE shares.user_id IS NULL AND shares.department_id IS NULL AND shares.organization_id IS NOT NULL)
    SELECT NULL::uuid AS "organizationId", owner_id AS "ownerId", 4 AS level, time_zone AS "timeZone" FROM calendar
    UNION ALL
    SELECT open.organization_id, NULL, max(open.level), min(calendar.time_zone) FROM open CROSS JOIN calendar
    JOIN organizations ON organizations.id = open.organization_id AND organizations.archived_at IS NULL
    WHERE EXISTS (SELECT FROM memberships WHERE memberships.organization_id = open.organization_id AND memberships.user_id = calendar.owner_id)
    GROUP BY open.organization_id`.execute(ctx.db)
  return rows
}
