import { isIP } from 'node:net'
import { sql } from 'kysely'
import { actorOf, type Context } from './context.ts'
import { makeSureOfAsker, type Db } from './db/database.ts'
import { rateLimited } from './errors.ts'

/** The counters behind rate limits. A window (a minute, if nothing else is said) begins with the first request of a key, so that n are always let through and the one after never. */
export type Limits = {
  /** Counts one request of the key; answers null while it is within the limit, else the seconds to wait. */
  take: (key: string, limit: number, now: Temporal.Instant, windowMs?: number) => Promise<number | null>
  /** Counts one without asking for permission (a failure); answers how many there are now, and the seconds until the minute ends. */
  add: (key: string, now: Temporal.Instant) => Promise<{ count: number; seconds: number }>
  /** Takes one back that `add` counted: it was no failure after all. */
  remove: (key: string) => Promise<void>
}

/**
 * Who is counted by an address: of IPv6 the network of 64 bits, since whoever has one address of it has all of them, 2^64 limits; of IPv6 around an IPv4 address
 * that one.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  if (isIP(address) !== 6) return address
  const [before = '', after] = address.split('::')
  const [left, right] = [groupsOf(before), groupsOf(after ?? '')]
  const zeros = after === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  const network = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))

/** How long a window is where nothing else is said. */
const minuteMs = 60_000
/** The longest there is: counters are forgotten after it. */
const dayMs = 24 * 60 * minuteMs
/** Keys remembered in the process at once; the oldest are forgotten first, which only costs a look into the database. */
const mostLeases = 50_000

type Lease = { left: number; endsAt: number }

/** What a counter granted, how far it is now, and when its window ends (epoch milliseconds). */
export type Claimed = { granted: number; count: number; endsAt: number }

/** Where the counters are, shared by all nodes. */
export type LimitStore = {
  /** Adds up to `wanted` to the key's counter, at most to the limit; begins a new window where the last one is over. */
  claim: (key: string, limit: number, wanted: number, now: Temporal.Instant, windowMs: number) => Promise<Claimed>
  /** Takes one back, where there is one. */
  remove: (key: string) => Promise<void>
}

/** Counters kept in PostgreSQL. */
export const postgresStore = (db: Db): LimitStore => ({
  claim: async (key, limit, wanted, now, windowMs) => {
    const start = Temporal.Instant.fromEpochMilliseconds(now.epochMilliseconds - windowMs)
    const { rows } = await sql<{ granted: number; count: number; started_at: Temporal.Instant }>`
      INSERT INTO rate_limits AS r (key, started_at, previous, count) VALUES (${key}, ${now}, 0, ${Math.min(wanted, limit)})
      ON CONFLICT (key) DO UPDATE SET
        started_at = CASE WHEN r.started_at <= ${start} THEN excluded.started_at ELSE r.started_at END,
        previous = CASE WHEN r.started_at <= ${start} THEN 0 ELSE r.count END,
        count = CASE WHEN r.started_at <= ${start} THEN excluded.count ELSE GREATEST(r.count, LEAST(${limit}, r.count + ${wanted})) END
      RETURNING count - previous AS granted, count, started_at`.execute(db)
    const row = rows[0]!
    return { granted: row.granted, count: row.count, endsAt: row.started_at.epochMilliseconds + windowMs }
  },
  remove: async (key) => {
    await db
      .updateTable('rate_limits')
      .set((row) => ({ count: row('count', '-', 1) }))
      .where('key', '=', key)
      .where('count', '>', 0)
      .execute()
  },
})

/** Counters of this process alone: for what must answer while everything else is down. The longest known are forgotten first. */
export function memoryStore(): LimitStore {
  const counters = new Map<string, { startedAt: number; count: number }>()
  return {
    claim: async (key, limit, wanted, now, windowMs) => {
      const ms = now.epochMilliseconds
      const known = counters.get(key)
      const current = known && known.startedAt > ms - windowMs ? known : { startedAt: ms, count: 0 }
      const count = Math.max(current.count, Math.min(limit, current.count + wanted))
      const granted = count - current.count
      counters.delete(key)
      counters.set(key, { startedAt: current.startedAt, count })
      if (counters.size > mostLeases) counters.delete(counters.keys().next().value!)
      return { granted, count, endsAt: current.startedAt + windowMs }
    },
    remove: async (key) => {
      const known = counters.get(key)
      if (known && known.count > 0) known.count--
    },
  }
}

/**
 * Limits kept where all nodes share them. A large limit is taken in leases of a tenth, so that one request in ten writes: the sum that all
 * nodes let through never exceeds the limit, and on one node it is exact.
 */
export function createLimits(store: LimitStore): Limits {
  const leases = new Map<string, Lease>()
  const leasing = new Map<string, Promise<number | null>>()

  /** Takes the next lease of a key and the first of it; answers null, or the seconds to wait when the limit is used up. */
  const takeLease = (key: string, limit: number, now: Temporal.Instant, windowMs: number): Promise<number | null> => {
    const work = async (): Promise<number | null> => {
      const { granted, endsAt } = await store.claim(key, limit, Math.max(1, Math.floor(limit / 10)), now, windowMs)
      if (granted === 0) return (endsAt - now.epochMilliseconds) / 1000
      leases.delete(key)
      leases.set(key, { left: granted - 1, endsAt })
      if (leases.size > mostLeases) leases.delete(leases.keys().next().value!)
      return null
    }
    const lease = work().finally(() => leasing.delete(key))
    leasing.set(key, lease)
    return lease
  }

  return {
    take: async (key, limit, now, windowMs = minuteMs) => {
      const ms = now.epochMilliseconds
      for (;;) {
        const lease = leases.get(key)
        if (lease && lease.endsAt > ms && lease.left > 0) {
          lease.left--
          return null
        }
        // One lease at a time: of many requests at once each would take one, and leave the other nodes nothing of the limit.
        const other = leasing.get(key)
        if (!other) return takeLease(key, limit, now, windowMs)
        const wait = await other
        if (wait !== null) return wait
      }
    },
    add: async (key, now) => {
      const { count, endsAt } = await store.claim(key, 2_000_000_000, 1, now, minuteMs)
      return { count, seconds: (endsAt - now.epochMilliseconds) / 1000 }
    },
    remove: store.remove,
  }
}

/**
 * Counts one of what the signed-in person may do so often a day (24 hours from the first): what sends mails to strangers. To be called outside of a transaction.
 * @throws RATE_LIMITED
 */
export async function countOfDay(ctx: Context, what: string, limit: number): Promise<void> {
  await makeSureOfAsker(ctx.db)
  const wait = await ctx.house.limits.take(`${what}:user:${actorOf(ctx).userId}`, limit, ctx.now, dayMs)
  if (wait !== null) throw rateLimited(wait)
}

/** Forgets counters whose window is over, even a day's; part of the nightly clean-up. */
export async function forgetOldLimits(db: Db, now: Temporal.Instant): Promise<void> {
  await db
    .deleteFrom('rate_limits')
    .where('started_at', '<', now.subtract({ hours: 25 }))
    .execute()
}
