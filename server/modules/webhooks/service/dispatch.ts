import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../../platform/context.ts'
import { perHouse } from '../../../platform/house.ts'
import { errorFields } from '../../../platform/log.ts'
import { post } from '../../../platform/post.ts'
import { claimDue, type Claimed } from '../queries/dispatch.ts'
import { outcomeOf, reachOf, signatures, type Outcome } from '../rules.ts'
import { noteCall } from './outcome.ts'
import { openSecret } from './secrets.ts'

/** So many calls at once a process makes, and so many of them to endpoints that fail: whoever hangs holds up nobody else. */
const calls = 100
const callsToFailing = 40
/**
 * A job that does nothing but call is handed on after this, so that a process can stop and the queue does not take it for dead. Longer than a call, so that of the two
 * jobs of a process one always looks for what is due while the other waits for its last calls.
 */
const turnMs = 35_000
/** While calls are under way, what has become due meanwhile is looked for so often. */
const lookEveryMs = 500
/** An answer is read so far, and kept so far. */
const readBytes = 16_384
const keptCharacters = 2000

/** The calls of one process. */
type Line = { isOpen: boolean; isAsked: boolean; healthy: number; failing: number; wake: () => void }
const lineOf = perHouse((): Line => ({ isOpen: false, isAsked: false, healthy: 0, failing: 0, wake: () => undefined }))

/**
 * Makes all deliveries that are due, and ends when none is under way or due any more. One such loop runs in a process at a time; a job that comes meanwhile has it
 * look again and is done. No transaction stands around a call: the delivery is taken for a while (a lease) in one, and its end written down in another; what a
 * crash leaves in between is sent again when the lease ends, with the same id.
 */
export async function deliverDue(ctx: Context): Promise<void> {
  const line = lineOf(ctx.house)
  if (line.isOpen) {
    line.isAsked = true
    line.wake()
    return
  }
  line.isOpen = true
  const begun = performance.now()
  const mine = new Set<Promise<void>>()
  try {
    for (;;) {
      line.isAsked = false
      const taken = await takeDue(ctx, line)
      for (const work of taken) void follow(line, mine, work)
      if (mine.size === 0 && taken.length === 0 && !line.isAsked) break
      if (performance.now() - begun > turnMs) {
        await ctx.house.jobs.enqueue(ctx, 'webhooks.deliver', {})
        break
      }
      await next(line)
    }
  } finally {
    line.isOpen = false
  }
  await Promise.all(mine)
}

/** Keeps a call among those under way until it ends, and then has the loop look again: there is room for another. */
async function follow(line: Line, mine: Set<Promise<void>>, work: Promise<void>): Promise<void> {
  mine.add(work)
  await work
  mine.delete(work)
  line.isAsked = true
  line.wake()
}

/** Until a call ends, somebody asks, or it is time to look again. */
async function next(line: Line): Promise<void> {
  if (line.isAsked) return
  const woken = Promise.withResolvers<void>()
  line.wake = woken.resolve
  const timer = new AbortController()
  await Promise.race([woken.promise, sleep(lookEveryMs, undefined, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
  line.wake = () => undefined
}

/** Takes what there is room for and begins it. */
async function takeDue(ctx: Context, line: Line): Promise<Promise<void>[]> {
  const begun: Promise<void>[] = []
  for (const failing of [false, true]) {
    const under = line.healthy + line.failing
    const room = Math.min(calls - under, failing ? callsToFailing - line.failing : calls)
    if (room <= 0) continue
    const now = ctx.house.clock()
    const until = now.add({ seconds: ctx.house.config.WEBHOOK_TIMEOUT_SECONDS + 50 })
    const claimed = await claimDue({ ...ctx, now }, { room, failing, until })
    for (const delivery of claimed) {
      const lane = failing ? 'failing' : 'healthy'
      line[lane]++
      begun.push(
        call(ctx, delivery)
          .catch((error: unknown) => {
            // Its lease ends by itself, and it is sent again.
            ctx.log.error(
              { delivery: delivery.id, ...errorFields(error) },
              'how a webhook went could not be written down',
            )
          })
          .finally(() => line[lane]--),
      )
    }
  }
  return begun
}

async function call(ctx: Context, delivery: Claimed): Promise<void> {
  const { config } = ctx.house
  const at = ctx.house.clock()
  const opened = openSecret(ctx, delivery, at)
  const begun = performance.now()
  let answer: { status: number; body: string } | null = null
  let outcome: Outcome
  if (opened.secrets.length === 0) outcome = { kind: 'failed', error: 'secret' }
  else {
    const timestamp = Math.floor(at.epochMilliseconds / 1000)
    const result = await post({
      url: new URL(delivery.url),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Banister-Webhooks',
        'webhook-id': delivery.messageId,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatures(opened.secrets, delivery.messageId, timestamp, delivery.body),
      },
      body: delivery.body,
      timeoutMs: config.WEBHOOK_TIMEOUT_SECONDS * 1000,
      maxBytes: readBytes,
      reach: reachOf(config),
    })
    if ('problem' in result) outcome = { kind: 'failed', error: result.problem }
    else {
      answer = result
      outcome = outcomeOf(result.status, result.headers['retry-after'])
    }
  }
  const durationMs = Math.round(performance.now() - begun)
  await noteCall({ ...ctx, now: ctx.house.clock() }, delivery, {
    outcome,
    at,
    durationMs,
    status: answer?.status ?? null,
    // PostgreSQL keeps no NUL.
    body: answer === null ? null : answer.body.replaceAll('\0', '').slice(0, keptCharacters),
    resealed: opened.resealed,
  })
}
