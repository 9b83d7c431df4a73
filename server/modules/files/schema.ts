import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable } from '../../platform/http/shapes.ts'

/** A private file as whoever may see it is shown it. */
export const Attachment = Type.Object(
  {
    id: Id,
    name: Type.String(),
    content_type: Type.String({ description: 'Told by its content.' }),
    size: Type.Integer({ description: 'Bytes.' }),
    url: Nullable(
      Type.String({
        description:
          'Where it is downloaded, without a token, for at most five minutes; null while it waits to be scanned.',
      }),
    ),
  },
  { title: 'Attachment' },
)
export type AttachmentView = Static<typeof Attachment>

/** One's own upload, which may not belong to anything yet. */
export const Upload = Type.Object(
  {
    ...Attachment.properties,
    scan: Type.String({
      description: '`clean`, `pending` (it cannot be used yet), or `unscanned` where no scanner is set.',
    }),
    is_used: Type.Boolean({ description: 'Does it belong to something? What does not is deleted after 24 hours.' }),
    created_at: Instant,
  },
  { title: 'UploadedFile' },
)
export type UploadView = Static<typeof Upload>

export const exampleAttachment: AttachmentView = {
  id: 1,
  name: 'plan.pdf',
  content_type: 'application/pdf',
  size: 48_213,
  url: 'http://localhost:8000/files/private/1/1768206900.Zm9yIG9uZSBwZXJzb24sIGZvciBmaXZlIG1pbnV0ZXM',
}
export const exampleUpload: UploadView = {
  ...exampleAttachment,
  scan: 'clean',
  is_used: false,
  created_at: '2026-01-12T08:00:00Z',
}

/** The shape of `attachment_ids` where something takes attachments. */
export const AttachmentIds = Type.Array(Id, {
  maxItems: 10,
  uniqueItems: true,
  description: 'Own uploads of `POST files/attachments/` that nothing else has taken.',
})
