import { Type, type Static } from 'typebox'
import { Id, Instant, Text, Uuid } from '../../../platform/http/shapes.ts'
import { Attachment, AttachmentIds, exampleAttachment } from '../../files/index.ts'

export const EventComment = Type.Object(
  { id: Uuid, author_id: Id, author_name: Type.String(), text: Type.String(), created_at: Instant },
  { title: 'EventComment' },
)
export type CommentView = Static<typeof EventComment>
export const CommentInput = Type.Object({ text: Text(10_000, 1) })

export const AttachInput = Type.Object({ attachment_ids: AttachmentIds })
export type AttachInput = Static<typeof AttachInput>
export const Attached = Type.Object({ attachments: Type.Array(Attachment) })
export const exampleAttached = { attachments: [exampleAttachment] }

export const exampleComment = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c94',
  author_id: 2,
  author_name: 'Olena Kovalenko',
  text: 'I will bring the plans',
  created_at: '2026-01-12T08:00:00Z',
} satisfies CommentView
