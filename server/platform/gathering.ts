/** So long things are gathered: nobody sees it, and what a rush of bookings changes is a few messages. */
const gatherMs = 20
/** As many ids go as one message: one of PostgreSQL's holds 8,000 bytes. */
const mostIds = 400

/** Ids of things that have changed, under the topic and the name by which every process hears of them. */
export type Gathered = { topic: string; name: string; ids: readonly number[] }

export type Gathering = {
  /** These are told within a moment, with others of the same topic and name, each once. */
  add: (gathered: Gathered) => void
  /** Tells at once what has been gathered; answers when all is sent. */
  flush: () => Promise<void>
}

/** The messages that tell of ids, as `{"topic", "message": {name: [ids]}}`. */
export function messagesOf({ topic, name, ids }: Gathered): string[] {
  const messages: string[] = []
  for (let i = 0; i < ids.length; i += mostIds)
    messages.push(JSON.stringify({ topic, message: { [name]: ids.slice(i, i + mostIds) } }))
  return messages
}

/** Gathers what is to be told, and has it sent; `send` throws nothing. */
export function createGathering(send: (messages: readonly string[]) => Promise<void>): Gathering {
  let gathered = new Map<string, { topic: string; name: string; ids: Set<number> }>()
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> = Promise.resolve()

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer)
    timer = null
    const messages = [...gathered.values()].flatMap((one) => messagesOf({ ...one, ids: [...one.ids] }))
    gathered = new Map()
    if (messages.length > 0) sending = sending.then(() => send(messages))
    return sending
  }

  return {
    add: ({ topic, name, ids }) => {
      const known = gathered.getOrInsertComputed(`${topic} ${name}`, () => ({ topic, name, ids: new Set<number>() }))
      for (const id of ids) known.ids.add(id)
      timer ??= setTimeout(() => void flush(), gatherMs)
    },
    flush,
  }
}
