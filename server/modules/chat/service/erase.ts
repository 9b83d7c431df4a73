import { releaseAttachments } from '../../files/index.ts'
import type { Context } from '../../../platform/context.ts'
import { appendEach } from '../../../platform/streams.ts'
import { lockChatsOf, recountUnread } from '../queries/chats.ts'
import { returnTo } from '../queries/leaving.ts'
import { entombAllOf } from '../queries/messages.ts'
import { forgetModeration } from '../queries/moderation.ts'
import { scrub } from './tell.ts'

/**
 * Hears that an account was erased: what the person wrote is personal (SPEC section 3), so tombstones are left of it, in the streams of others too, and nothing of
 * their files and blocks. The chats stay for those they talked to, with a nameless partner to whom nobody can write.
 */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  const chats = await lockChatsOf(ctx, user_id)
  if (chats.length === 0) return
  await returnTo(ctx, user_id)
  const written = await entombAllOf(ctx, user_id)
  await recountUnread(
    ctx,
    chats.map(({ id }) => id),
  )
  await releaseAttachments(
    ctx,
    'message',
    written.filter((message) => message.had_attachments).map(({ id }) => String(id)),
  )
  await forgetModeration(ctx, user_id)
  const others = chats.flatMap(({ id, other_id }) => (other_id === null ? [] : [{ chatId: id, userId: other_id }]))
  await scrub(
    ctx,
    others.map(({ userId }) => userId),
    written.map(({ id }) => id),
  )
  await appendEach(
    ctx,
    others.map(({ chatId, userId }) => ({ userId, type: 'chat.closed', data: { chat_id: chatId, user_id } })),
  )
}
