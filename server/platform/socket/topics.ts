import type { Static } from 'typebox'
import { asNobody, type Actor, type Context } from '../context.ts'
import { AppError, conflict, notFound } from '../errors.ts'
import type { House } from '../house.ts'
import { errorFields } from '../log.ts'
import { isOpen, send, type Connection } from './connection.ts'
import type { Protocol } from './frame.ts'
import { changesTopic, onceAt, type AnyTopic, type ChangesMessage, type Sight } from './topic.ts'

/** What one socket may watch at a time. */
export const mostTopics = 100
/** Looks at one topic are at least so far apart; the changes in between are told as one. */
const apartMs = 300
/** So many topics are looked at at once: the database is not for them alone. */
const mostLooks = 2
/** Each is looked at now and then without a word that it has changed: some of what it is made of changes silently. */
const staleMs = 60_000
/** After a look that failed. */
const againMs = 2000

type Subscription = { userId: number; told: Sight | null }
type Watched = {
  name: string
  topic: AnyTopic
  fields: Record<string, unknown>
  subscriptions: Map<Connection, Subscription>
  keys: ReadonlySet<string>
  lookedAt: number
  isLooking: boolean
  isDue: boolean
  timer: NodeJS.Timeout | undefined
  /** Until what was seen holds. */
  lapse: NodeJS.Timeout | undefined
}

/**
 * Who watches what on this process. Each topic is looked at once for all of its sockets after something that it is made of has changed, and that look says as well
 * who may still watch it. Whoever was told a version is told the next one that differs from it, so that it does not matter whether words of changes are many, late,
 * or lost and made up for.
 */
export type Topics = {
  /** @throws NOT_FOUND for what is not there or not theirs, CONFLICT for too many on one socket */
  subscribe: (
    connection: Connection,
    ctx: Context & { actor: Actor },
    topic: AnyTopic,
    asked: Static<AnyTopic['shapes']['subscribe']>,
  ) => Promise<Static<AnyTopic['shapes']['subscribed']>>
  /** Harmless where it was not watched. */
  unsubscribe: (connection: Connection, topic: AnyTopic, asked: object) => void
  leave: (connection: Connection) => void
  /** Looks at all again: after words of changes may have been missed; else only at those that nobody has looked at for a minute. */
  check: (missed: boolean) => void
  counts: () => { topics: number; subscriptions: number }
  end: () => void
}

