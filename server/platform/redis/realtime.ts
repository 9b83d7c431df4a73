import { Counter, type Registry } from 'prom-client'
import { afterCommit } from '../db/transaction.ts'
import { errorFields, type Logger } from '../log.ts'
import type { Realtime } from '../realtime.ts'
import { createGathering } from '../gathering.ts'
import { createSubscribers, missed } from '../subscribers.ts'
import type { Listening, Redis } from './connection.ts'

/** While nothing can be heard, whoever listens looks by itself this often, so that live things are late and not dead. */
const lookEveryMs = 5000

/**
 * Messages to every process through Redis instead of NOTIFY, whose queue the whole database shares. Redis knows nothing of our transactions, so a message is sent
 * after the commit, and awaited: whoever was told that a write is done can count on it. One that could not be sent is owed: as soon as Redis takes messages
 * again everybody is told to look (`onGap`).
 */
export function createRedisRealtime(redis: Redis, log: Logger, registry: Registry): Realtime {
  const subscribers = createSubscribers(log)
  const channel = `${redis.prefix}:live`
  let listening: Listening | null = null
  let stopped = true
  let owes = false
  let looking: NodeJS.Timeout | undefined
  const messages = new Counter({
    name: 'redis_messages_total',
    help: 'Messages to and from other processes through Redis',
    labelNames: ['direction'],
    registers: [registry],
  })

  const hear = (payload: string): void => {
    messages.inc({ direction: 'received' })
    subscribers.hear(payload)
  }

  const send = async (payload: string): Promise<void> => {
    try {
      if (owes) {
        await redis.command('PUBLISH', channel, JSON.stringify({ topic: missed, message: {} }))
        owes = false
      }
      await redis.command('PUBLISH', channel, payload)
      messages.inc({ direction: 'sent' })
    } catch (error) {
      if (!owes) log.warn(errorFields(error), 'a message to other processes could not be sent')
      owes = true
    }
  }

  const gathering = createGathering(async (payloads) => {
    for (const payload of payloads) await send(payload)
  })

  /**
   * What is owed is told even where nobody sends anything more; and while this process hears nothing, it looks. A connection on which nothing comes looks alive for
   * some seconds after Redis has fallen silent: so Redis is asked.
   */
  const look = async (): Promise<void> => {
    const answers = await (owes ? payDebt() : isThere())
    if (!answers || !listening?.isReady()) subscribers.gap()
  }
  const payDebt = async (): Promise<boolean> => {
    try {
      await redis.command('PUBLISH', channel, JSON.stringify({ topic: missed, message: {} }))
      owes = false
      return true
    } catch {
      // Redis is still away: it is tried again with the next look.
      return false
    }
  }
  const isThere = (): Promise<boolean> =>
    redis.command('PING').then(
      () => true,
      () => false,
    )

  return {
    broadcast: (ctx, topic, message) => afterCommit(ctx, () => send(JSON.stringify({ topic, message }))),
    publish: (ctx, payload) => afterCommit(ctx, () => send(payload)),
    gather: (ctx, topic, name, ids) => afterCommit(ctx, () => gathering.add({ topic, name, ids })),
    channel: null,
    subscribe: subscribers.subscribe,
    onGap: subscribers.onGap,
    start: async () => {
      stopped = false
      listening = await redis.hear(channel, hear, (isFirst) => {
        if (!isFirst) subscribers.gap()
      })
      // The process before this one may have died with something untold: what is gathered is told a moment after its commit.
      owes = true
      await payDebt()
      looking = setInterval(() => void look(), lookEveryMs)
      looking.unref()
    },
    stop: async () => {
      stopped = true
      await gathering.flush()
      clearInterval(looking)
      listening?.end()
      listening = null
    },
    state: () => {
      if (stopped) return { status: 'off' }
      return listening?.isReady() ? { status: 'ok', detail: 'redis' } : { status: 'down', detail: 'redis' }
    },
  }
}
