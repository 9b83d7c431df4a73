import { Type, type Static } from 'typebox'
import { CalendarDate, Id, Instant, Line, Nullable, OneOf, pageQuery, Text } from '../../platform/http/shapes.ts'

export const documentTypes = ['identity', 'certificate', 'licence', 'insurance', 'tax', 'other'] as const
export const documentStatuses = ['pending_scan', 'pending', 'approved', 'rejected', 'expired'] as const
export type DocumentType = (typeof documentTypes)[number]
export type DocumentStatus = (typeof documentStatuses)[number]

const DocumentTypeShape = OneOf(documentTypes, { title: 'DocumentType' })
const DocumentStatusShape = OneOf(documentStatuses, { title: 'DocumentStatus' })
const Title = Line(200, 1)
const ValidUntil = Nullable(CalendarDate)

/** A paper of a provider, as its owner and the reviewers see it. */
export const Document = Type.Object(
  {
    id: Id,
    owner: Type.Object({ id: Id, name: Type.String() }),
    title: Type.String(),
    type: DocumentTypeShape,
    status: DocumentStatusShape,
    reason: Nullable(Type.String({ description: 'Why it was rejected.' })),
    valid_until: Nullable(Type.String({ format: 'date', description: 'The last day on which it holds.' })),
    file: Type.Object({ name: Type.String(), content_type: Type.String(), size: Type.Integer() }),
    download_url: Nullable(
      Type.String({
        description: 'For five minutes, without a token. Null in lists, and while the file waits to be scanned.',
      }),
    ),
    reviewed_at: Nullable(Instant),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Document' },
)
export type DocumentView = Static<typeof Document>

/** The fields beside the file. */
export const DocumentFields = Type.Object({
  title: Title,
  type: DocumentTypeShape,
  valid_until: Type.Optional(CalendarDate),
})
export type DocumentFields = Static<typeof DocumentFields>

/** What the owner changes, or what a reviewer decides. */
export const DocumentChange = Type.Object({
  title: Type.Optional(Title),
  type: Type.Optional(DocumentTypeShape),
  valid_until: Type.Optional(ValidUntil),
  status: Type.Optional(OneOf(['approved', 'rejected'] as const, { description: 'Reviewers only.' })),
  reason: Type.Optional(Text(1000, 1)),
})
export type DocumentChange = Static<typeof DocumentChange>

export const DocumentQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(DocumentStatusShape),
  type: Type.Optional(DocumentTypeShape),
  owner_id: Type.Optional(Id),
})
export type DocumentQuery = Static<typeof DocumentQuery>

export const exampleDocument: DocumentView = {
  id: 1,
  owner: { id: 7, name: 'John Brown' },
  title: 'Passport',
  type: 'identity',
  status: 'pending',
  reason: null,
  valid_until: '2030-06-30',
  file: { name: 'passport.pdf', content_type: 'application/pdf', size: 48_213 },
  download_url: null,
  reviewed_at: null,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
}
export const exampleWithLink: DocumentView = {
  ...exampleDocument,
  download_url: 'http://localhost:8000/files/private/1/1768206900.Zm9yIG9uZSBwZXJzb24sIGZvciBmaXZlIG1pbnV0ZXM',
}