export function createTopics(house: House, { topics: declared }: Protocol, onLook: () => void): Topics {
  const all = new Map<string, Watched>()
  const byKey = new Map<string, Set<Watched>>()
  const byConnection = new Map<Connection, Set<Watched>>()
  const due = new Set<Watched>()
  let looks = 0
  let isListening = false

  const wake = (watched: Watched): void => {
    watched.isDue = true
    if (watched.isLooking || watched.timer || due.has(watched)) return
    const wait = watched.lookedAt + apartMs - performance.now()
    if (wait <= 0) return enqueue(watched)
    watched.timer = setTimeout(() => {
      watched.timer = undefined
      enqueue(watched)
    }, wait).unref()
  }
  const enqueue = (watched: Watched): void => {
    due.add(watched)
    void work()
  }
  const work = async (): Promise<void> => {
    if (looks >= mostLooks) return
    looks++
    for (;;) {
      const [next] = due
      if (!next) break
      due.delete(next)
      await look(next)
    }
    looks--
  }

  const sightOf = async ({ topic, fields }: Watched, userIds: readonly number[]): Promise<Sight | null> => {
    onLook()
    try {
      // Looks are for everybody who watches, and so nobody's.
      return await topic.look(asNobody(house), fields as never, userIds)
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return null
      throw error
    }
  }

  const look = async (watched: Watched): Promise<void> => {
    // Who has not been answered yet is told by that answer; and who comes meanwhile has it looked at again.
    const there = [...watched.subscriptions].filter(([, { told }]) => told !== null)
    if (there.length === 0) return
    watched.isLooking = true
    watched.isDue = false
    watched.lookedAt = performance.now()
    try {
      const sight = await sightOf(watched, [...new Set(there.map(([, { userId }]) => userId))])
      if (sight) note(watched, sight)
      tellAll(watched, there, sight)
    } catch (error) {
      house.log.warn({ topic: watched.topic.topic, ...errorFields(error) }, 'a topic could not be looked at')
      watched.lookedAt = performance.now() + againMs
      watched.isDue = true
    }
    watched.isLooking = false
    if (watched.isDue && watched.subscriptions.size > 0) wake(watched)
  }

  const tellAll = (watched: Watched, there: [Connection, Subscription][], sight: Sight | null): void => {
    const which = { topic: watched.topic.topic, ...watched.fields }
    const ended = JSON.stringify({ type: 'topic.ended', data: which })
    const changed = sight && JSON.stringify({ type: 'topic.changed', data: { ...which, version: sight.version } })
    for (const [connection, subscription] of there) {
      const { userId, told } = subscription
      if (watched.subscriptions.get(connection) !== subscription) continue
      if (!sight || !changed || sight.watchers?.has(userId) === false) {
        drop(connection, watched)
        send(connection, ended)
      } else if (told?.version !== sight.version || told.mark !== sight.mark) {
        subscription.told = sight
        send(connection, changed)
      }
    }
  }

  /** Remembers what it is made of now. */
  const note = (watched: Watched, { keys, until }: Sight): void => {
    if (all.get(watched.name) !== watched) return
    clearTimeout(watched.lapse)
    watched.lapse = until ? onceAt(house, until, () => wake(watched)) : undefined
    const next = new Set(keys)
    for (const key of watched.keys) if (!next.has(key)) forget(key, watched)
    for (const key of next) byKey.getOrInsertComputed(key, () => new Set()).add(watched)
    watched.keys = next
  }
  const forget = (key: string, watched: Watched): void => {
    const watching = byKey.get(key)
    watching?.delete(watched)
    if (watching?.size === 0) byKey.delete(key)
  }

  const drop = (connection: Connection, watched: Watched): void => {
    watched.subscriptions.delete(connection)
    const mine = byConnection.get(connection)
    mine?.delete(watched)
    if (mine?.size === 0) byConnection.delete(connection)
    if (watched.subscriptions.size > 0 || all.get(watched.name) !== watched) return
    for (const key of watched.keys) forget(key, watched)
    clearTimeout(watched.timer)
    clearTimeout(watched.lapse)
    due.delete(watched)
    all.delete(watched.name)
  }

  const hear = (keys: Iterable<string>): void => {
    for (const key of keys) for (const watched of byKey.get(key) ?? []) wake(watched)
  }
  /** Topics are declared after this is made: so it listens when the first is watched. */
  const listen = (): void => {
    if (isListening) return
    isListening = true
    house.realtime.subscribe(changesTopic, (message) => hear((message as ChangesMessage).keys))
    for (const { hears = {} } of declared.values())
      for (const [name, keysOf] of Object.entries(hears))
        house.realtime.subscribe(name, (message) => hear(keysOf(message)))
  }

  return {
    subscribe: async (connection, { actor: { userId } }, topic, asked) => {
      listen()
      const fields = fieldsOf(topic, asked)
      const name = nameOf(topic, fields)
      const mine = byConnection.getOrInsertComputed(connection, () => new Set())
      const known = all.get(name)
      if (mine.size >= mostTopics && !(known && mine.has(known)))
        throw conflict('At most {count} topics can be watched on one socket', { params: { count: mostTopics } })
      const watched = known ?? make(name, topic, fields)
      all.set(name, watched)
      mine.add(watched)
      const subscription: Subscription = { userId, told: null }
      watched.subscriptions.set(connection, subscription)
      let sight: Sight | null = null
      try {
        sight = await sightOf(watched, [userId])
        if (!sight || sight.watchers?.has(userId) === false) throw notFound(topic.noun)
      } catch (error) {
        drop(connection, watched)
        throw error
      }
      if (!isOpen(connection)) drop(connection, watched)
      note(watched, sight)
      subscription.told = sight
      // What has changed while this was read is told after it.
      wake(watched)
      const { version } = sight
      return { ...fields, topic: topic.topic, version, changed: asked.version !== version }
    },
    unsubscribe: (connection, topic, asked) => {
      const watched = all.get(nameOf(topic, fieldsOf(topic, asked)))
      if (watched?.subscriptions.has(connection)) drop(connection, watched)
    },
    leave: (connection) => {
      for (const watched of byConnection.get(connection) ?? []) drop(connection, watched)
      byConnection.delete(connection)
    },
    check: (missed) => {
      const before = performance.now() - staleMs
      for (const watched of all.values()) if (missed || watched.lookedAt < before) wake(watched)
    },
    counts: () => {
      let subscriptions = 0
      for (const mine of byConnection.values()) subscriptions += mine.size
      return { topics: all.size, subscriptions }
    },
    end: () => {
      for (const { timer, lapse } of all.values()) {
        clearTimeout(timer)
        clearTimeout(lapse)
      }
      due.clear()
    },
  }
}

const make = (name: string, topic: AnyTopic, fields: Record<string, unknown>): Watched => ({
  name,
  topic,
  fields,
  subscriptions: new Map(),
  keys: new Set(),
  lookedAt: performance.now(),
  isLooking: false,
  isDue: false,
  timer: undefined,
  lapse: undefined,
})

/** What is said of which one it is, in one order. */
const fieldsOf = (topic: AnyTopic, asked: object): Record<string, unknown> =>
  Object.fromEntries(Object.keys(topic.fields.properties).map((name) => [name, (asked as never)[name]]))
const nameOf = (topic: AnyTopic, fields: object): string => `${topic.topic} ${JSON.stringify(fields)}`
