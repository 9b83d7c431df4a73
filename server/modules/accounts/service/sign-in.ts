import type { Actor, Context, Role } from '../../../platform/context.ts'
import { isAdministrative } from '../../../platform/context.ts'
import { Asking } from '../../../platform/db/asking.ts'
import { statementsOf } from '../../../platform/db/database.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, notAuthenticated, sessionEnded } from '../../../platform/errors.ts'
import { perHouse, type House } from '../../../platform/house.ts'
import { sessionsEnded } from '../../../platform/realtime.ts'
import { verifyPassword } from '../passwords.ts'
import { deleteAppPasswords } from '../queries/app-passwords.ts'
import {
  actorStatement,
  findActor,
  findCredentials,
  findUser,
  keepCredentials,
  type ActorRow,
} from '../queries/people.ts'
import {
  endAllRows,
  endSessionRows,
  insertRefreshToken,
  insertSession,
  lockRefreshToken,
  rememberAddress,
  useRefreshToken,
} from '../queries/sessions.ts'
import { endChallenges, findFactor } from '../queries/two-factor.ts'
import { isSecondFactorRequired } from '../rules.ts'
import type { UserView } from '../schema/people.ts'
import { hashRefreshToken, newRefreshToken, readAccessToken, signAccessToken } from '../tokens.ts'
import { viewUser } from '../view.ts'
import { beginAttempt } from './attempts.ts'
import { issueChallenge, type Challenge } from './challenges.ts'

export type Door = 'customer' | 'provider' | 'management' | 'any'
export type SignedIn = { access: string; refresh: string; role: Role; user: UserView }

/** Which roles a sign-in endpoint lets in. */
const opensFor = (door: Door, role: Role): boolean =>
  door === 'any' || (door === 'management' ? isAdministrative(role) : role === door)

/** So many people who have asked are remembered. */
const mostRemembered = 10_000

/** Who asked last with these sessions, and the row that said so. */
const rememberedOf = perHouse(() => new Map<number, { actor: Actor; mark: string }>())

/**
 * Reads who is asking, in one statement: a session that was ended on any node, or an account that was closed, refuses at once.
 * @throws AUTHENTICATION_FAILED
 */
export async function authenticate(house: House, token: string, now: Temporal.Instant): Promise<Actor> {
  const { userId, sessionId } = readAccessToken(house, token, now)
  return actorOfSession(house, userId, sessionId, now)
}

/**
 * Who shows this token, as they were when they asked last; whether they still are is asked with what is done for them (`Asking`). Null for who has not asked
 * before. @throws AUTHENTICATION_FAILED when the token is expired, forged or none
 */
export function recallActor(house: House, token: string, now: Temporal.Instant): Asking<Actor> | null {
  const { userId, sessionId } = readAccessToken(house, token, now)
  const known = rememberedOf(house).get(sessionId)
  if (known?.actor.userId !== userId) return null
  const [statement] = statementsOf([actorStatement(house.db, { userId, sessionId, now })])
  return new Asking(known.actor, statement!, ([row]) => {
    if (row && markOf(row as ActorRow) === known.mark) return known.actor
    return remember(house, userId, sessionId, row as ActorRow | undefined)
  })
}

/** The same for who has shown their token before, as on an open socket. @throws AUTHENTICATION_FAILED when the session has ended */
export async function actorOfSession(
  house: House,
  userId: number,
  sessionId: number,
  now: Temporal.Instant,
): Promise<Actor> {
  const actor = remember(house, userId, sessionId, await findActor(house.db, { userId, sessionId, now }))
  if (!actor) throw sessionEnded()
  return actor
}

const markOf = (row: ActorRow): string => JSON.stringify(row)

/** Makes the person of the row, and remembers them; null, and forgotten, where there is none. */
function remember(house: House, userId: number, sessionId: number, row: ActorRow | undefined): Actor | null {
  const remembered = rememberedOf(house)
  if (!row) {
    remembered.delete(sessionId)
    return null
  }
  const actor: Actor = {
    userId,
    sessionId,
    email: row.email,
    role: row.role,
    locale: row.locale,
    timeZone: row.time_zone,
    permissions: new Set(row.permissions),
    ...(row.has_second_factor || !isSecondFactorRequired(house.config, row.role) ? {} : { lacksSecondFactor: true }),
  }
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(sessionId, { actor, mark: markOf(row) })
  return actor
}

const wrongCredentials = () => notAuthenticated('The e-mail or the password is wrong')

/**
 * Signs in with e-mail and password. An e-mail that nobody has costs the same work, so that neither answer nor time tells who is registered; failures are
 * counted for the account (`beginAttempt`). The wrong endpoint refuses only after the password proved right, and only then somebody with a second factor is
 * asked for it, by a challenge in the place of the tokens.
 * @throws AUTHENTICATION_FAILED, PERMISSION_DENIED, RATE_LIMITED
 */
