import { withdrawNames } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { appendEach } from '../../../platform/streams.ts'
import { leaveChats, lockChatsFor } from '../queries/leaving.ts'
import { scrub } from './tell.ts'

/**
 * Who gave an organization's services belongs to it no more: the chats that they had with its customers are theirs no more, but for those with people whom they
 * know otherwise too (`except`). The other side keeps what was written, and can write to them there no more; a booking that is not the organization's opens it again.
 */
export async function leaveFor(
  ctx: Context,
  leaving: { userId: number; organizationId: string; except: readonly number[] },
): Promise<void> {
  const { userId } = leaving
  const chats = await lockChatsFor(ctx, leaving)
  if (chats.length === 0) return
  const ids = chats.map(({ id }) => id)
  const lines = await leaveChats(ctx, userId, ids)
  await withdrawNames(ctx, userId, { kind: 'chat', ids })
  await scrub(ctx, [userId], lines)
  const told = chats.flatMap(({ id, other_id }) =>
    [userId, other_id].map((one) => ({ userId: one, type: 'chat.closed', data: { chat_id: id, user_id: userId } })),
  )
  await appendEach(ctx, told)
}
