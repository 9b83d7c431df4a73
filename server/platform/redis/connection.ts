import { createClient } from '@redis/client'
import { Counter, Gauge, type Registry } from 'prom-client'
import { ConfigError } from '../config.ts'
import { errorFields, type Logger } from '../log.ts'

/** A command that takes longer has failed, and whoever asked goes another way: nobody waits for a network that drops what it is given. */
const commandMs = 300
/** After a failure Redis is left alone for so long, so that not every request waits for the next one. */
const restMs = 1000
/** How long the start waits for Redis; the process works without it, slower. */
const startMs = 3000
/** A connection that says nothing to a ping is closed and made anew. */
const [pingMs, silenceMs] = [3000, 7000]

export type RedisParts = { url: string; prefix: string; log: Logger; registry: Registry }

/** The connections of this process to Redis. */
export type Redis = {
  /** Stands before every key and channel, so that several installations can share one Redis. */
  prefix: string
  /** Sends one command. @throws at once while Redis is away, within 300 ms where it does not answer */
  command: (...words: string[]) => Promise<unknown>
  /** Hears a channel, on a connection of its own; `ready` is told whenever hearing (again) begins, and whether it is the first time. */
  hear: (channel: string, hear: (message: string) => void, ready: (isFirst: boolean) => void) => Promise<Listening>
  state: () => { status: 'ok' | 'down'; detail?: string }
  close: () => void
}
export type Listening = { isReady: () => boolean; end: () => void }

type Client = ReturnType<typeof makeClient>

/** Wrong credentials and the like: nothing that comes right by itself. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:AUTH|invalid password|DB index))/.test(error.message)

const makeClient = (url: string, wasReady: () => boolean) =>
  createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    pingInterval: pingMs,
    name: 'banister',
    socket: {
      connectTimeout: 2000,
      socketTimeout: silenceMs,
      keepAlive: true,
      // For ever, but for what is wrong in the settings when the process starts.
      reconnectStrategy: (retries, cause) =>
        !wasReady() && isRefusal(cause) ? cause : Math.min(50 * 2 ** Math.min(retries, 6), 2000) + Math.random() * 200,
    },
  })

/** The address as it may stand in a log: without its password. */
const shown = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/**
 * Connects to Redis. While it is away the process goes on without it, is told so once in the log, and connects again by itself.
 * @throws ConfigError where Redis refuses the user, the password or the number of the database
 */
export async function openRedis({ url, prefix, log, registry }: RedisParts): Promise<Redis> {
  const clients = new Set<Client>()
  let restUntil = 0
  const failures = new Counter({
    name: 'redis_failures_total',
    help: 'Commands that Redis did not answer well or in time',
    registers: [registry],
  })

  const open = async (onReady: (isFirst: boolean) => void): Promise<Client> => {
    let wasReady = false
    let isAway = false
    const client = makeClient(url, () => wasReady)
    clients.add(client)
    client.on('error', (error: unknown) => {
      if (!isAway) log.warn({ redis: shown(url), ...errorFields(error) }, 'Redis is away; work goes on without it')
      isAway = true
    })
    client.on('ready', () => {
      if (isAway) log.info({ redis: shown(url) }, 'Redis is back')
      const isFirst = !wasReady
      wasReady = true
      isAway = false
      onReady(isFirst)
    })
    const refused = client.connect().then(
      () => null,
      (error: unknown) => (isRefusal(error) ? error : null),
    )
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), startMs).unref())
    const error = await Promise.race([refused, late])
    if (error instanceof Error) throw new ConfigError([`REDIS_URL was refused by Redis: ${error.message}`])
    return client
  }

  const destroyAll = (): void => {
    for (const client of clients) client.destroy()
    clients.clear()
  }
  const main = await open(() => {
    restUntil = 0
  }).catch((error: unknown) => {
    destroyAll()
    throw error
  })
  const up = new Gauge({
    name: 'redis_up',
    help: 'Is Redis connected?',
    registers: [],
    collect() {
      this.set(main.isReady ? 1 : 0)
    },
  })
  registry.registerMetric(up)

  const command: Redis['command'] = async (...words) => {
    if (!main.isReady || performance.now() < restUntil) throw new Error('Redis is away')
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      // A process that was held up itself for so long has the answer at its door: it is let in before anybody is called late.
      timer = setTimeout(
        () => setImmediate(reject, new Error(`Redis did not answer within ${commandMs} ms`)),
        commandMs,
      )
    })
    try {
      return await Promise.race([main.sendCommand(words), late])
    } catch (error) {
      // A script that Redis has forgotten is the asker's to send again, and no illness.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) throw error
      failures.inc()
      restUntil = performance.now() + restMs
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    prefix,
    command,
    hear: async (channel, hear, ready) => {
      let subscribed = false
      const client = await open((isFirst) => {
        // The first time the subscription is yet to be made; later the client has made it again before it is ready.
        if (subscribed) ready(isFirst)
      })
      const subscribe = async (): Promise<void> => {
        while (!subscribed && clients.has(client)) {
          try {
            await client.subscribe(channel, hear)
            subscribed = true
            ready(true)
          } catch {
            await new Promise((resolve) => setTimeout(resolve, 500).unref())
          }
        }
      }
      // Where Redis is away at the start, hearing begins when it comes.
      const subscribing = subscribe()
      if (client.isReady) await subscribing
      const end = (): void => {
        clients.delete(client)
        client.destroy()
      }
      return { isReady: () => subscribed && client.isReady, end }
    },
    state: () => (main.isReady && performance.now() >= restUntil ? { status: 'ok' } : { status: 'down' }),
    close: destroyAll,
  }
}
