import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, OneOf } from '../../../platform/http/shapes.ts'

const statuses = ['pending', 'ready', 'failed', 'removed'] as const
export type ExportStatus = (typeof statuses)[number]

/** An export of all one's data. */
export const Export = Type.Object(
  {
    id: Id,
    status: OneOf(statuses, { title: 'ExportStatus' }),
    size: Nullable(Type.Integer({ description: 'Bytes of the ZIP.' })),
    requested_at: Instant,
    finished_at: Nullable(Instant),
    expires_at: Nullable(Type.String({ format: 'date-time', description: 'When it is removed: after seven days.' })),
    download_url: Nullable(Type.String({ description: 'For five minutes, without a token, once it is ready.' })),
  },
  { title: 'Export' },
)
export type ExportView = Static<typeof Export>

export const examplePending: ExportView = {
  id: 1,
  status: 'pending',
  size: null,
  requested_at: '2026-01-12T08:00:00Z',
  finished_at: null,
  expires_at: null,
  download_url: null,
}
export const exampleReady: ExportView = {
  ...examplePending,
  status: 'ready',
  size: 482_130,
  finished_at: '2026-01-12T08:01:00Z',
  expires_at: '2026-01-19T08:01:00Z',
  download_url: 'http://localhost:8000/files/exports/1/1768206900.Zm9yIG9uZSBwZXJzb24sIGZvciBmaXZlIG1pbnV0ZXM',
}
