import { createHash, randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '../../../platform/audit.ts'
import { actorOf, isAdministrative, type Actor, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, notAuthenticated, notFound, rateLimited, secondFactorRequired } from '../../../platform/errors.ts'
import { pageOf, type PageRequest } from '../../../platform/http/page.ts'
import { networkOf } from '../../../platform/limits.ts'
import { sendMail } from '../../../platform/mail/delivery.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import {
  countAppPasswords,
  deleteAppPassword,
  findByAppPassword,
  insertAppPassword,
  noteUse,
  selectAppPasswords,
} from '../queries/app-passwords.ts'
import { lockAccount } from '../queries/changes.ts'
import { emailKey, isSecondFactorRequired, localeOr } from '../rules.ts'
import type { AppPasswordBody } from '../schema/app-passwords.ts'
import { proveAgainOrRecently, requireOpenSession } from './passwords.ts'

/** More than these nobody has devices for. */
const most = 50
/** Without 0, 1, 8 and 9, as Base32 has it: read off a screen, typed into a phone. */
const letters = 'abcdefghijklmnopqrstuvwxyz234567'
/** Its use is noted no more often. */
const noteEveryMinutes = 5

/** Twenty letters in groups of five: 100 random bits. */
const newAppPassword = (): string =>
  [...randomBytes(20)].map((byte, i) => `${i > 0 && i % 5 === 0 ? '-' : ''}${letters[byte & 31]}`).join('')

/** Programs and people write it with and without its hyphens, or in capitals. */
const hashOf = (password: string): string =>
  createHash('sha256')
    .update(`app password ${password.replaceAll(/[\s-]/g, '').toLowerCase()}`)
    .digest('base64url')

/**
 * Makes a password for a calendar program, shown this once, and tells its owner by mail. It opens the calendars alone, asks for no second factor, and ends with a new password of the account.
 * @throws CONFLICT for more than 50, and as `proveAgainOrRecently`
 */
export async function createAppPassword(ctx: Context, { name, password }: Static<typeof AppPasswordBody>) {
  const { userId, role } = actorOf(ctx)
  await proveAgainOrRecently(ctx, password, 'password')
  const appPassword = newAppPassword()
  return inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account) throw notFound('user')
    await requireOpenSession(tx)
    if ((await countAppPasswords(tx, userId)) >= most)
      throw conflict('There are {count} app passwords already; end one that is not used', { params: { count: most } })
    const id = uuid7(tx.now)
    await insertAppPassword(tx, { id, user_id: userId, name: name.trim(), hash: hashOf(appPassword) })
    await sendMail(tx, {
      to: account.email,
      locale: localeOr(account.locale, tx.locale),
      template: 'app_password_made',
      params: {
        at: tx.now.toZonedDateTimeISO(account.time_zone).toString(),
        name: name.trim(),
        resetLink: `${tx.house.config.PUBLIC_URL}/account/password-reset`,
      },
    })
    if (isAdministrative(role))
      await audit(tx, { action: 'app_passwords.create', target: { kind: 'user', id: userId } })
    return { id, name: name.trim(), email: account.email, appPassword, createdAt: tx.now }
  })
}

/** One's own app passwords, the newest first; what they are stands nowhere. */
export async function listAppPasswords(ctx: Context, request: PageRequest) {
  const { userId } = actorOf(ctx)
  return pageOf(ctx, request, `app passwords of ${userId}`, selectAppPasswords(ctx, userId))
}

/** Ends one of one's own: from the next request on it opens nothing. @throws NOT_FOUND */
export async function endAppPassword(ctx: Context, id: string): Promise<void> {
  const { userId, role } = actorOf(ctx)
  await inTransaction(ctx, async (tx) => {
    if (!(await deleteAppPassword(tx, userId, id))) throw notFound('app password')
    if (isAdministrative(role)) await audit(tx, { action: 'app_passwords.end', target: { kind: 'user', id: userId } })
  })
}

/**
 * Who asks with an e-mail and an app password (Basic, RFC 7617). The actor has no session and no permissions: it is for what is one's own. A password of 100
 * random bits is found by nobody who guesses; wrong ones are counted for the account and for the network all the same, and a right one always opens, so that
 * nobody can lock another out. Neither answer nor time tells who is registered.
 * @throws AUTHENTICATION_FAILED, RATE_LIMITED after too many wrong ones, PERMISSION_DENIED where a second factor is required of them that they do not have
 */
export async function authenticateApp(ctx: Context, email: string, password: string): Promise<Actor> {
  const found = await findByAppPassword(ctx, hashOf(password))
  if (!found || found.email_key !== emailKey(email)) throw await refused(ctx, email)
  const { role, locale } = found
  if (!found.has_second_factor && isSecondFactorRequired(ctx.house.config, role)) throw secondFactorRequired()
  const noted = found.last_used_at?.add({ minutes: noteEveryMinutes })
  if (!noted || Temporal.Instant.compare(noted, ctx.now) <= 0) await noteUse(ctx, found.id)
  return {
    userId: found.user_id,
    sessionId: 0,
    email: found.email,
    role,
    locale,
    timeZone: found.time_zone,
    permissions: new Set(),
  }
}

async function refused(ctx: Context, email: string) {
  const { limits, config } = ctx.house
  const network = networkOf(ctx.origin?.address ?? '')
  const { count, seconds } = await limits.add(`failed:app-password:${emailKey(email)}`, ctx.now)
  const here = await limits.take(
    `failed:app-password:address:${network}`,
    config.AUTH_RATE_LIMIT_PER_MINUTE * 4,
    ctx.now,
  )
  if (count > config.AUTH_RATE_LIMIT_PER_MINUTE || here !== null) return rateLimited(Math.max(seconds, here ?? 0))
  return notAuthenticated('The e-mail or the app password is wrong')
}
