import { createHash } from 'node:crypto'
import { Counter, type Registry } from 'prom-client'
import type { Claimed, LimitStore } from '../limits.ts'
import { errorFields, type Logger } from '../log.ts'
import type { Redis } from './connection.ts'

/**
 * Adds to a counter, at most to the limit, and begins a new window where the last one is over: the statement of `postgresStore` as a script, which Redis runs as
 * one step. The clock is the asker's, as everywhere; Redis itself forgets a counter two windows after its last use.
 */
const claimScript = `
local started, count = unpack(redis.call('HMGET', KEYS[1], 's', 'c'))
local now, limit, wanted, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
started, count = tonumber(started), tonumber(count)
local granted
if not started or started <= now - window then
  started, count = now, math.min(wanted, limit)
  granted = count
else
  local next = math.max(count, math.min(limit, count + wanted))
  granted, count = next - count, next
end
redis.call('HSET', KEYS[1], 's', string.format('%.0f', started), 'c', count)
redis.call('PEXPIRE', KEYS[1], 2 * window)
return {granted, count, string.format('%.0f', started)}`

const removeScript = `
local count = tonumber(redis.call('HGET', KEYS[1], 'c'))
if count and count > 0 then redis.call('HSET', KEYS[1], 'c', count - 1) end
return 0`

/** Counters kept in Redis. */
export function redisStore(redis: Redis): LimitStore {
  const run = async (script: string, key: string, ...values: number[]): Promise<unknown> => {
    const rest = ['1', `${redis.prefix}:limit:${key}`, ...values.map(String)]
    try {
      return await redis.command('EVALSHA', createHash('sha1').update(script).digest('hex'), ...rest)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return redis.command('EVAL', script, ...rest)
    }
  }
  return {
    claim: async (key, limit, wanted, now, windowMs) => {
      const answer = (await run(claimScript, key, now.epochMilliseconds, limit, wanted, windowMs)) as [
        number,
        number,
        string,
      ]
      return { granted: answer[0], count: answer[1], endsAt: Number(answer[2]) + windowMs }
    },
    remove: async (key) => {
      await run(removeScript, key)
    },
  }
}

/**
 * The first store, and while it fails the second: the limits then begin anew there, and nobody is let in or kept out because of it. Said once in the log, and
 * counted in the metrics.
 */
export function withFallback(first: LimitStore, second: LimitStore, log: Logger, registry: Registry): LimitStore {
  let isAway = false
  const fallbacks = new Counter({
    name: 'limits_in_database_total',
    help: 'Limits that were counted in PostgreSQL because Redis failed',
    registers: [registry],
  })
  const either = async <T>(work: (store: LimitStore) => Promise<T>): Promise<T> => {
    try {
      const result = await work(first)
      if (isAway) log.info({}, 'limits are counted in Redis again')
      isAway = false
      return result
    } catch (error) {
      if (!isAway) log.warn(errorFields(error), 'limits are counted in PostgreSQL, since Redis failed')
      isAway = true
      fallbacks.inc()
      return work(second)
    }
  }
  return {
    claim: (...asked): Promise<Claimed> => either((store) => store.claim(...asked)),
    remove: (key) => either((store) => store.remove(key)),
  }
}
