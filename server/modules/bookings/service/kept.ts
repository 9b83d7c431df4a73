import { bookableStatement, recallBookable, rememberBookable, type BookableService } from '../../catalog/index.ts'
import { timeStatement } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { perHouse } from '../../../platform/house.ts'
import { together } from '../../../platform/db/transaction.ts'
import { minutesOf, prepareReading, readKnowledge, type Knowledge } from './question.ts'

/**
 * What this process has read of people's time, kept for whoever asks next: pages and widgets ask again and again, each in their own zone, while little changes. It
 * is used only when the database says, at every request, that the service is what it was and that nobody's time has changed since: every entry and claim changes a
 * version in its own transaction, and a hold that runs out is looked for. What was answered is kept with it, for the minute that it was asked in.
 */
type Kept = {
  /** The service and the span. */
  key: string
  /** As it was read: the very same for the very same row. */
  service: BookableService
  /** When it was read, and what was read then. */
  at: Temporal.Instant
  knowledge: Knowledge
  /** Starts of a minute are free until it begins: answers hold until the next. */
  minute: number
  answers: Map<string, Answer>
  /** Roughly its bytes. */
  size: number
}

/** The rows of an answer, written as JSON in one part. */
type Answer = { written: readonly [Buffer]; count: number }

const sizeOf = (question: string, { written: [json] }: Answer): number => 2 * question.length + json.length

/** What is known of a service's free times in a span; with a place for answers where they may be kept. */
export type Known = { service: BookableService; knowledge: Knowledge; kept: Kept | null }

/** By service and span, the longest unused first. */
type Memory = { spans: Map<string, Kept>; size: number }

const mostBytes = 16_000_000

const memoryOf = perHouse((): Memory => ({ spans: new Map(), size: 0 }))

const minuteOf = ({ now }: Context): number => Math.ceil(minutesOf(now))

/**
 * A service and the time of its people and rooms in this span, for lists of free times; undefined when there never was such a service. One message to the database
 * where this process has seen the service before, a second one where something has changed since.
 */
export async function knownTimes(
  ctx: Context,
  serviceId: number,
  span: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<Known | undefined> {
  const memory = memoryOf(ctx.house)
  const key = `${serviceId} ${span.from.epochMilliseconds} ${span.to.epochMilliseconds}`
  const kept = memory.spans.get(key)
  const seen = kept?.service ?? recallBookable(ctx, serviceId)
  // Whatever is most likely to be wanted goes out with the question after the service.
  const ask = seen && { ...span, services: [seen], seats: 1, listing: true }
  const reading = kept || !ask ? undefined : await prepareReading(ctx, ask)
  const [[service], ...others] = await together(
    ctx,
    bookableStatement(ctx, serviceId),
    ...(kept ? [timeStatement(ctx, kept.knowledge.resourceIds, kept.at)] : (reading?.statements ?? [])),
  )
  if (!service) return undefined
  rememberBookable(ctx, service)
  if (kept?.service === service) {
    const [time] = others[0] as { version: number; lapsed: boolean }[]
    if (time?.version === kept.knowledge.versions && !time.lapsed) {
      // Used just now: the last to go.
      memory.spans.delete(key)
      memory.spans.set(key, kept)
      return { service, knowledge: kept.knowledge, kept }
    }
  }
  const knowledge =
    reading && seen === service
      ? reading.read(others)
      : await readKnowledge(ctx, { ...span, services: [service], seats: 1, listing: true })
  forget(memory, key)
  return { service, knowledge, kept: remember(ctx, memory, key, { service, knowledge }) }
}

function forget(memory: Memory, key: string): void {
  memory.size -= memory.spans.get(key)?.size ?? 0
  memory.spans.delete(key)
}

/**
 * Keeps what was read. Only of services on offer, which everybody may see, whose sessions nobody joins: a seat that was held runs out without a version, nor has
 * the time of whoever has had none taken yet one.
 */
function remember(
  ctx: Context,
  memory: Memory,
  key: string,
  { service, knowledge }: Pick<Kept, 'service' | 'knowledge'>,
): Kept | null {
  const { resourceIds, facts } = knowledge
  const everybody = service.providerIds.length + service.roomIds.length
  if (!service.isActive || service.capacity > 1 || resourceIds.length < everybody) return null
  const size = 3000 + [...facts.values()].reduce((sum, { busy }) => sum + 500 + 8 * busy.length, 0)
  const kept = { key, service, knowledge, at: ctx.now, minute: minuteOf(ctx), answers: new Map(), size }
  memory.spans.set(key, kept)
  grow(memory, size)
  return kept
}

function grow(memory: Memory, size: number): void {
  memory.size += size
  for (const longestUnused of memory.spans.keys()) {
    if (memory.size <= mostBytes) break
    forget(memory, longestUnused)
  }
}

/** What was answered to this question within the minute. */
export const answerOf = (ctx: Context, { kept }: Known, question: string): Answer | undefined =>
  kept?.minute === minuteOf(ctx) ? kept.answers.get(question) : undefined

/** Keeps an answer to a question. */
export function keepAnswer(ctx: Context, { kept }: Known, question: string, answer: Answer): void {
  const size = sizeOf(question, answer)
  if (!kept || size > mostBytes / 10) return
  const memory = memoryOf(ctx.house)
  // Whoever read the same at the same time may have put theirs in its place.
  if (memory.spans.get(kept.key) !== kept) return
  const minute = minuteOf(ctx)
  if (kept.minute !== minute) {
    const past = kept.answers.entries().reduce((sum, [asked, before]) => sum + sizeOf(asked, before), 0)
    kept.answers.clear()
    kept.minute = minute
    kept.size -= past
    memory.size -= past
  }
  if (kept.answers.has(question)) return
  kept.answers.set(question, answer)
  kept.size += size
  grow(memory, size)
}
