import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportEntry, type ExportOf } from '../../../platform/export.ts'
import type { ZipEntry } from '../../../platform/files/zip-write.ts'
import * as accounts from '../../accounts/index.ts'
import * as bookings from '../../bookings/index.ts'
import * as caldav from '../../caldav/index.ts'
import * as calendars from '../../calendars/index.ts'
import * as catalog from '../../catalog/index.ts'
import * as chat from '../../chat/index.ts'
import * as documents from '../../documents/index.ts'
import * as files from '../../files/index.ts'
import * as google from '../../google/index.ts'
import * as notifications from '../../notifications/index.ts'
import * as organizations from '../../organizations/index.ts'
import * as payments from '../../payments/index.ts'
import * as reviews from '../../reviews/index.ts'
import * as scheduling from '../../scheduling/index.ts'
import * as tickets from '../../tickets/index.ts'
import * as webhooks from '../../webhooks/index.ts'
import { auditAfter } from './queries.ts'

/** What they did is theirs; what it was done to is others', and the log names it by its id only. */
const ownActions: ExportOf = async function* (ctx, userId) {
  yield { name: 'administration/actions.json', rows: inPieces((after, limit) => auditAfter(ctx, userId, after, limit)) }
}

/** Every module that holds something of a person. */
const sections: ExportOf[] = [
  accounts.exportOf,
  notifications.exportOf,
  organizations.exportOf,
  scheduling.exportOf,
  catalog.exportOf,
  bookings.exportOf,
  payments.exportOf,
  calendars.exportOf,
  caldav.exportOf,
  chat.exportOf,
  documents.exportOf,
  tickets.exportOf,
  reviews.exportOf,
  google.exportOf,
  webhooks.exportOf,
  files.exportOf,
  ownActions,
]

/** All that is held of a person, as the files of their ZIP. A file that has gone meanwhile is left out. */
export async function* entriesOf(ctx: Context, userId: number): AsyncIterable<ZipEntry> {
  const about = { exported_at: ctx.now, user_id: userId, from: ctx.house.config.PUBLIC_URL }
  yield { name: 'about.json', compress: true, bytes: whole(about) }
  for (const exportOf of sections) {
    for await (const entry of exportOf(ctx, userId)) {
      const file = await zipped(ctx, entry)
      if (file) yield file
    }
  }
}

async function zipped(ctx: Context, entry: ExportEntry): Promise<ZipEntry | null> {
  const { name } = entry
  if ('json' in entry) return { name, compress: true, bytes: whole(entry.json) }
  if ('rows' in entry) return { name, compress: true, bytes: listed(entry.rows) }
  const found = await ctx.house.files.get(entry.bucket, entry.key)
  // Pictures and documents are packed already.
  return found && { name, compress: false, bytes: found.stream as AsyncIterable<Uint8Array> }
}

async function* whole(value: unknown): AsyncIterable<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}

/** A JSON array, a row to a line, written as it is read. */
async function* listed(rows: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  let before = '[\n'
  for await (const row of rows) {
    yield Buffer.from(before + JSON.stringify(row))
    before = ',\n'
  }
  yield Buffer.from(before === '[\n' ? '[]\n' : '\n]\n')
}
