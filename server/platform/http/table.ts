import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { writeXlsx, xlsxType } from './xlsx.ts'

/**
 * A cell of a table. In CSV an amount or a share is its number, a date or an instant its text; a spreadsheet knows what they are: money in its currency, a part
 * of 1 in percent, dates and, on the clocks of a zone, moments to count with.
 */
export type Cell =
  | string
  | number
  | null
  | { amount: number | null; currency: string }
  | { share: number | null }
  | { date: string }
  | { instant: string; zone: string }

/** How an operation's `data` is told as a table: the name of the file, and its rows, the first of which names the columns. */
export type Table<D> = { name: string; rows: (data: D) => Iterable<readonly Cell[]> }

const typeOf = { csv: 'text/csv', xlsx: xlsxType } as const
type Kind = keyof typeof typeOf

/** The values of `format` of an operation that can be had as a table. */
export const tableFormats = ['json', 'csv', 'xlsx'] as const

/** Which table is asked for, if any: by `?format=`, else by an Accept header that prefers it to JSON. */
export function tableWanted({ query, headers }: FastifyRequest): Kind | null {
  const { format } = query as { format?: (typeof tableFormats)[number] }
  if (format !== undefined) return format === 'json' ? null : format
  const weights = new Map<string, number>()
  for (const part of (headers.accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(type, q === undefined ? 1 : Number(q.slice(2)) || 0)
  }
  const json = weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  const weightOf = (kind: Kind): number => weights.get(typeOf[kind]) ?? 0
  const kind = weightOf('xlsx') > weightOf('csv') ? 'xlsx' : 'csv'
  return weightOf(kind) > 0 && weightOf(kind) >= json ? kind : null
}

/** Caches keep the table and the JSON apart, beside what CORS has said of them. */
export function varyByAccept(reply: FastifyReply): void {
  const others = reply.getHeader('vary')
  reply.header('vary', typeof others === 'string' && others !== '' ? `${others}, Accept` : 'Accept')
}

/** Sends the table row by row, as fast as it is read. */
export function sendTable<D>(
  reply: FastifyReply,
  kind: Kind,
  { name, rows }: Table<D>,
  data: D,
  now: Temporal.Instant,
): FastifyReply {
  varyByAccept(reply)
  return reply
    .type(kind === 'csv' ? 'text/csv; charset=utf-8; header=present' : xlsxType)
    .header('content-disposition', `attachment; filename="${name}.${kind}"`)
    .header('cache-control', 'no-cache')
    .send(kind === 'csv' ? csvOf(rows(data)) : Readable.from(writeXlsx(name, rows(data), now)))
}

/**
 * The table as CSV (RFC 4180). It begins with a byte order mark, without which spreadsheets read UTF-8 as the code page of the machine; a text that begins with
 * `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it, so that no spreadsheet takes it for a formula. Numbers stay as they are.
 */
function csvOf(rows: Iterable<readonly Cell[]>): Readable {
  const table = stringify({ bom: true, escape_formulas: true, record_delimiter: 'windows' })
  return Readable.from(plain(rows), { objectMode: true }).pipe(table)
}

function* plain(rows: Iterable<readonly Cell[]>): Generator<(string | number | null)[]> {
  for (const row of rows) yield row.map(plainCell)
}

function plainCell(cell: Cell): string | number | null {
  if (cell === null || typeof cell !== 'object') return cell
  if ('amount' in cell) return cell.amount
  if ('share' in cell) return cell.share
  return 'date' in cell ? cell.date : cell.instant
}
