import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { Db } from '../db/database.ts'
import { postgresStore, type LimitStore } from '../limits.ts'
import type { Logger } from '../log.ts'
import type { Realtime } from '../realtime.ts'
import type { Redis } from './connection.ts'

/** What goes through Redis where REDIS_URL is set (SPEC section 8): limits, and messages between processes. */
export type RedisHouse = Pick<Redis, 'state' | 'close'> & { limits: LimitStore; realtime: Realtime }

/** The parts that use Redis; null without REDIS_URL, and then nothing of its client is even loaded. @throws ConfigError where Redis refuses the credentials */
export async function openRedisParts(
  { REDIS_URL: url, REDIS_PREFIX: prefix }: Config,
  db: Db,
  log: Logger,
  registry: Registry,
): Promise<RedisHouse | null> {
  if (url === null) return null
  const [{ openRedis }, { redisStore, withFallback }, { createRedisRealtime }] = await Promise.all([
    import('./connection.ts'),
    import('./limits.ts'),
    import('./realtime.ts'),
  ])
  const redis = await openRedis({ url, prefix, log, registry })
  return {
    limits: withFallback(redisStore(redis), postgresStore(db), log, registry),
    realtime: createRedisRealtime(redis, log, registry),
    state: redis.state,
    close: redis.close,
  }
}
