import { bookableStatement, readBookable, type BookableRow, type BookableService } from '../../catalog/index.ts'
import { timeStatement } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import { minutesOf, type Knowledge } from './question.ts'

/**
 * Free times that this process has listed, kept for whoever asks the same within the minute: pages and widgets ask again and again while nothing changes. They are
 * shown only when the database says, at every request, that the service is what it was and that nobody's time has changed since: every entry and claim changes a
 * version in its own transaction, a hold that runs out is looked for, and the rest is the minute and the question.
 */
type Kept = {
  /** What they follow from: the minute asked in, the service, whose time and its version. */
  minute: number
  at: Temporal.Instant
  service: string
  resourceIds: readonly number[]
  version: number
  /** The rows of the answer, written as JSON. */
  written: string
  count: number
}

const kept = new WeakMap<object, { answers: Map<string, Kept>; length: number }>()
/** Characters of all answers together. */
const mostKept = 8_000_000

/** Starts of a minute are free until it begins. */
const minuteOf = ({ now }: Context): number => Math.ceil(minutesOf(now))

function forget(memory: { answers: Map<string, Kept>; length: number }, key: string): void {
  memory.length -= memory.answers.get(key)?.written.length ?? 0
  memory.answers.delete(key)
}

/** The service, and what was kept under this key if it still holds: in one message to the database. Undefined when there never was such a service. */
export async function recall(
  ctx: Context,
  serviceId: number,
  key: string,
): Promise<{ service: BookableService; row: string; kept: Kept | null } | undefined> {
  const known = kept.get(ctx.house)?.answers.get(key)
  const current = known?.minute === minuteOf(ctx) ? known : null
  const [rows, [time]] = current
    ? await together(ctx, bookableStatement(serviceId), timeStatement(ctx, current.resourceIds, current.at))
    : [(await ctx.db.executeQuery<BookableRow>(bookableStatement(serviceId))).rows, []]
  const [service] = readBookable(ctx, rows)
  if (!service) return undefined
  const row = JSON.stringify(rows[0])
  const holds = current?.service === row && time?.version === current.version && !time.lapsed
  return { service, row, kept: holds ? current : null }
}

/**
 * Keeps an answer; the longest kept go first. Only of services on offer, which everybody may see, whose sessions nobody joins and that take no room: seats and names
 * of rooms have no version.
 */
export function keep(
  ctx: Context,
  key: string,
  { service, row }: { service: BookableService; row: string },
  { resourceIds, versions }: Knowledge,
  { written, count }: Pick<Kept, 'written' | 'count'>,
): void {
  if (!service.isActive || service.capacity > 1 || service.needsRoom || resourceIds.length < service.providerIds.length)
    return
  const memory = kept.get(ctx.house) ?? { answers: new Map<string, Kept>(), length: 0 }
  kept.set(ctx.house, memory)
  forget(memory, key)
  if (written.length > mostKept / 10) return
  memory.answers.set(key, {
    minute: minuteOf(ctx),
    at: ctx.now,
    service: row,
    resourceIds,
    version: versions,
    written,
    count,
  })
  memory.length += written.length
  for (const oldest of memory.answers.keys()) {
    if (memory.length <= mostKept) break
    forget(memory, oldest)
  }
}
