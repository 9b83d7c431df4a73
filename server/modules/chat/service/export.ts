import { inPieces, type ExportOf } from '../../../platform/export.ts'
import { listExportedChats, listExportedMessages, listExportedReports } from '../queries/export.ts'
import { selectBlocks } from '../queries/moderation.ts'

/** What the chats of a person hold, for their export: what they wrote and what was written to them, as they could read it; whom they have blocked and what they have reported. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'chat/chats.json', rows: inPieces((after, limit) => listExportedChats(ctx, userId, after, limit)) }
  yield {
    name: 'chat/messages.json',
    rows: inPieces((after, limit) => listExportedMessages(ctx, userId, after, limit)),
  }
  yield { name: 'chat/blocks.json', json: await selectBlocks(ctx, userId).execute() }
  yield { name: 'chat/reports.json', rows: inPieces((after, limit) => listExportedReports(ctx, userId, after, limit)) }
}
