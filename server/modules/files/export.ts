import { inPieces, type ExportOf } from '../../platform/export.ts'
import { selectAllOf } from './attachment-queries.ts'

/** All that a person has uploaded and that is still there, whatever it belongs to: what it is, and the bytes. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  const read = () => inPieces((after, limit) => selectAllOf(ctx, userId, after, limit))
  yield { name: 'files/files.json', rows: shown(read()) }
  // What has not been scanned may be infected: it would leave the house with the rest.
  for await (const { id, name, key, scan } of read())
    if (scan !== 'pending') yield { name: `files/${id}-${name}`, bucket: 'attachments', key }
}

async function* shown(rows: ReturnType<typeof inPieces<Awaited<ReturnType<typeof selectAllOf>>[number]>>) {
  for await (const { key: _key, owner_id: _owner, ...row } of rows) yield row
}
