import { randomUUID } from 'node:crypto'
import { releaseAll } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { ConsentGone, GoogleRefused } from '../client/errors.ts'
import { googleOf, hasConsent } from '../client/index.ts'
import {
  deleteChannel,
  deleteOldChannels,
  findChannel,
  hasChannel,
  insertChannel,
  listToRenew,
  settleChannel,
} from '../queries/channels.ts'
import { listEnded } from '../queries/claims.ts'
import { deleteOldConsents, findConnection, listEnding, type ConnectionRow } from '../queries/connections.ts'
import { askToSync } from './busy.ts'
import { consentLost, stopChannels } from './end.ts'
import { askingOf, resealTokens } from './places.ts'

/** Channels by which Google tells that a calendar has changed (https://developers.google.com/workspace/calendar/api/guides/push). */

const lifetime = Temporal.Duration.from({ hours: 7 * 24 })
/** A channel is replaced while it has still so long to live. */
const early = Temporal.Duration.from({ hours: 36 })
const purpose = 'google-channel'

/** Google tells only addresses of https; without one the calendar is read every quarter of an hour. */
const address = ({ house }: Context): string | null =>
  house.config.PUBLIC_URL.startsWith('https://') ? `${house.config.PUBLIC_URL}/api/v1/google/notifications/` : null

/** Opens a channel for a connection that has none, or one that ends soon, and stops those that are replaced. May be repeated. */
export async function watchConnection(ctx: Context, { connection_id: id }: { connection_id: number }): Promise<void> {
  const connection = await findConnection(ctx, id)
  if (connection?.state !== 'active' || !hasConsent(ctx)) return
  try {
    if (!(await hasChannel(ctx, id, ctx.house.clock().add(early)))) await open(ctx, connection)
    await stopChannels(ctx, connection, false)
  } catch (error) {
    if (error instanceof ConsentGone) return consentLost(ctx, error)
    if (!(error instanceof GoogleRefused)) throw error
    ctx.log.warn({ connection: id, reason: error.message }, 'Google opens no channel; the calendar is polled')
  }
}

async function open(ctx: Context, connection: ConnectionRow): Promise<void> {
  const where = address(ctx)
  if (where === null) return
  const id = randomUUID()
  // Known before Google is asked: what it tells before its answer is here is listened to.
  await insertChannel(ctx, id, connection.id)
  const expiresAt = ctx.house.clock().add(lifetime)
  try {
    const answer = await googleOf(ctx).watch(askingOf(ctx, connection), connection.calendar_id, {
      id,
      type: 'web_hook',
      address: where,
      token: ctx.house.secrets.hmac(purpose, id),
      expiration: String(expiresAt.epochMilliseconds),
    })
    const until = /^\d{13}$/.test(answer.expiration ?? '')
      ? Temporal.Instant.fromEpochMilliseconds(Number(answer.expiration))
      : expiresAt
    await inTransaction(ctx, (tx) =>
      settleChannel(tx, { id, connection_id: connection.id, resource_id: answer.resourceId ?? null }, until),
    )
  } catch (error) {
    if (error instanceof GoogleRefused) await deleteChannel(ctx, id)
    throw error
  }
}

export type Notice = { channel: string; token: string; resource: string }

/**
 * Google tells that a calendar has changed: it is read soon. What Google does not know to say (the token, made of the channel's id with a key of this house) and
 * what is of a channel that ended is not listened to. @throws NOT_FOUND
 */
export async function hearNotice(ctx: Context, { channel, token, resource }: Notice): Promise<void> {
  if (!/^[\da-f-]{36}$/.test(channel) || !ctx.house.secrets.verifies(purpose, channel, token)) throw notFound('channel')
  const found = await findChannel(ctx, channel)
  if (!found || (found.resource_id !== null && found.resource_id !== resource)) throw notFound('channel')
  await inTransaction(ctx, (tx) => askToSync(tx, [found.connection_id]))
}

/** When somebody was busy is of no use afterwards: it is kept for a day. So much of it goes in one transaction. */
async function forgetPast(ctx: Context): Promise<void> {
  const portion = 1000
  for (;;) {
    const ended = await listEnded(ctx, ctx.now.subtract({ hours: 24 }), portion)
    await releaseAll(ctx, 'import', ended)
    if (ended.length < portion) return
  }
}

/** Every hour: channels are replaced before they end, what was lost on the way is ended, busy time that has passed is forgotten, and tokens are sealed anew after a change of SECRET_KEY. */
export async function tend(ctx: Context): Promise<void> {
  await deleteOldConsents(ctx)
  await deleteOldChannels(ctx)
  await resealTokens(ctx)
  await forgetPast(ctx)
  if (hasConsent(ctx) && address(ctx) !== null)
    for (const connection_id of await listToRenew(ctx, ctx.now.add(early)))
      await ctx.house.jobs.enqueue(ctx, 'google.watch', { connection_id })
  for (const connection_id of await listEnding(ctx, ctx.now.subtract({ hours: 24 })))
    await ctx.house.jobs.enqueue(ctx, 'google.end', { connection_id })
}
