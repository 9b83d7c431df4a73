import { CompiledQuery } from 'kysely'
import { ownBytes } from '../../../platform/bytes.ts'
import type { Context } from '../../../platform/context.ts'
import { RowCache } from '../../../platform/db/row-cache.ts'
import { readThrough } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import {
  exactUpTo,
  keepCount,
  keptCount,
  limitOf,
  offsetOf,
  writtenList,
  type Page,
  type PageRequest,
} from '../../../platform/http/page.ts'

/**
 * A list in hand-written SQL, for the two lists of the product that grow large. `l` is its table; the rows of one page are read by `select`
 * once their ids are known (a join of all rows that are skipped would cost what they cost).
 */
type Listing = {
  table: 'services' | 'provider_listings'
  id: 'id' | 'user_id'
  /** The column of `l` to sort by; the id decides between equals, in the same direction, so that one index serves both. */
  sort: string
  descending: boolean
  /** Conditions on `l`, with `$1`... for `values`. */
  conditions: string[]
  values: unknown[]
  /** Are there words to search for? */
  searches: boolean
  /** Columns, of which the first tells a row from others, and joins; `page.id` is the id of the row. */
  columns: string
  joins: string
}

/** A list with what shows its rows. */
type ShownListing<Row, View> = Listing & { shown: ShownRows<Row, View> }

/** A row as a list shows it, also as JSON; `total` is how many there are, where the statement has counted them by the way. */
type Shown<View> = { view: View; json: Buffer; total: number | undefined }

/** What shows the rows of a list, each as the same row was shown before. */
export type ShownRows<Row, View> = RowCache<Row & { total?: number }, Shown<View>>

/** Shows rows by what is seen of each, which depends on nothing else. */
export const showing = <Row, View>(viewOf: (row: Row) => View): ShownRows<Row, View> =>
  new RowCache((row) => {
    const view = viewOf(row)
    return { view, json: ownBytes(JSON.stringify(view)), total: row.total }
  })

const shownPage = <View>(rows: readonly Shown<View>[]): Pick<Page<View>, 'results' | 'written'> => ({
  results: rows.map(({ view }) => view),
  written: writtenList(rows),
})

/** Conditions and their values, numbered as they come. */
export type Conditions = Pick<Listing, 'conditions' | 'values'>

/** Adds a condition whose `?` stand for these values. */
export function addCondition(to: Conditions, text: string, ...values: unknown[]): void {
  let at = to.values.length
  to.conditions.push(text.replaceAll('?', () => `$${++at}`))
  to.values.push(...values)
}

/** Rows further in than this are found from an anchor; nearer ones are counted off, exact at every moment. */
const countOffUpTo = 2000
const anchorEvery = 500
const keepAnchorsMs = 60_000
type Anchors = { at: Temporal.Instant; rows: { k: unknown; id: unknown }[] }
const anchors = new WeakMap<object, Map<string, Anchors>>()

/** Forgets where deep pages begin, because this process has changed a list. Other processes notice within a minute, as with counts. */
export const forgetAnchors = (ctx: Context): boolean => anchors.delete(ctx.house)

