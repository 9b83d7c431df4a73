import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The SQL of the nightly clean-up. */

export async function deleteOldCodes(ctx: Context, before: Temporal.Instant): Promise<void> {
  await ctx.db.deleteFrom('codes').where('expires_at', '<', before).execute()
}

/** E-mails that are waited for although no code for them is left. */
export async function dropLateEmails(ctx: Context): Promise<void> {
  await sql`UPDATE users u SET pending_email = NULL WHERE pending_email IS NOT NULL
    AND NOT EXISTS (SELECT FROM codes c WHERE c.user_id = u.id AND c.purpose = 'email_change')`.execute(ctx.db)
}

/** Sessions that ended or expired before then, with their refresh tokens; and tokens that expired or were exchanged before then, of sessions that go on. */
export async function deleteOldSessions(ctx: Context, before: Temporal.Instant): Promise<void> {
  await ctx.db
    .deleteFrom('sessions')
    .where((row) => row.or([row('ended_at', '<', before), row('expires_at', '<', before)]))
    .execute()
  await ctx.db.deleteFrom('refresh_tokens').where('expires_at', '<', before).execute()
}

export async function deleteOldAddresses(ctx: Context, before: Temporal.Instant): Promise<void> {
  await ctx.db.deleteFrom('known_addresses').where('last_signed_in_at', '<', before).execute()
}
