import { inPieces, type ExportOf } from '../../platform/export.ts'
import { documentsAfter } from './queries.ts'

/** A person's papers and what became of them; the files themselves are among their `files`. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield {
    name: 'documents/documents.json',
    rows: inPieces((after, limit) => documentsAfter(ctx, userId, after, limit)),
  }
}