const run = async <Row>(ctx: Context, text: string, values: unknown[]): Promise<Row[]> =>
  (await ctx.db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows

const show = <Row, View>(
  ctx: Context,
  shown: ShownRows<Row, View>,
  text: string,
  values: unknown[],
): Promise<Shown<View>[]> =>
  readThrough(ctx, shown, CompiledQuery.raw(text, values) as CompiledQuery<Row & { total?: number }>)

/**
 * One page and its count, exact up to 1,000, above that at most a minute old. Mostly one statement: the ids in the order of an index, then the rows of the page.
 * A search whose words are not known to be common gathers its candidates from the trigram index first, and counts them by the way.
 * @throws NOT_FOUND for a page past the end.
 */
export async function readPage<Row, View>(
  ctx: Context,
  request: PageRequest,
  listing: ShownListing<Row, View>,
): Promise<Page<View>> {
  const key = `${listing.table} ${listing.conditions.join(' ')} ${JSON.stringify(listing.values)}`
  const known = keptCount(ctx, key)
  if (listing.searches && !known) return searchPage(ctx, request, listing, key)
  const offset = offsetOf(request)
  const rows = await orderedRows(ctx, request, listing, key)
  if (rows.length === 0 && offset > 0) throw notFound('page')
  const page = shownPage(rows)
  if (known) return { ...page, count: known.count, countAsOf: known.at }
  if (rows.length < limitOf(request) && offset + rows.length <= exactUpTo)
    return { ...page, count: offset + rows.length }
  return { ...page, ...(await countOf(ctx, listing, key)) }
}

async function searchPage<Row, View>(
  ctx: Context,
  request: PageRequest,
  listing: ShownListing<Row, View>,
  key: string,
): Promise<Page<View>> {
  const { table, id, sort, conditions, values, columns, joins, shown } = listing
  const order = orderOf(listing)
  const rows = await show(
    ctx,
    shown,
    `WITH candidates AS MATERIALIZED (SELECT l.${id} AS id, l.${sort} AS k FROM ${table} l WHERE ${conditions.join(' AND ')}),
      page AS (SELECT id, k FROM candidates ORDER BY ${order} LIMIT ${limitOf(request)} OFFSET $${values.length + 1})
    SELECT ${columns}, (SELECT count(*) FROM candidates) AS total FROM page ${joins} ORDER BY ${order.replaceAll(/\b(k|id)\b/g, 'page.$1')}`,
    [...values, offsetOf(request)],
  )
  if (rows.length === 0 && offsetOf(request) > 0) throw notFound('page')
  const count = rows[0]?.total ?? 0
  keepCount(ctx, key, count)
  return { ...shownPage(rows), count, ...(count > exactUpTo ? { countAsOf: ctx.now } : {}) }
}

const orderOf = ({ descending }: Listing): string => (descending ? 'k DESC, id DESC' : 'k, id')

async function orderedRows<Row, View>(
  ctx: Context,
  request: PageRequest,
  listing: ShownListing<Row, View>,
  key: string,
): Promise<Shown<View>[]> {
  const { table, id, sort, descending, searches, columns, joins, shown } = listing
  const conditions = searches ? pastTheTrigrams(listing.conditions) : [...listing.conditions]
  const values = [...listing.values]
  let offset = offsetOf(request)
  const anchor = offset > countOffUpTo ? await anchorBefore(ctx, offset, listing, key) : undefined
  if (anchor === null) return []
  if (anchor) {
    offset %= anchorEvery
    conditions.push(`(l.${sort}, l.${id}) ${descending ? '<' : '>'} ($${values.length + 1}, $${values.length + 2})`)
    values.push(anchor.k, anchor.id)
  }
  // Numbers in the statement, not values: for an unknown limit the planner takes a tenth of the table and sorts all of it, and would plan every request anew
  // because a plan for any limit looks dearer than one for twenty.
  const bound = offset + limitOf(request) <= anchorEvery + 100 ? anchorEvery + 100 : countOffUpTo + 100
  const order = orderOf(listing)
  return show(
    ctx,
    shown,
    `SELECT ${columns} FROM (SELECT id, k FROM (SELECT l.${id} AS id, l.${sort} AS k FROM ${table} l WHERE ${conditions.join(' AND ')}
      ORDER BY ${order} LIMIT ${bound}) near LIMIT ${limitOf(request)} OFFSET $${values.length + 1}) page ${joins}
    ORDER BY ${order.replaceAll(/\b(k|id)\b/g, 'page.$1')}`,
    [...values, offset],
  )
}

const isWord = (condition: string): boolean => condition.startsWith('l.search_text LIKE')

/**
 * Words that many rows have are looked for along the order asked for: the trigram index would fetch all of those rows to show twenty. The planner takes half of
 * all rows for what a CASE lets through, and uses no index for it.
 */
const pastTheTrigrams = (conditions: readonly string[]): string[] => {
  const words = conditions.filter(isWord).join(' AND ')
  return [...conditions.filter((condition) => !isWord(condition)), `CASE WHEN ${words} THEN true ELSE false END`]
}

/** The row that stands just before the wanted span of 500; null when the list ends before it. One pass over the list a minute makes all of them. */
async function anchorBefore(
  ctx: Context,
  offset: number,
  listing: Listing,
  key: string,
): Promise<Anchors['rows'][number] | null> {
  const { table, id, sort, conditions, values } = listing
  const ofHouse = anchors.get(ctx.house) ?? new Map<string, Anchors>()
  anchors.set(ctx.house, ofHouse)
  const name = `${sort} ${String(listing.descending)} ${key}`
  let known = ofHouse.get(name)
  if (!known || Math.abs(ctx.now.epochMilliseconds - known.at.epochMilliseconds) > keepAnchorsMs) {
    const order = orderOf(listing)
    const rows = await run<Anchors['rows'][number]>(
      ctx,
      `SELECT id, k FROM (SELECT id, k, row_number() OVER (ORDER BY ${order}) AS n
        FROM (SELECT l.${id} AS id, l.${sort} AS k FROM ${table} l WHERE ${conditions.join(' AND ')}) every) numbered WHERE n % ${anchorEvery} = 0 ORDER BY n`,
      values,
    )
    known = { at: ctx.now, rows }
    if (ofHouse.size > 500) ofHouse.clear()
    ofHouse.set(name, known)
  }
  return known.rows[Math.floor(offset / anchorEvery) - 1] ?? null
}

async function countOf(
  ctx: Context,
  { table, conditions, values }: Listing,
  key: string,
): Promise<{ count: number; countAsOf?: Temporal.Instant }> {
  const where = `FROM ${table} l WHERE ${conditions.join(' AND ')}`
  const capped = await run<{ count: number }>(
    ctx,
    `SELECT count(*) AS count FROM (SELECT ${where} LIMIT ${exactUpTo + 1}) capped`,
    values,
  )
  if (capped[0]!.count <= exactUpTo) return { count: capped[0]!.count }
  const whole = await run<{ count: number }>(ctx, `SELECT count(*) AS count ${where}`, values)
  keepCount(ctx, key, whole[0]!.count)
  return { count: whole[0]!.count, countAsOf: ctx.now }
}
