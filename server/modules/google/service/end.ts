import { notify } from '../../notifications/index.ts'
import { releaseAll } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { ConsentGone, GoogleRefused } from '../client/errors.ts'
import { googleOf, platformCalendar } from '../client/index.ts'
import { revokeToken } from '../client/oauth.ts'
import { deleteChannel, deleteChannelsOf, listToStop } from '../queries/channels.ts'
import { listSources } from '../queries/claims.ts'
import {
  deleteConnection,
  deleteConsentsOf,
  findConnection,
  isShared,
  listConnectionsOf,
  lockConnection,
  lockConnectionOf,
  updateConnection,
  type ConnectionRow,
} from '../queries/connections.ts'
import { deleteInvitationsOf, forgetCalendar, listWithPerson, markDirty } from '../queries/events.ts'
import { askingOf } from './places.ts'

/** What a connection has here goes at once, in the transaction of `ctx`: its busy time, what has passed of it too, and that its calendar is ours to write in. */
async function switchOff(ctx: Context, { id }: ConnectionRow): Promise<void> {
  await releaseAll(ctx, 'import', await listSources(ctx, id))
  await leave(ctx, id)
}

/** What stands in its calendar stays with its person; the bookings are to stand in the platform's from now on, where it has one. */
async function leave(ctx: Context, connectionId: number): Promise<void> {
  const goesOn = platformCalendar(ctx) !== null
  const left = await forgetCalendar(ctx, connectionId, goesOn)
  if (goesOn) for (const booking_id of left) await ctx.house.jobs.enqueue(ctx, 'google.write', { booking_id })
}

/** Ends a connection, in the transaction of `ctx`: here at once, at Google (channels, consent) by a job as soon as it answers. */
export async function endConnection(ctx: Context, connection: ConnectionRow, isErased = false): Promise<void> {
  await switchOff(ctx, connection)
  if (connection.refresh_token === null) {
    await deleteConnection(ctx, connection.id)
    return
  }
  await updateConnection(ctx, connection.id, {
    state: 'ending',
    sync_token: null,
    ...(isErased ? await unnamed(ctx, connection) : {}),
  })
  await ctx.house.jobs.enqueue(ctx, 'google.end', { connection_id: connection.id })
}

/** The name of a Google account goes with its person; where somebody else has connected the same one only with the token, so that theirs is not given back. */
const unnamed = async (ctx: Context, connection: ConnectionRow): Promise<{ account?: null }> =>
  (await isShared(ctx, connection)) ? {} : { account: null }

/** Disconnects one's own calendar. Harmless where none is connected. */
export async function disconnect(ctx: Context, userId: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await deleteConsentsOf(tx, userId)
    const connection = await lockConnectionOf(tx, userId)
    if (connection) await endConnection(tx, connection)
  })
}

/** Stops the channels of a connection that is being ended and gives the consent back, then forgets it. */
export async function endAtGoogle(ctx: Context, { connection_id: id }: { connection_id: number }): Promise<void> {
  const connection = await findConnection(ctx, id)
  if (connection?.state !== 'ending') return
  try {
    const who = askingOf(ctx, connection)
    await stopChannels(ctx, connection, true)
    // Who has connected the same account again, or besides, keeps it.
    if (!(await isShared(ctx, connection))) await revokeToken(ctx.house.config, who.refreshToken)
  } catch (error) {
    if (error instanceof GoogleRefused) ctx.log.warn({ reason: error.message }, 'Google refused to end a connection')
    else if (!(error instanceof ConsentGone)) throw error
  }
  googleOf(ctx).forget(id)
  await inTransaction(ctx, async (tx) => {
    await leave(tx, id)
    await deleteConnection(tx, id)
  })
}

/** Stops channels of a connection at Google: those that were replaced, or all. One that Google does not know any more is stopped. */
export async function stopChannels(ctx: Context, connection: ConnectionRow, all: boolean): Promise<void> {
  for (const { id, resource_id: resourceId } of await listToStop(ctx, connection.id, all)) {
    // Without an answer of Google's it cannot be named; it runs out by itself, and what it tells is not listened to.
    if (resourceId !== null) {
      try {
        await googleOf(ctx).stop(askingOf(ctx, connection), { id, resourceId })
      } catch (error) {
        if (!(error instanceof GoogleRefused)) throw error
      }
    }
    await deleteChannel(ctx, id)
  }
}

/**
 * Google says that a consent is gone: the connection is switched off, its busy time blocks nothing any more, and its person is told, once. Not where they have
 * given another one since: an answer that was long on its way says nothing of that.
 */
export async function consentLost(ctx: Context, { of }: ConsentGone): Promise<void> {
  if (of === null) return
  await inTransaction(ctx, async (tx) => {
    const connection = await lockConnection(tx, of.connectionId)
    if (connection?.state !== 'active' || connection.consent !== of.consent) return
    await switchOff(tx, connection)
    await deleteChannelsOf(tx, connection.id)
    await updateConnection(tx, connection.id, { state: 'revoked', refresh_token: null, sync_token: null })
    googleOf(tx).forget(connection.id)
    await notify(tx, {
      userId: connection.user_id,
      kind: 'google_disconnected',
      topic: 'customer_bookings',
      title: 'Your Google calendar is not connected any more',
      body: 'Google says that you have taken your consent back. What stands in that calendar does not keep bookings away any more, and bookings are not written there. Connect it again if you did not mean to.',
    })
  })
}

/** Hears that an account was erased: its consent is given back and its tokens go, and its name leaves the calendars in which it stands. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  await deleteConsentsOf(ctx, user_id)
  await deleteInvitationsOf(ctx, user_id)
  for (const { id } of await listConnectionsOf(ctx, user_id)) {
    const connection = await lockConnection(ctx, id)
    if (connection && connection.state !== 'ending') await endConnection(ctx, connection, true)
    else if (connection) await updateConnection(ctx, id, await unnamed(ctx, connection))
  }
  for (const booking_id of await listWithPerson(ctx, user_id)) {
    await markDirty(ctx, booking_id, null)
    await ctx.house.jobs.enqueue(ctx, 'google.write', { booking_id })
  }
}
