import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Text } from '../../platform/http/shapes.ts'
import { Attachment, AttachmentIds } from '../files/index.ts'
import { mostText } from './rules.ts'

const Seq = Type.Integer({ minimum: 0, description: 'The number of a line in its chat, from 1, without gaps.' })

/** Somebody as their partner sees them. The id is null for the support, and the name empty for an account that was erased. */
export const Partner = Type.Object(
  { id: Nullable(Type.Integer()), name: Type.String() },
  { title: 'ChatPartner', description: 'The support has no id; who has left has an empty name.' },
)

export const Message = Type.Object(
  {
    id: Id,
    chat_id: Id,
    seq: Seq,
    kind: OneOf(['text', 'system'], {
      description: '`system`: a line of the product itself, in the reader’s language.',
    }),
    sender: Nullable(Partner),
    text: Type.String(),
    attachments: Type.Array(Attachment),
    deleted: Type.Boolean(),
    client_id: Nullable(Type.String()),
    created_at: Instant,
    edited_at: Nullable(Instant),
  },
  { title: 'Message' },
)
export type MessageView = Static<typeof Message>

export const Chat = Type.Object(
  {
    id: Id,
    kind: OneOf(['direct', 'support']),
    participants: Type.Array(Partner),
    other: Partner,
    last_message: Nullable(Message),
    unread_count: Type.Integer({ minimum: 0 }),
    last_seq: Seq,
    last_read_seq: Type.Integer({ minimum: 0, description: 'Up to which line you have read.' }),
    other_last_read_seq: Type.Integer({ minimum: 0, description: 'Up to which line the other side has read.' }),
    muted: Type.Boolean(),
    blocked: Type.Boolean({ description: 'You have blocked the other person.' }),
    can_write: Type.Boolean(),
    opened_by: OneOf(['booking', 'inquiry', 'support']),
    booking_id: Nullable(Type.Integer()),
    service_id: Nullable(Type.Integer()),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Chat' },
)
export type ChatView = Static<typeof Chat>

const ClientId = Line(64, 1)

export const MessageInput = Type.Object({
  recipient_id: Type.Optional(Id),
  chat_id: Type.Optional(Id),
  service_id: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'What a first message asks about.' }),
  ),
  text: Type.Optional(Text(mostText)),
  attachment_ids: Type.Optional(AttachmentIds),
  client_id: Type.Optional(ClientId),
})
export type MessageInput = Static<typeof MessageInput>

export const SupportInput = Type.Object({
  text: Type.Optional(Text(mostText)),
  attachment_ids: Type.Optional(AttachmentIds),
  client_id: Type.Optional(ClientId),
})
export type SupportInput = Static<typeof SupportInput>

export const MessageChange = Type.Object({ text: Text(mostText, 1) })

export const ReadInput = Type.Object({
  seq: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
})
export const Reading = Type.Object(
  { chat_id: Id, last_read_seq: Seq, unread_count: Type.Integer({ minimum: 0 }) },
  { title: 'ChatReading' },
)
export type ReadingView = Static<typeof Reading>

export const MessageQuery = Type.Object({
  ...pageQuery,
  search: Type.Optional(Line(200)),
})

export const LineQuery = Type.Object({
  ...pageQuery,
  before: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Only lines with a lower `seq`.' }),
  ),
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Only lines with a higher `seq`; the first page has those that follow at once.',
    }),
  ),
})

export const ChatQuery = Type.Object({
  ...pageQuery,
  unread: Type.Optional(Type.Boolean({ description: 'true: only chats with unread lines.' })),
})

export const Muted = Type.Object({ muted: Type.Boolean() })

export const BlockInput = Type.Object({ user_id: Id })
export const BlockParams = Type.Object({ user_id: Id })
export const Block = Type.Object({ user: Partner, created_at: Instant }, { title: 'Block' })
export type BlockView = Static<typeof Block>

export const ReportInput = Type.Object({ reason: Text(1000, 1) })
export const ReportQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(OneOf(['open', 'resolved', 'dismissed'])),
})
export const ReportDecision = Type.Object({
  status: OneOf(['resolved', 'dismissed']),
  note: Type.Optional(Text(1000)),
  delete_message: Type.Optional(Type.Boolean({ description: 'Also deletes the message, for everybody.' })),
})
export type ReportDecision = Static<typeof ReportDecision>
export const Report = Type.Object(
  {
    id: Id,
    message_id: Id,
    chat_id: Id,
    text: Type.String({ description: 'As it was when it was reported.' }),
    author: Nullable(Partner),
    reporter: Partner,
    reason: Type.String(),
    status: OneOf(['open', 'resolved', 'dismissed']),
    note: Type.String(),
    created_at: Instant,
    resolved_at: Nullable(Instant),
  },
  { title: 'MessageReport' },
)
export type ReportView = Static<typeof Report>

export const exampleMessage = {
  id: 7,
  chat_id: 5,
  seq: 2,
  kind: 'text',
  sender: { id: 1, name: 'Jane Smith' },
  text: 'Hello, see you then — до встречи',
  attachments: [],
  deleted: false,
  client_id: '5f0c2a52-5a0c-4a0e-9c43-0b4ad0a5a9f1',
  created_at: '2026-01-12T08:00:00Z',
  edited_at: null,
} satisfies MessageView

export const exampleChat = {
  id: 5,
  kind: 'direct',
  participants: [
    { id: 1, name: 'Jane Smith' },
    { id: 2, name: 'Olena Koval' },
  ],
  other: { id: 1, name: 'Jane Smith' },
  last_message: exampleMessage,
  unread_count: 1,
  last_seq: 2,
  last_read_seq: 1,
  other_last_read_seq: 2,
  muted: false,
  blocked: false,
  can_write: true,
  opened_by: 'booking',
  booking_id: 3,
  service_id: 4,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies ChatView

export const exampleReport = {
  id: 1,
  message_id: 7,
  chat_id: 5,
  text: 'Pay me in cash, without the site',
  author: { id: 2, name: 'Olena Koval' },
  reporter: { id: 1, name: 'Jane Smith' },
  reason: 'They want to be paid outside of the site',
  status: 'open',
  note: '',
  created_at: '2026-01-12T08:00:00Z',
  resolved_at: null,
} satisfies ReportView
