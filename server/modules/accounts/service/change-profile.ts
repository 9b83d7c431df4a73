import { audit } from '../../../platform/audit.ts'
import { actorOf, isAdministrative, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { conflict, invalidAll, notFound, type Detail } from '../../../platform/errors.ts'
import { toMinor } from '../../../platform/money.ts'
import {
  findRateCurrency,
  lockAccount,
  updateProfileRow,
  updateProviderRow,
  type ProfileRow,
  type ProviderRow,
} from '../queries/changes.ts'
import { emailKey, parsePhone, profileProblems } from '../rules.ts'
import type { ProfileChange, UserView } from '../schema/people.ts'
import { askForNewEmail, limitEmailChange } from './change-email.ts'
import { getOwnUser } from './profile.ts'

/** What a PUT puts in the place of what it leaves out. A person always has a name and an e-mail: they stay. */
const emptyProfile = { bio: '', birthday: null, time_zone: 'UTC', locale: null } as const
const emptyProvider = { experience_years: 0, hourly_rate: null, headline: '', languages: [], city: '', slug: null }

/** What is wrong with a change beyond its shape, as far as it can be told without a look at the account. */
export const problemsOf = (body: unknown, ctx: Context): Detail[] =>
  profileProblems(body, ctx.now.toZonedDateTimeISO('UTC').toPlainDate(), 'USD')

/** Counts a change that names another e-mail, since its answer tells whether somebody has it. @throws RATE_LIMITED */
export async function guardProfile(ctx: Context, { email }: ProfileChange): Promise<void> {
  const actor = actorOf(ctx)
  if (email !== undefined && emailKey(email) !== emailKey(actor.email)) await limitEmailChange(ctx, actor.userId)
}

/**
 * Changes one's own profile: a part of it (PATCH), or all of it (PUT, `replace`), which puts the defaults in the place of what it leaves out but never drops
 * name or e-mail. Another e-mail waits until it is confirmed. Only providers have a provider profile; from others it is passed over like any unknown field.
 * @throws VALIDATION_ERROR, CONFLICT when the e-mail or the slug is taken
 */
export async function changeProfile(ctx: Context, body: ProfileChange, replace: boolean): Promise<UserView> {
  const { userId, role } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account) throw notFound('user')
    const currency = await findRateCurrency(tx, userId)
    const problems = profileProblems(body, tx.now.toZonedDateTimeISO('UTC').toPlainDate(), currency)
    if (problems.length > 0) throw invalidAll(problems)

    const before = await getOwnUser(tx)
    await updateProfileRow(tx, account, profileRow(body, replace))
    if (role === 'provider') await changeProvider(tx, userId, providerRow(body, currency, replace))
    // The lists are searched by the name, which `account` still has as it was: the e-mail comes last and is only waited for.
    if (body.email !== undefined) await askForNewEmail(tx, account, body.email)
    await tx.house.jobs.publish(tx, 'account.changed', { user_id: userId })
    const after = await getOwnUser(tx)
    if (isAdministrative(role)) {
      const target = { kind: 'user', id: userId }
      await audit(tx, { action: 'profile.update', target, before, after })
    }
    return after
  })
}

const defined = <T extends object>(fields: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never

function profileRow({ phone, profile = {} }: ProfileChange, replace: boolean): Partial<ProfileRow> {
  const given = defined({ ...profile, phone: typeof phone === 'string' ? parsePhone(phone) : phone })
  return replace ? { ...emptyProfile, phone: null, ...given } : given
}

function providerRow({ provider_profile }: ProfileChange, currency: string, replace: boolean): Partial<ProviderRow> {
  const given = defined(provider_profile ?? {})
  const { hourly_rate, ...rest } = replace ? { ...emptyProvider, ...given } : given
  if (hourly_rate === undefined) return rest
  const hourly_rate_minor = hourly_rate === null ? null : toMinor(hourly_rate, currency, 'provider_profile.hourly_rate')
  return { ...rest, hourly_rate_minor }
}

async function changeProvider(ctx: Context, userId: number, row: Partial<ProviderRow>): Promise<void> {
  try {
    await updateProviderRow(ctx, userId, row)
  } catch (error) {
    // Another provider's, or an organization's: both have their pages at the same place.
    if (!violates(error, 'provider_profiles_slug_taken') && !violates(error, 'slugs_taken')) throw error
    const message = 'This slug is already in use'
    throw conflict(message, { details: [{ field: 'provider_profile.slug', message, rule: 'slug_taken' }] })
  }
}
