import type { Handler } from '../../platform/jobs/jobs.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { findReading, lockChat } from './queries/chats.ts'
import { notifySide } from './service/tell.ts'

/** Notifies who was online when a line came and has not read it since. What was read meanwhile, or belongs to a muted chat, needs no word. */
export const nudge: Handler<'chat.nudge'> = async (ctx, { chat_id, side, seq }) => {
  await inTransaction(ctx, async (tx) => {
    const chat = await lockChat(tx, chat_id)
    if (!chat) return
    const { read_seq, unread, muted } = await findReading(tx, chat_id, side)
    if (read_seq < seq && unread > 0 && !muted) await notifySide(tx, chat, side)
  })
}
