import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalidAll } from '../../../platform/errors.ts'
import { insertChat, lockDirect, lockSupport } from '../queries/chats.ts'
import { insertLine } from '../queries/messages.ts'
import { isSupport } from '../policy.ts'
import { problemsOfMessage } from '../rules.ts'
import type { MessageView, SupportInput } from '../schema.ts'
import { writeIn } from './send.ts'
import { tellLine } from './tell.ts'

/** Lets the two people of a booking write to each other from now on, in the transaction of who books. A chat that they have stays what it is. */
export async function allow(
  ctx: Context,
  booking: { bookingId: number; serviceId: number; customerId: number; providerId: number },
): Promise<void> {
  const { bookingId, serviceId, customerId, providerId } = booking
  if (customerId === providerId) return
  await insertChat(ctx, customerId, providerId, { opened_by: 'booking', booking_id: bookingId, service_id: serviceId })
}

/**
 * Adds a line of the product itself to the chat of two people, if they have one: an English sentence, the key of its translations, with its values; instants (`at`,
 * `..._at`) are told by the reader's clock. It counts as unread for nobody. Streams are locked from here on, so it comes last in its transaction.
 */
export async function addLine(
  ctx: Context,
  people: readonly [number, number],
  line: { text: string; params: Record<string, string | number> },
): Promise<void> {
  const [one, other] = people
  if (one === other) return
  await inTransaction(ctx, async (tx) => {
    const chat = await lockDirect(tx, one, other)
    if (!chat) return
    const row = await insertLine(tx, { chatId: chat.id, author: null, ...line })
    await tellLine(tx, 'message.created', chat, row)
  })
}

/** Writes to the support, in the one chat that everybody has with it. @throws CONFLICT for those who answer there themselves */
export async function writeToSupport(ctx: Context, input: SupportInput): Promise<MessageView> {
  const problems = problemsOfMessage({ ...input, chat_id: 0 })
  if (problems.length > 0) throw invalidAll(problems)
  const actor = actorOf(ctx)
  if (isSupport(actor)) throw conflict('You are the support; answer in a chat')
  return inTransaction(ctx, async (tx) => {
    let chat = await lockSupport(tx, actor.userId)
    if (!chat) {
      await insertChat(tx, actor.userId, null, { opened_by: 'support' })
      chat = (await lockSupport(tx, actor.userId))!
    }
    return writeIn(tx, chat, input)
  })
}
