import { openSession, type Session } from './session.ts'

/** A restore into this database was begun and did not come to its end. */
export class UnfinishedRestore extends Error {
  constructor() {
    super(
      'A restore into this database is under way or has broken off: run the restore again, which begins anew, or take another database.',
    )
    this.name = 'UnfinishedRestore'
  }
}

/** A schema, since it is in no backup and every role that can restore can make one; it has nothing in it. */
const mark = 'banister_restoring'

async function say(url: string, statement: string): Promise<void> {
  const session = await openSession(url)
  try {
    await session.client.query(statement)
  } finally {
    await session.end()
  }
}

/**
 * Says in a database that it is being restored, until `endRestore`. The rows are there before sessions are ended and numbers left out: a house that was started on
 * them after a restore was killed would go on with sessions that nobody ended and with numbers that were given out already.
 */
export const beginRestore = (url: string): Promise<void> => say(url, `CREATE SCHEMA IF NOT EXISTS ${mark}`)

/** Everything is as it is to be: houses may start. */
export const endRestore = (url: string): Promise<void> => say(url, `DROP SCHEMA IF EXISTS ${mark}`)

/** Did a restore into this database begin that has not ended? */
export async function isUnfinished({ client }: Pick<Session, 'client'>): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [mark])
  return (rowCount ?? 0) > 0
}

/** Asked before a house starts. @throws UnfinishedRestore */
export async function refuseUnfinished(url: string): Promise<void> {
  const session = await openSession(url)
  try {
    if (await isUnfinished(session)) throw new UnfinishedRestore()
  } finally {
    await session.end()
  }
}
