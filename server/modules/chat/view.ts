import { attachmentsOf, type AttachmentView } from '../files/index.ts'
import { actorOf, type Context } from '../../platform/context.ts'
import { iso, isoOrNull } from '../../platform/http/shapes.ts'
import { translate, withMoments, type Locale } from '../../platform/i18n/index.ts'
import type { ListedChat } from './queries/chats.ts'
import type { MessageRow } from './queries/messages.ts'
import type { ChatView, MessageView } from './schema.ts'

/** How somebody reads: system lines and the name of the support are told in their language. */
export type Reading = { locale: Locale; timeZone: string }

const support = ({ locale }: Reading) => ({ id: null, name: translate(locale, 'Support') })

/** A message as a reader sees it; a deleted one is a tombstone. */
export function viewMessage(row: MessageRow, reader: Reading, attachments: AttachmentView[]): MessageView {
  const isSystem = row.side === null
  const text = isSystem && row.text !== '' ? told(row, reader) : row.text
  return {
    id: row.id,
    chat_id: row.chat_id,
    seq: row.seq,
    kind: isSystem ? 'system' : 'text',
    sender: isSystem ? null : senderOf(row, reader),
    text,
    attachments,
    deleted: row.deleted_at !== null,
    client_id: row.client_id,
    created_at: iso(row.created_at),
    edited_at: isoOrNull(row.edited_at),
  }
}

const told = ({ text, params }: MessageRow, { locale, timeZone }: Reading): string =>
  translate(locale, text, withMoments(locale, timeZone, params ?? {}))

/** Whoever answers for the support answers as the support. */
const senderOf = (row: MessageRow, reader: Reading) =>
  row.person_b === null && row.side === 'b' ? support(reader) : { id: row.sender_id, name: row.sender_name }

export const readingOf = (ctx: Context): Reading => ({ locale: ctx.locale, timeZone: actorOf(ctx).timeZone })

/** Messages as who asks sees them, their attachments with links of this moment. */
export async function viewMessages(ctx: Context, rows: readonly MessageRow[]): Promise<MessageView[]> {
  const bearing = rows.filter((row) => row.has_attachments).map(({ id }) => String(id))
  const attachments = bearing.length > 0 ? await attachmentsOf(ctx, 'message', bearing) : undefined
  const reader = readingOf(ctx)
  return rows.map((row) => viewMessage(row, reader, attachments?.get(String(row.id)) ?? []))
}

/** A chat as one side sees it. */
export function viewChat(row: ListedChat, last: MessageView | null, reader: Reading): ChatView {
  const named = (id: number | null, name: string) => (id === null ? support(reader) : { id, name })
  const own = named(row.user_id, row.own_name)
  const other = named(row.other_id, row.other_name)
  return {
    id: row.id,
    kind: row.kind as ChatView['kind'],
    participants: row.side === 'a' ? [own, other] : [other, own],
    other,
    last_message: last,
    unread_count: row.unread,
    last_seq: row.last_seq,
    last_read_seq: row.read_seq,
    other_last_read_seq: row.other_read_seq,
    muted: row.muted,
    blocked: row.blocks,
    can_write: !row.blocks && !row.closed,
    opened_by: row.opened_by as ChatView['opened_by'],
    booking_id: row.booking_id,
    service_id: row.service_id,
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}
