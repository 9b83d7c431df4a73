import type { Command } from '../../platform/console.ts'
import type { Context, Role } from '../../platform/context.ts'
import { invalidAll, type Detail } from '../../platform/errors.ts'
import { detailsOf, validatorCompiler } from '../../platform/http/validation.ts'
import { createUser, resetTwoFactorOf, roleDisplay } from '../accounts/index.ts'
import { readPassword } from './password-prompt.ts'
import { ConsoleAccount } from './schema.ts'

type Options = Record<string, string>
type Validate = (value: unknown) => true | { error: Parameters<typeof detailsOf>[0] }

const known = Object.keys(ConsoleAccount.properties)
const field = (option: string): string => option.replaceAll('-', '_')
const validate = validatorCompiler({ schema: ConsoleAccount, httpPart: 'body', method: '', url: '' }) as Validate

/** Everything that is wrong with the options, at once. */
function problemsOf(account: object): Detail[] {
  const outcome = validate(structuredClone(account))
  return outcome === true ? [] : detailsOf(outcome.error, 'options')
}

/**
 * The options as an account. A password that is not among them is asked for, but only once everything else holds: nobody types one for nothing.
 * @throws VALIDATION_ERROR naming every option that is missing, wrong or unknown
 */
async function accountOf(options: Options): Promise<ConsoleAccount> {
  const given: Record<string, string> = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [field(name), value]),
  )
  const unknown = Object.keys(given).filter((name) => !known.includes(name))
  const problems: Detail[] = [
    ...problemsOf(given),
    ...unknown.map((name) => ({ field: name, message: 'There is no such option', rule: 'unknown' })),
  ]
  const isOnlyPasswordMissing =
    given['password'] === undefined && problems.every((problem) => problem.field === 'password')
  if (!isOnlyPasswordMissing) {
    if (problems.length > 0) throw invalidAll(problems)
    return given as ConsoleAccount
  }
  const account = { ...given, password: await readPassword(process.stdin, process.stderr) }
  const remaining = problemsOf(account)
  if (remaining.length > 0) throw invalidAll(remaining)
  return account as ConsoleAccount
}

/** A command that makes an administrator, beside a running server or without one, and says so in the words of the sources. */
function creates(role: Role, summary: string): Command {
  const options = '--email --password --first-name --last-name [--phone]'
  return {
    summary: `${summary}: ${options}`,
    run: async (ctx: Context, args) => {
      const user = await createUser(ctx, { ...(await accountOf(args.options)), role })
      const { first_name, last_name } = user.profile
      const title = roleDisplay[role]
      return [
        `${title.charAt(0)}${title.slice(1).toLowerCase()} created successfully!`,
        `Email: ${user.email}`,
        `Name: ${first_name} ${last_name}`,
        `Role: ${title}`,
      ]
    },
  }
}

/** The commands of the console (SPEC section 3); the console takes them with underscores too. */
export const commands: Record<string, Command> = {
  'create-superadmin': creates('super_admin', 'make a super admin'),
  'create-admin': creates('admin', 'make an admin, who may do nothing until something is granted'),
  'create-accountant': creates('accountant', 'make an accountant'),
  'two-factor-off': {
    summary: 'turn off the second factor of somebody who has lost it: --email',
    run: async (ctx, { options: { email, ...others } }) => {
      const unknown = Object.keys(others).map((name) => ({ field: name, message: 'There is no such option' }))
      const missing = email === undefined ? [{ field: 'email', message: 'This field is required' }] : []
      if (email === undefined || unknown.length > 0) throw invalidAll([...missing, ...unknown])
      await resetTwoFactorOf(ctx, email)
      return [`The second factor of ${email} is off, and all their sessions have ended.`]
    },
  },
}
