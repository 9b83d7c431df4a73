import { errorFields, type Logger } from './log.ts'

/** The topic on which a process says that it could not send something, or may have died before it did: everybody looks. */
export const missed = 'realtime.missed'

/** Who hears what in this process, whichever way messages come. */
export type Subscribers = {
  /** Hands on a message as it was sent: `{"topic", "message"}`. A subscriber that fails keeps nobody from hearing. */
  hear: (payload: string) => void
  subscribe: (topic: string, hear: (message: unknown) => void) => () => void
  onGap: (hear: () => void) => void
  /** Tells that messages may have been missed. */
  gap: () => void
}

export function createSubscribers(log: Logger): Subscribers {
  const subscribers = new Map<string, Set<(message: unknown) => void>>()
  const gapHearers: (() => void)[] = []
  const gap = (): void => {
    for (const tell of gapHearers) tell()
  }
  return {
    hear: (payload) => {
      const { topic, message } = JSON.parse(payload) as { topic: string; message: unknown }
      if (topic === missed) gap()
      for (const subscriber of subscribers.get(topic) ?? []) {
        try {
          subscriber(message)
        } catch (error) {
          log.error({ topic, ...errorFields(error) }, 'a subscriber failed')
        }
      }
    },
    subscribe: (topic, subscriber) => {
      const set = subscribers.get(topic) ?? new Set()
      subscribers.set(topic, set.add(subscriber))
      return () => {
        set.delete(subscriber)
        if (set.size === 0) subscribers.delete(topic)
      }
    },
    onGap: (tell) => gapHearers.push(tell),
    gap,
  }
}
