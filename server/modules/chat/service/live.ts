import { actorOf, type Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { isoOrNull } from '../../../platform/http/shapes.ts'
import { presenceOf, tellNow } from '../../../platform/socket/presence.ts'
import { findChat, findOtherSide } from '../queries/chats.ts'
import { listPartners, listSharing } from '../queries/people.ts'
import { sideOf } from '../policy.ts'
import { otherSide } from '../rules.ts'
import { followersOf } from './tell.ts'

/** Tells the other side of a chat that one is typing; nobody who has blocked the other, or was. Nothing of it is kept. @throws NOT_FOUND */
export async function typeIn(ctx: Context, chatId: number): Promise<void> {
  const actor = actorOf(ctx)
  const chat = await findChat(ctx, chatId)
  const side = chat ? sideOf(actor, chat) : null
  if (!chat || side === null) throw notFound('chat')
  const isForSupport = chat.kind === 'support' && side === 'b'
  const other = await findOtherSide(ctx, chatId, otherSide(side), isForSupport ? null : actor.userId)
  if (other.blocks || other.blocked || other.gone) return
  const followers = (await followersOf(ctx, chat)).filter((id) => id !== actor.userId)
  await tellNow(ctx, followers, {
    type: 'typing',
    data: { chat_id: chatId, user_id: isForSupport ? null : actor.userId },
  })
}

export type PresenceView = { user_id: number; online: boolean; last_seen_at: string | null }

/** Who of these people is online. Who shares no chat with the asker, or has blocked them, is not in the answer, as if there were no such account. */
export async function askPresence(ctx: Context, userIds: readonly number[]): Promise<PresenceView[]> {
  const sharing = await listSharing(ctx, actorOf(ctx).userId, userIds)
  const presence = sharing.length > 0 ? await presenceOf(ctx, sharing) : new Map()
  return sharing.map((id) => ({
    user_id: id,
    online: presence.get(id)?.online ?? false,
    last_seen_at: isoOrNull(presence.get(id)?.lastSeenAt),
  }))
}

/** Hears that somebody has come or gone: the people of their latest chats are told. */
export async function tellPresence(
  ctx: Context,
  { userId, online }: { userId: number; online: boolean },
): Promise<void> {
  const partners = await listPartners(ctx, userId)
  if (partners.length === 0) return
  const data: PresenceView = { user_id: userId, online, last_seen_at: online ? null : ctx.now.toString() }
  await tellNow(ctx, partners, { type: 'presence', data })
}
