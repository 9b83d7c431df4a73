import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { administrativeRoles } from '../../../platform/context.ts'
import { supportPermissions } from '../policy.ts'
import type { Locale } from '../../../platform/i18n/index.ts'

/** SQL that tells who people are to each other; it reads what lies to the left. */

export type Recipient = { exists: boolean; offers: number | null }

/**
 * Is there such an account, and which service on offer does this person give, by themselves or as a master of an organization: the one that is asked about where
 * they give it, else any. Who has left gives none.
 */
export async function findRecipient(ctx: Context, userId: number, serviceId: number | undefined): Promise<Recipient> {
  const { rows } = await sql<Recipient>`
    SELECT EXISTS (SELECT FROM users WHERE id = ${userId}) AS exists,
      (SELECT s.id FROM services s JOIN users u ON u.id = ${userId} AND u.is_active AND u.deleted_at IS NULL
        WHERE s.is_listed AND (s.provider_id = u.id AND s.organization_id IS NULL OR s.id IN (
          SELECT t.service_id FROM service_staff t JOIN services g ON g.id = t.service_id
            JOIN memberships m ON m.user_id = t.user_id AND m.organization_id = g.organization_id
            JOIN organizations o ON o.id = g.organization_id AND o.archived_at IS NULL
          WHERE t.user_id = ${userId}))
        ORDER BY s.id = ${serviceId ?? null}::bigint DESC NULLS LAST, s.id LIMIT 1) AS offers`.execute(ctx.db)
  return rows[0]!
}

/** So many of those who answer as the support are told live and by notification. */
const mostSupport = 50

/** Who answers as the support. */
export async function listSupport(ctx: Context): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT u.id FROM users u WHERE u.is_active AND u.deleted_at IS NULL AND u.role = ANY (${[...administrativeRoles]}::text[])
      AND (u.role = 'super_admin' OR EXISTS (SELECT FROM admin_permissions p
        WHERE p.user_id = u.id AND p.is_active AND p.permission = ANY (${[...supportPermissions]}::text[])))
    ORDER BY u.id LIMIT ${mostSupport}`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

export type Reader = { id: number; locale: Locale; timeZone: string; name: string }

/** How these people read, and their names; who has left is not among them. */
export async function listReaders(ctx: Context, ids: readonly number[]): Promise<Reader[]> {
  const { rows } = await sql<Reader>`
    SELECT id, COALESCE(locale, 'en') AS locale, time_zone AS "timeZone", trim(first_name || ' ' || last_name) AS name
    FROM users WHERE id = ANY (${unseen([...ids], 'bigint[]')}::bigint[]) AND deleted_at IS NULL AND is_active ORDER BY id`.execute(
    ctx.db,
  )
  return rows
}

/** So many of the people one has talked to last are told when one comes and goes. */
const mostPartners = 200

/** Whom somebody has talked to last, as far as neither has blocked the other. */
export async function listPartners(ctx: Context, userId: number): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    SELECT o.user_id FROM (SELECT chat_id, side FROM chat_members WHERE user_id = ${userId} AND left_at IS NULL ORDER BY active_at DESC, chat_id DESC LIMIT ${mostPartners}) m
      JOIN chat_members o ON o.chat_id = m.chat_id AND o.side <> m.side AND o.user_id IS NOT NULL AND o.left_at IS NULL
    WHERE ${notBlocked(userId)}`.execute(ctx.db)
  return rows.map((row) => row.user_id)
}

/** Who of these people shares a chat with somebody, as far as neither has blocked the other. */
export async function listSharing(ctx: Context, userId: number, ids: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    SELECT o.user_id FROM unnest(${ids}::bigint[]) AS o (user_id)
    WHERE EXISTS (SELECT FROM chats c WHERE c.kind = 'direct' AND c.left_side IS NULL AND c.person_a = LEAST(o.user_id, ${userId}) AND c.person_b = GREATEST(o.user_id, ${userId}))
      AND ${notBlocked(userId)}`.execute(ctx.db)
  return rows.map((row) => row.user_id)
}

const notBlocked = (userId: number) =>
  sql`NOT EXISTS (SELECT FROM blocks b WHERE (b.blocker_id = ${userId} AND b.blocked_id = o.user_id) OR (b.blocker_id = o.user_id AND b.blocked_id = ${userId}))`
