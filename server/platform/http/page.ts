import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely'
import type { Context } from '../context.ts'
import type { Tables } from '../db/tables.generated.ts'
import { notFound } from '../errors.ts'

/** What a list answers before the envelope is put around it. */
export type Page<T> = {
  results: T[]
  /** The results of an `exact` operation as a JSON array in bytes, in parts, where they were written before. */
  written?: readonly Buffer[]
  count: number
  countAsOf?: Temporal.Instant | undefined
}

export type PageRequest = { page?: number; page_size?: number }

export const limitOf = ({ page_size = 20 }: PageRequest): number => page_size
export const offsetOf = ({ page = 1, page_size = 20 }: PageRequest): number => (page - 1) * page_size

/** The page of a list in which there is nothing. @throws NOT_FOUND for any but the first */
export function emptyPage<T>({ page = 1 }: PageRequest): Page<T> {
  if (page > 1) throw notFound('page')
  return { results: [], count: 0 }
}

const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')] as const

/** A JSON array of these, as a page has it (`written`). */
export function writtenList(items: readonly { json: Buffer }[]): Buffer[] {
  const parts: Buffer[] = [open]
  for (const { json } of items) parts.push(json, comma)
  if (items.length > 0) parts.pop()
  parts.push(close)
  return parts
}

/** The sizes that clients ask for. */
const usual = new Set([10, 20, 50, 100])

/**
 * The length of a page as a statement names it. As a number in the text: for any limit the planner takes a tenth of the list, and so plans each request anew, which
 * costs more than a page does. Only the usual ones: a hundred sizes of every list would use up the names under which statements are prepared.
 */
export const limitIn = (limit: number): RawBuilder<number> | number => (usual.has(limit) ? sql.lit(limit) : limit)

/** Counting beyond this is what makes lists slow, so above it the count is kept for a minute (SPEC section 2). */
export const exactUpTo = 1000
const keepCountMs = 60_000
const counts = new WeakMap<object, Map<string, { count: number; at: Temporal.Instant }>>()

/** A count above 1,000 that was made within the last minute, so that no request need count again. */
export function keptCount(ctx: Context, key: string): { count: number; at: Temporal.Instant } | undefined {
  const known = counts.get(ctx.house)?.get(key)
  return known && Math.abs(ctx.now.epochMilliseconds - known.at.epochMilliseconds) <= keepCountMs ? known : undefined
}

/** Keeps a count that was made now; one up to 1,000 is always made anew and forgets an older one. */
export function keepCount(ctx: Context, key: string, count: number): void {
  const kept = counts.get(ctx.house) ?? new Map<string, { count: number; at: Temporal.Instant }>()
  counts.set(ctx.house, kept)
  if (kept.size > 10_000) kept.clear()
  if (count > exactUpTo) kept.set(key, { count, at: ctx.now })
  else kept.delete(key)
}

/**
 * One page of a query and its count: exact up to 1,000, above that at most 60 s old and told as such. `key` names what is counted (the list, its filters and
 * who asks), so that nobody is given another's count.
 * @throws NOT_FOUND for a page past the end; the first page of an empty list is no error.
 */
export async function pageOf<Row>(
  ctx: Context,
  request: PageRequest,
  key: string,
  rows: SelectQueryBuilder<Tables, never, Row>,
  counted: SelectQueryBuilder<Tables, never, unknown> = rows,
): Promise<Page<Row>> {
  const page = rows.limit(limitIn(limitOf(request)))
  const results = await (offsetOf(request) === 0 ? page : page.offset(offsetOf(request))).execute()
  return withCount(ctx, request, key, results, () => counted)
}

/** The count for results that were read already; see `pageOf`. */
export async function withCount<Row>(
  ctx: Context,
  request: PageRequest,
  key: string,
  results: Row[],
  counted: () => SelectQueryBuilder<Tables, never, unknown>,
): Promise<Page<Row>> {
  const offset = offsetOf(request)
  if (results.length === 0 && (request.page ?? 1) > 1) throw notFound('page')
  // A page that is not full is the last one, and tells the count by itself.
  if (results.length < limitOf(request) && offset + results.length <= exactUpTo)
    return { results, count: offset + results.length }
  const known = keptCount(ctx, key)
  if (known) return { results, count: known.count, countAsOf: known.at }
  const all = counted().clearOrderBy()
  const limited = all.limit(sql.lit(exactUpTo + 1)).as('limited')
  const capped = await ctx.db
    .selectFrom(limited)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  if (capped.count <= exactUpTo) return { results, count: capped.count }
  const whole = await ctx.db
    .selectFrom(all.as('whole'))
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  keepCount(ctx, key, whole.count)
  return { results, count: whole.count, countAsOf: ctx.now }
}

/** What stands before the path where a proxy asks for a whole address, as every server must understand it (RFC 9112, 3.2.2). */
const origin = /^[a-z]+:\/\/[^/?]*/i

/** What stands before and behind the page in an address. That stays as it was asked for: taking it apart and putting it together again costs as much as reading a few rows. */
function aroundPage(path: string): [before: string, after: string] {
  const question = path.indexOf('?')
  if (question === -1) return [`${path}?`, '']
  for (let from = question + 1; from < path.length;) {
    const next = path.indexOf('&', from)
    const end = next === -1 ? path.length : next
    if (isPage(path.slice(from, end))) return [path.slice(0, from), path.slice(end)]
    from = end + 1
  }
  return [`${path}&`, '']
}

/** Is this part of a query the page? Its name may be written in percents, as whoever reads the query reads it. */
function isPage(part: string): boolean {
  const [name] = part.split('=', 1) as [string]
  if (!name.includes('%')) return name === 'page'
  try {
    return decodeURIComponent(name) === 'page'
  } catch {
    return false
  }
}

/** The links to the neighbours of a page, made from PUBLIC_URL and never from the Host header. */
export function links(
  publicUrl: string,
  url: string,
  request: PageRequest,
  count: number,
): { next: string | null; previous: string | null } {
  const page = request.page ?? 1
  const path = url.startsWith('/') ? url : url.replace(origin, '')
  const [before, after] = aroundPage(path)
  const at = (number: number): string => `${publicUrl}${before}page=${number}${after}`
  return { next: page * limitOf(request) < count ? at(page + 1) : null, previous: page > 1 ? at(page - 1) : null }
}
