import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { emailKey } from '../rules.ts'
import { searchText } from './people.ts'

/** What is written to an account after it was made: profile, e-mail, password, photo, and its end. */

const columns = [
  'id',
  'email',
  'email_key',
  'email_confirmed_at',
  'pending_email',
  'password_hash',
  'role',
  'first_name',
  'last_name',
  'time_zone',
  'locale',
  'photo_key',
] as const

export type Account = NonNullable<Awaited<ReturnType<typeof lockAccount>>>

/** An account that is about to change, locked: all that depends on its state is decided under this lock. */
export const lockAccount = (ctx: Context, id: number) =>
  ctx.db
    .selectFrom('users')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .select(columns)
    .forNoKeyUpdate()
    .executeTakeFirst()

/** The account of an e-mail, or the one that waits to take it (more than one may); the closed ones left out. */
export const findByEmail = (ctx: Context, email: string) =>
  ctx.db
    .selectFrom('users')
    .where('email_key', '=', emailKey(email))
    .where('is_active', '=', true)
    .where('deleted_at', 'is', null)
    .select(columns)
    .executeTakeFirst()

/** Accounts that wait to take this e-mail. */
export const findWaitingFor = (ctx: Context, email: string) =>
  ctx.db
    .selectFrom('users')
    .where('is_active', '=', true)
    .where('pending_email', 'is not', null)
    .where(
      sql<boolean>`id IN (SELECT user_id FROM codes WHERE email_key = ${emailKey(email)} AND purpose = 'email_change')`,
    )
    .select(columns)
    .orderBy('id')
    .execute()

/** Is the e-mail another account's? */
export async function isEmailTaken(ctx: Context, email: string, userId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('users')
    .where('email_key', '=', emailKey(email))
    .where('id', '<>', userId)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function setPassword(ctx: Context, id: number, hash: string): Promise<void> {
  await ctx.db.updateTable('users').set({ password_hash: hash, updated_at: ctx.now }).where('id', '=', id).execute()
}

export async function setPendingEmail(ctx: Context, id: number, email: string | null): Promise<void> {
  await ctx.db.updateTable('users').set({ pending_email: email, updated_at: ctx.now }).where('id', '=', id).execute()
}

export async function setEmailConfirmed(ctx: Context, id: number): Promise<void> {
  await ctx.db
    .updateTable('users')
    .set({ email_confirmed_at: ctx.now, updated_at: ctx.now })
    .where('id', '=', id)
    .where('email_confirmed_at', 'is', null)
    .execute()
}

/** Gives an account another e-mail, which has just been proved. Breaks `users_email_taken` when it is taken. */
export async function setEmail(ctx: Context, account: Account, email: string): Promise<void> {
  await ctx.db
    .updateTable('users')
    .set({
      email,
      email_key: emailKey(email),
      email_confirmed_at: ctx.now,
      pending_email: null,
      search_text: searchText(account.first_name, account.last_name, email),
      updated_at: ctx.now,
    })
    .where('id', '=', account.id)
    .execute()
}

export type ProfileRow = {
  first_name: string
  last_name: string
  phone: string | null
  bio: string
  birthday: string | null
  time_zone: string
  locale: string | null
}

export async function updateProfileRow(ctx: Context, account: Account, change: Partial<ProfileRow>): Promise<void> {
  const { first_name, last_name } = { ...account, ...change }
  const { birthday, ...rest } = change
  await ctx.db
    .updateTable('users')
    .set({
      ...rest,
      ...(birthday === undefined ? {} : { birthday: birthday === null ? null : Temporal.PlainDate.from(birthday) }),
      search_text: searchText(first_name, last_name, account.email),
      updated_at: ctx.now,
    })
    .where('id', '=', account.id)
    .execute()
}

export type ProviderRow = {
  experience_years: number
  hourly_rate_minor: number | null
  headline: string
  languages: string[]
  city: string
  slug: string | null
}

/** Breaks `provider_profiles_slug_taken` when the slug is another provider's, `slugs_taken` when it names an organization's page, or led to a page before. */
export async function updateProviderRow(ctx: Context, userId: number, change: Partial<ProviderRow>): Promise<void> {
  if (Object.keys(change).length === 0) return
  await ctx.db.updateTable('provider_profiles').set(change).where('user_id', '=', userId).execute()
}

/** The currency of a provider's hourly rate. */
export async function findRateCurrency(ctx: Context, userId: number): Promise<string> {
  const row = await ctx.db
    .selectFrom('provider_profiles')
    .where('user_id', '=', userId)
    .select('currency')
    .executeTakeFirst()
  return row?.currency ?? 'USD'
}

export async function setPhoto(ctx: Context, userId: number, key: string | null): Promise<void> {
  await ctx.db.updateTable('users').set({ photo_key: key, updated_at: ctx.now }).where('id', '=', userId).execute()
}

/** Answers whether it changed. */
export async function setVerifiedAt(ctx: Context, userId: number, verified: boolean): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('provider_profiles')
    .set({ verified_at: verified ? ctx.now : null })
    .where('user_id', '=', userId)
    .where('verified_at', verified ? 'is' : 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Adds to what a provider is rated; a master who sells nothing of their own has no profile yet. */
export async function addRating(ctx: Context, userId: number, sum: number, count: number): Promise<void> {
  await ctx.db
    .insertInto('provider_profiles')
    .values({ user_id: userId, rating_sum: sum, review_count: count })
    .onConflict((on) =>
      on.column('user_id').doUpdateSet((eb) => ({
        rating_sum: eb('provider_profiles.rating_sum', '+', sum),
        review_count: eb('provider_profiles.review_count', '+', count),
      })),
    )
    .execute()
}

/** Erases all that is personal of an account. The row stays for the books, without a name, and its e-mail is free again. */
export async function erase(ctx: Context, id: number): Promise<void> {
  await ctx.db
    .updateTable('users')
    .set({
      email: '',
      email_key: `deleted:${id}`,
      email_confirmed_at: null,
      pending_email: null,
      password_hash: null,
      phone: null,
      first_name: '',
      last_name: '',
      bio: '',
      birthday: null,
      time_zone: 'UTC',
      locale: null,
      photo_key: null,
      search_text: '',
      is_active: false,
      deleted_at: ctx.now,
      updated_at: ctx.now,
    })
    .where('id', '=', id)
    .execute()
  await ctx.db
    .updateTable('provider_profiles')
    .set({ experience_years: 0, hourly_rate_minor: null, headline: '', languages: [], city: '', slug: null })
    .where('user_id', '=', id)
    .execute()
  await ctx.db
    .updateTable('admin_permissions')
    .set({ is_active: false, revoked_at: ctx.now })
    .where('user_id', '=', id)
    .where('is_active', '=', true)
    .execute()
  // With them go the refresh tokens: addresses and devices are personal too.
  await ctx.db.deleteFrom('sessions').where('user_id', '=', id).execute()
  await ctx.db.deleteFrom('known_addresses').where('user_id', '=', id).execute()
  await ctx.db.deleteFrom('two_factor').where('user_id', '=', id).execute()
}
