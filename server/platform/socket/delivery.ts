import type { House } from '../house.ts'
import { errorFields } from '../log.ts'
import { entriesAfter, lastSeqOf, lastSeqsOf, streamsTopic, type StreamMessage } from '../streams.ts'
import { close, closeCodes, isFull, isOpen, roomIn, send, type Connection } from './connection.ts'
import { passingTopic, type Passing } from './presence.ts'

/** Entries read from the table at once, and kept in memory for each person so that most are never read. */
const pageSize = 100
const mostRemembered = 16

type Person = { sockets: Set<Connection>; head: number; tail: Map<number, string> }

/**
 * Brings people's streams to their sockets on this process. A wake-up only says how far a stream goes; each socket has its own place in it and is sent what comes
 * next, from memory or from the table. So it does not matter whether wake-ups are late, come twice, or are lost and made up for.
 */
export type Delivery = {
  /** From now on what is told to this person reaches the socket, once it is released. Answers the number of their last entry. */
  join: (connection: Connection, userId: number) => Promise<number>
  leave: (connection: Connection) => void
  /** Ends the waiting for a `resume`. */
  release: (connection: Connection) => void
  /** Sends everything after `seq`, then `resumed`; or `reset` when that is no longer, or not yet, known. */
  resume: (connection: Connection, seq: number, id: string | undefined) => void
  /** Asks the table how far the streams go: after wake-ups may have been lost. */
  check: () => Promise<void>
  socketsOf: (userId: number) => ReadonlySet<Connection>
  people: () => number[]
}

export function createDelivery(house: House): Delivery {
  const people = new Map<number, Person>()
  const nobody: ReadonlySet<Connection> = new Set()

  const pump = async (connection: Connection): Promise<void> => {
    if (connection.isPumping || connection.held || !connection.who) return
    const { userId } = connection.who
    connection.isPumping = true
    try {
      for (;;) {
        const person = people.get(userId)
        if (!person || !isOpen(connection)) return
        sayResumed(connection)
        if (connection.sent >= person.head) return
        if (isFull(connection) && !(await roomIn(connection))) return
        const next = person.tail.get(connection.sent + 1)
        if (next === undefined) await sendPage(connection, person, userId)
        else {
          connection.sent++
          send(connection, next)
        }
      }
    } catch (error) {
      house.log.error(errorFields(error), 'a stream could not be read')
      close(connection, closeCodes.internal, 'try again')
    } finally {
      connection.isPumping = false
    }
  }

  const sendPage = async (connection: Connection, person: Person, userId: number): Promise<void> => {
    const from = connection.sent
    const page = await entriesAfter(house.db, userId, from, pageSize)
    // The client may have asked meanwhile to go on from elsewhere.
    if (connection.sent !== from) return
    if (page[0]?.seq !== from + 1) return reset(connection, person.head)
    for (const { seq, type, data } of page) {
      if (isFull(connection) && !(await roomIn(connection))) return
      if (connection.sent !== seq - 1) return
      connection.sent = seq
      send(connection, frameOf(type, seq, data))
      sayResumed(connection)
    }
  }

  house.realtime.subscribe(streamsTopic, (message) => {
    const { to, entry } = message as StreamMessage
    let text: string | undefined
    for (const [userId, seq] of to) {
      const person = people.get(userId)
      if (!person) continue
      person.head = Math.max(person.head, seq)
      if (entry) {
        text ??= JSON.stringify(entry.data)
        person.tail.set(seq, frameOf(entry.type, seq, text))
        if (person.tail.size > mostRemembered) person.tail.delete(person.tail.keys().next().value!)
      }
      for (const connection of person.sockets) void pump(connection)
    }
  })
  house.realtime.subscribe(passingTopic, (message) => {
    const { to, type, data } = message as Passing
    const text = JSON.stringify({ type, data })
    for (const userId of to) {
      // Who is too slow misses it: it is not kept for anybody.
      for (const connection of people.get(userId)?.sockets ?? []) if (!isFull(connection)) send(connection, text)
    }
  })

  const check = async (): Promise<void> => {
    const ids = [...people.keys()]
    for (let i = 0; i < ids.length; i += 1000) {
      const heads = await lastSeqsOf(house.db, ids.slice(i, i + 1000))
      for (const [userId, seq] of heads) {
        const person = people.get(userId)
        if (!person || seq <= person.head) continue
        person.head = seq
        for (const connection of person.sockets) void pump(connection)
      }
    }
  }

  return {
    join: async (connection, userId) => {
      // Listening before the number is read, so that no entry slips in between.
      const person = people.getOrInsertComputed(userId, () => ({ sockets: new Set(), head: 0, tail: new Map() }))
      person.sockets.add(connection)
      connection.held = true
      const seq = await lastSeqOf(house.db, userId)
      person.head = Math.max(person.head, seq)
      connection.sent = seq
      return seq
    },
    leave: (connection) => {
      const userId = connection.who?.userId
      const person = userId === undefined ? undefined : people.get(userId)
      if (userId === undefined || !person) return
      person.sockets.delete(connection)
      if (person.sockets.size === 0) people.delete(userId)
    },
    release: (connection) => {
      if (!connection.held) return
      connection.held = false
      void pump(connection)
    },
    resume: (connection, seq, id) => {
      const person = connection.who ? people.get(connection.who.userId) : undefined
      if (!person) return
      connection.held = false
      connection.resuming = { to: person.head, id }
      if (seq > person.head) reset(connection, person.head)
      else connection.sent = seq
      void pump(connection)
    },
    check,
    socketsOf: (userId) => people.get(userId)?.sockets ?? nobody,
    people: () => [...people.keys()],
  }
}

const frameOf = (type: string, seq: number, data: string): string =>
  `{"type":${JSON.stringify(type)},"seq":${seq},"data":${data}}`

/** Says that all that was missed has been sent, once it has. */
const sayResumed = (connection: Connection): void => {
  const { resuming, sent } = connection
  if (!resuming || sent < resuming.to) return
  connection.resuming = null
  send(connection, JSON.stringify({ type: 'resumed', id: resuming.id, seq: sent }))
}

/** Says that what was missed is not there any more, and goes on from this number. */
const reset = (connection: Connection, seq: number): void => {
  const id = connection.resuming?.id
  connection.resuming = null
  connection.sent = seq
  send(connection, JSON.stringify({ type: 'reset', id, seq }))
}
