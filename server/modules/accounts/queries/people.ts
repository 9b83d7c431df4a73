import { sql } from 'kysely'
import type { Context, Permission, Role } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import { ask, type Db } from '../../../platform/db/database.ts'
import type { Locale } from '../../../platform/i18n/index.ts'
import { emailKey, fold } from '../rules.ts'

/** The SQL on people: users, provider profiles, permissions. */

export type ActorRow = {
  email: string
  role: Role
  locale: Locale | null
  time_zone: string
  permissions: Permission[]
  /** Has the session proved a second factor that is still on? Asked of administrators only. */
  has_second_factor: boolean
}

/** Who holds this session, if it is still open: one statement for each request. */
export const findActor = async (db: Db, session: OfSession): Promise<ActorRow | undefined> =>
  (await ask(db, actorStatement(db, session)))[0]

type OfSession = { userId: number; sessionId: number; now: Temporal.Instant }

/** The statement of `findActor`. */
export const actorStatement = builtOnce((db, { userId, sessionId, now }: OfSession) =>
  sql<ActorRow>`
    SELECT u.email, u.role, u.locale, u.time_zone,
      ARRAY(SELECT p.permission FROM admin_permissions p WHERE p.user_id = u.id AND p.is_active AND u.role NOT IN ('customer', 'provider')) AS permissions,
      u.role NOT IN ('customer', 'provider') AND s.second_factor_at IS NOT NULL
        AND EXISTS (SELECT FROM two_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${sessionId} AND s.user_id = ${userId} AND s.ended_at IS NULL AND s.expires_at > ${now} AND u.is_active AND u.deleted_at IS NULL`.compile(
    db,
  ),
)

const userColumns = [
  'users.id',
  'email',
  'pending_email',
  'phone',
  'role',
  'email_confirmed_at',
  'is_active',
  'first_name',
  'last_name',
  'bio',
  'birthday',
  'time_zone',
  'locale',
  'photo_key',
  'created_at',
  'experience_years',
  'hourly_rate_minor',
  'currency',
  'headline',
  'languages',
  'city',
  'slug',
  'rating_sum',
  'review_count',
  'verified_at',
] as const

/** People with their provider profile, the erased ones left out: what `viewUser` shows. Other modules add their filters. */
export const selectUsers = (db: Db) =>
  db
    .selectFrom('users')
    .leftJoin('provider_profiles', 'provider_profiles.user_id', 'users.id')
    .where('users.deleted_at', 'is', null)
    .select(userColumns)

export type UserRow = NonNullable<Awaited<ReturnType<typeof findUser>>>

export const findUser = (ctx: Context, id: number) => selectUsers(ctx.db).where('users.id', '=', id).executeTakeFirst()

/** Whose e-mail this is, of accounts that stand. */
export const findAccountId = async (ctx: Context, email: string): Promise<number | undefined> =>
  (
    await ctx.db
      .selectFrom('users')
      .where('email_key', '=', emailKey(email))
      .where('deleted_at', 'is', null)
      .select('id')
      .executeTakeFirst()
  )?.id

/** Where somebody is reached by mail, in which language and zone. */
export const findMailbox = (ctx: Context, id: number) =>
  ctx.db
    .selectFrom('users')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .select(['email', 'locale', 'time_zone'])
    .executeTakeFirst()

/** What signing in needs to know of an e-mail. */
export const findCredentials = (ctx: Context, email: string) =>
  ctx.db
    .selectFrom('users')
    .where('email_key', '=', emailKey(email))
    .where('deleted_at', 'is', null)
    .select(['id', 'role', 'password_hash', 'is_active', 'email'])
    .executeTakeFirst()

/** Is this still the password of an open account? Whoever changes either has to wait until the transaction ends. */
export async function keepCredentials(ctx: Context, userId: number, passwordHash: string | null): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .select(['password_hash', 'is_active'])
    .forShare()
    .executeTakeFirst()
  return row !== undefined && row.is_active && row.password_hash === passwordHash
}

export type NewUser = {
  email: string
  password_hash: string | null
  role: Role
  phone: string | null
  first_name: string
  last_name: string
  time_zone: string
  locale: Locale | null
}

export const searchText = (first: string, last: string, email: string): string => fold(`${first} ${last} ${email}`)

/** Adds a person. Breaks `users_email_taken` when the e-mail is taken. */
export async function insertUser(ctx: Context, user: NewUser): Promise<number> {
  const { id } = await ctx.db
    .insertInto('users')
    .values({
      ...user,
      email_key: emailKey(user.email),
      search_text: searchText(user.first_name, user.last_name, user.email),
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function insertProviderProfile(ctx: Context, userId: number): Promise<void> {
  await ctx.db.insertInto('provider_profiles').values({ user_id: userId }).execute()
}
