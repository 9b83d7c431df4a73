import type { SocketAccounts } from '../../../platform/socket/credentials.ts'
import { findOpenSessions } from '../queries/open-sessions.ts'
import { readAccessToken } from '../tokens.ts'
import { actorOfSession } from './sign-in.ts'

/** What the socket asks of accounts. */
export const socketAccounts: SocketAccounts = {
  read: readAccessToken,
  actorOf: actorOfSession,
  openSessions: ({ db }, sessionIds, now) => findOpenSessions(db, sessionIds, now),
}
