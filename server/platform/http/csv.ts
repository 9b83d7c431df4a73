import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify'
import type { FastifyReply, FastifyRequest } from 'fastify'

export type Cell = string | number | null

/** How an operation's `data` is told as a table: the name of the file, and its rows, the first of which names the columns. */
export type Csv<D> = { name: string; rows: (data: D) => Iterable<readonly Cell[]> }

/** Is a table asked for? By `?format=csv`, else by an Accept header that prefers it to JSON. */
export function wantsCsv({ query, headers }: FastifyRequest): boolean {
  const { format } = query as { format?: string }
  if (format !== undefined) return format === 'csv'
  const weights = new Map<string, number>()
  for (const part of (headers.accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(type, q === undefined ? 1 : Number(q.slice(2)) || 0)
  }
  const json = weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  const csv = weights.get('text/csv') ?? 0
  return csv > 0 && csv >= json
}

/** Caches keep the table and the JSON apart, beside what CORS has said of them. */
export function varyByAccept(reply: FastifyReply): void {
  const others = reply.getHeader('vary')
  reply.header('vary', typeof others === 'string' && others !== '' ? `${others}, Accept` : 'Accept')
}

/**
 * Sends the table (RFC 4180) row by row. It begins with a byte order mark, without which spreadsheets read UTF-8 as the code page of the machine; a text that
 * begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it, so that no spreadsheet takes it for a formula. Numbers stay as they are.
 */
export function sendCsv<D>(reply: FastifyReply, { name, rows }: Csv<D>, data: D): FastifyReply {
  varyByAccept(reply)
  const table = stringify({ bom: true, escape_formulas: true, record_delimiter: 'windows' })
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .header('cache-control', 'no-cache')
    .send(Readable.from(rows(data), { objectMode: true }).pipe(table))
}
