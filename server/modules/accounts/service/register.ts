import type { Static } from 'typebox'
import type { Context, Role } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { denied, invalid, invalidAll } from '../../../platform/errors.ts'
import { hashPassword } from '../passwords.ts'
import { findUser, insertProviderProfile, insertUser } from '../queries/people.ts'
import { grantRows } from '../queries/permissions.ts'
import { accountantPermissions, parsePhone, registrationProblems, splitName } from '../rules.ts'
import type { UserView } from '../schema/people.ts'
import type { Register, RegisterByRole } from '../schema/sign-in.ts'
import { viewUser } from '../view.ts'
import { emailTaken } from './change-email.ts'

export type NewAccount = {
  email: string
  password: string
  confirm_password?: string | undefined
  first_name: string
  last_name: string
  phone?: string | undefined
  role: Role
  time_zone?: string | undefined
}

/**
 * Makes an account; the address is asked to confirm itself by mail. An accountant starts with the money permissions, other administrators with none. Whoever makes
 * many accounts of one password gives its hash (`hashPassword`), which takes 55 ms.
 * @throws VALIDATION_ERROR for a phone that is none, a password that is the e-mail or differs from its repetition; CONFLICT when the e-mail is taken.
 */
export async function createAccount(
  ctx: Context,
  account: NewAccount,
  known: { passwordHash?: string } = {},
): Promise<UserView> {
  const problems = registrationProblems(account)
  if (problems.length > 0) throw invalidAll(problems)

  const phone = account.phone === undefined ? null : parsePhone(account.phone)
  const password_hash = known.passwordHash ?? (await hashPassword(account.password))
  const { email, role, first_name, last_name, time_zone = 'UTC' } = account
  try {
    return await inTransaction(ctx, async (tx) => {
      const id = await insertUser(tx, {
        email: email.trim(),
        password_hash,
        role,
        phone,
        first_name,
        last_name,
        time_zone,
        locale: null,
      })
      if (role === 'provider') await insertProviderProfile(tx, id)
      if (role === 'accountant') await grantRows(tx, id, accountantPermissions, tx.actor?.userId ?? null)
      await tx.house.jobs.publish(tx, 'account.registered', { user_id: id, locale: tx.locale })
      return viewUser(tx.house.config, (await findUser(tx, id))!)
    })
  } catch (error) {
    if (violates(error, 'users_email_taken')) throw emailTaken(email)
    throw error
  }
}

/** Registers somebody at the endpoint of their role. @throws PERMISSION_DENIED when managers cannot register themselves here. */
export async function registerAs(
  ctx: Context,
  role: 'customer' | 'provider' | 'management',
  body: Static<typeof RegisterByRole>,
): Promise<UserView> {
  if (role === 'management' && ctx.house.config.MANAGEMENT_REGISTRATION === 'closed')
    throw denied('Managers are made by an administrator here')
  return createAccount(ctx, { ...body, role })
}

/** Registers at the salon's and planner's endpoint: `full_name` or both names, a customer unless a provider is asked for. */
export async function register(ctx: Context, body: Static<typeof Register>): Promise<UserView> {
  const { full_name, first_name, last_name, role = 'customer', ...rest } = body
  if (full_name === undefined && (first_name === undefined || last_name === undefined)) {
    const field = first_name !== undefined ? 'last_name' : last_name !== undefined ? 'first_name' : 'full_name'
    throw invalid(field, 'Give full_name, or first_name and last_name', 'required')
  }
  const name =
    full_name === undefined
      ? { first_name: first_name!, last_name: last_name! }
      : { ...splitName(full_name), ...(first_name ? { first_name } : {}), ...(last_name ? { last_name } : {}) }
  return createAccount(ctx, { ...rest, ...name, role })
}
