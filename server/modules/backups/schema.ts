import { Type, type Static } from 'typebox'
import { Id, Instant, iso, isoOrNull, Nullable, OneOf, pageQuery } from '../../platform/http/shapes.ts'
import type { BackupRow, PlaceOutcome } from './queries.ts'
import { kinds } from './rules.ts'

const statuses = ['waiting', 'running', 'done', 'failed'] as const
const Kind = OneOf(kinds)

export const Backup = Type.Object(
  {
    id: Id,
    kind: Kind,
    name: Nullable(Type.String({ description: 'What `banister restore` is given; null until it begins.' })),
    cause: OneOf(['schedule', 'request', 'console']),
    status: OneOf(statuses),
    created_at: Instant,
    started_at: Nullable(Instant),
    finished_at: Nullable(Instant),
    verified_at: Nullable(Instant),
    unverified_reason: Nullable(Type.String()),
    size_bytes: Nullable(Type.Integer()),
    items: Nullable(Type.Integer({ description: 'Rows of the database, or files.' })),
    new_bytes: Nullable(Type.Integer({ description: 'Of files: how many bytes were not in an earlier backup.' })),
    places: Type.Array(Type.Object({ place: Type.String(), error: Nullable(Type.String()) })),
    deleted_at: Nullable(Instant),
    error: Nullable(Type.String()),
  },
  { title: 'Backup' },
)
export type BackupView = Static<typeof Backup>

export const BackupQuery = Type.Object({
  ...pageQuery,
  kind: Type.Optional(Kind),
  status: Type.Optional(OneOf(statuses)),
})
export type BackupQuery = Static<typeof BackupQuery>

export const BackupRequest = Type.Object({ kind: Kind })
export type BackupRequest = Static<typeof BackupRequest>

export const viewOf = (row: BackupRow): BackupView => ({
  id: row.id,
  kind: row.kind as BackupView['kind'],
  name: row.name,
  cause: row.cause as BackupView['cause'],
  status: row.status as BackupView['status'],
  created_at: iso(row.created_at),
  started_at: isoOrNull(row.started_at),
  finished_at: isoOrNull(row.finished_at),
  verified_at: isoOrNull(row.verified_at),
  unverified_reason: row.unverified_reason,
  size_bytes: row.size_bytes,
  items: row.items,
  new_bytes: row.new_bytes,
  places: row.places as PlaceOutcome[],
  deleted_at: isoOrNull(row.deleted_at),
  error: row.error,
})

export const exampleBackup: BackupView = {
  id: 1,
  kind: 'database',
  name: 'database-20260112t120000z-86b0ab6d-3f1f',
  cause: 'schedule',
  status: 'done',
  created_at: '2026-01-12T12:00:00Z',
  started_at: '2026-01-12T12:00:00Z',
  finished_at: '2026-01-12T12:00:08Z',
  verified_at: '2026-01-12T12:00:08Z',
  unverified_reason: null,
  size_bytes: 1_048_576,
  items: 51_204,
  new_bytes: null,
  places: [{ place: 'directory /mnt/backups', error: null }],
  deleted_at: null,
  error: null,
}
export const exampleWaiting: BackupView = {
  ...exampleBackup,
  id: 2,
  name: null,
  cause: 'request',
  status: 'waiting',
  started_at: null,
  finished_at: null,
  verified_at: null,
  size_bytes: null,
  items: null,
  places: [],
}
