import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { pageOf, type PageRequest } from '../../../platform/http/page.ts'
import { findUser } from '../queries/people.ts'
import { selectSessions } from '../queries/sessions.ts'
import type { UserView } from '../schema/people.ts'
import { viewUser } from '../view.ts'
import { endSessions } from './sign-in.ts'

/** The signed-in person. */
export async function getOwnUser(ctx: Context): Promise<UserView> {
  const row = await findUser(ctx, actorOf(ctx).userId)
  if (!row) throw notFound('user')
  return viewUser(ctx.house.config, row)
}

/** One's open sessions, newest first. */
export async function listOwnSessions(ctx: Context, request: PageRequest) {
  const { userId } = actorOf(ctx)
  return pageOf(ctx, request, `sessions of ${userId}`, selectSessions(ctx, userId))
}

/** Ends one of one's own sessions. @throws NOT_FOUND when it is another's or has ended. */
export async function endOwnSession(ctx: Context, id: number): Promise<void> {
  const ended = await inTransaction(ctx, (tx) => endSessions(tx, actorOf(tx).userId, { only: id }))
  if (ended.length === 0) throw notFound('session')
}
