import type { Context } from './context.ts'
import type { Bucket } from './files/store.ts'

/**
 * One file of a person's export (SPEC section 3): a value, a list that is written as it is read, or a file of the store. `name` is its path in the ZIP:
 * `chat/messages.json`, `documents/12-passport.pdf`.
 */
export type ExportEntry =
  | { name: string; json: unknown }
  | { name: string; rows: AsyncIterable<unknown> }
  | { name: string; bucket: Bucket; key: string }

/**
 * What one module knows of a person, for their export; listed in `app.ts`. Nothing of others but what the person was shown themselves. Instants and dates may
 * stand as they are (Temporal writes itself as JSON); keys of files, hashes and secrets stay out. It may be asked again from the beginning after a crash.
 */
export type ExportOf = (ctx: Context, userId: number) => AsyncIterable<ExportEntry>

/** Rows piece by piece in the order of their ids, so that no list is whole in memory. */
export const inPieces = <Row extends { id: number }>(
  read: (after: number, limit: number) => Promise<Row[]>,
): AsyncIterable<Row> => piecesFrom<number, Row>(0, read)

/** The same for rows whose ids are UUIDs. */
export const inUuidPieces = <Row extends { id: string }>(
  read: (after: string, limit: number) => Promise<Row[]>,
): AsyncIterable<Row> => piecesFrom<string, Row>('00000000-0000-0000-0000-000000000000', read)

const piece = 500

async function* piecesFrom<Id, Row extends { id: Id }>(
  first: Id,
  read: (after: Id, limit: number) => Promise<Row[]>,
): AsyncIterable<Row> {
  for (let after = first; ;) {
    const rows = await read(after, piece)
    yield* rows
    if (rows.length < piece) return
    after = rows.at(-1)!.id
  }
}