export async function signIn(ctx: Context, door: Door, email: string, password: string): Promise<SignedIn | Challenge> {
  const found = await findCredentials(ctx, email)
  const attempt = await beginAttempt(ctx, 'sign-in', email, found?.id)
  const isRight = await verifyPassword(password, found?.password_hash ?? null)
  if (!found || !isRight || !found.is_active) throw wrongCredentials()
  await attempt.succeeded()
  if (!opensFor(door, found.role as Role)) throw denied('This account signs in at another endpoint')
  return inTransaction(ctx, async (tx) => {
    // Comparing takes long enough for the password to be changed or the account to be closed meanwhile, which ends all sessions, and must not miss this one.
    if (!(await keepCredentials(tx, found.id, found.password_hash))) throw wrongCredentials()
    return (await findFactor(tx, found.id)) ? issueChallenge(tx, found.id) : openSession(tx, found.id)
  })
}

/** Opens a session for somebody who has proved who they are; the account is locked within the transaction in which that was found, so that whatever ends all sessions does not miss this one. */
export async function openSession(
  ctx: Context,
  userId: number,
  { provedSecondFactor = false } = {},
): Promise<SignedIn> {
  return inTransaction(ctx, async (tx) => {
    const expiresAt = refreshExpiry(tx)
    const sessionId = await insertSession(tx, userId, expiresAt, provedSecondFactor)
    const { token, hash } = newRefreshToken()
    await insertRefreshToken(tx, sessionId, hash, expiresAt)
    await rememberAddress(tx, userId)
    const user = viewUser(tx.house.config, (await findUser(tx, userId))!)
    return { access: signAccessToken(tx.house, userId, sessionId, tx.now), refresh: token, role: user.role, user }
  })
}

const refreshExpiry = (ctx: Context): Temporal.Instant =>
  ctx.now.add({ hours: 24 * ctx.house.config.REFRESH_TOKEN_EXPIRE_DAYS })

/**
 * Exchanges a refresh token for a new pair. Using an ended one again means that it was stolen or copied: the whole session ends, its access tokens too.
 * @throws AUTHENTICATION_FAILED
 */
export async function refreshTokens(ctx: Context, refresh: string): Promise<{ access: string; refresh: string }> {
  const hash = hashRefreshToken(refresh)
  const pair = await inTransaction(ctx, async (tx) => {
    const row = await lockRefreshToken(tx, hash)
    if (!row) return null
    if (row.used_at !== null && row.ended_at === null) await endSessions(tx, row.user_id, { only: row.session_id })
    if (row.used_at !== null || row.ended_at !== null || !row.is_active || row.deleted_at !== null) return null
    if (Temporal.Instant.compare(row.expires_at, tx.now) <= 0) return null
    const expiresAt = refreshExpiry(tx)
    const next = newRefreshToken()
    await useRefreshToken(tx, hash, row.session_id, expiresAt)
    await insertRefreshToken(tx, row.session_id, next.hash, expiresAt)
    return { access: signAccessToken(tx.house, row.user_id, row.session_id, tx.now), refresh: next.token }
  })
  // Thrown outside the transaction, so that the end of the session is kept.
  if (!pair) throw notAuthenticated('The refresh token is not valid')
  return pair
}

/**
 * Ends sessions and tells every node, which closes their sockets. Where it is not about one of them, sign-ins that wait for the second factor end too, and so do
 * app passwords: whoever had the account may have made one.
 */
export async function endSessions(
  ctx: Context,
  userId: number,
  which: { only?: number; except?: number } = {},
): Promise<number[]> {
  const ended = await endSessionRows(ctx, userId, which)
  if (which.only === undefined) {
    await endChallenges(ctx, userId)
    await deleteAppPasswords(ctx, userId)
  }
  // A message is at most 8,000 bytes.
  for (let i = 0; i < ended.length; i += 400)
    await ctx.house.realtime.broadcast(ctx, sessionsEnded, { session_ids: ended.slice(i, i + 400) })
  return ended
}

/**
 * Ends the sessions of everybody, in a house that was restored and does not run yet: those that were ended after the backup must not live again. Answers how many.
 */
export const endEverySession = (ctx: Context): Promise<number> => endAllRows(ctx)

/** Signs out: ends the session of the access token, and that of a refresh token given with it where it is the same person's. */
export async function signOut(ctx: Context, actor: Actor, refresh: string | undefined): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await endSessions(tx, actor.userId, { only: actor.sessionId })
    const row = refresh === undefined ? undefined : await lockRefreshToken(tx, hashRefreshToken(refresh))
    if (row && row.user_id === actor.userId) await endSessions(tx, actor.userId, { only: row.session_id })
  })
}
