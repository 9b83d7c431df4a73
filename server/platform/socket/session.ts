import type { House } from '../house.ts'
import { errorFields } from '../log.ts'
import { AppError, invalid, notAuthenticated } from '../errors.ts'
import { Nothing } from '../http/shapes.ts'
import { close, closeCodes, isOpen, send, type Connection } from './connection.ts'
import { admit, type Credentials, type SocketAccounts } from './credentials.ts'
import type { Delivery } from './delivery.ts'
import type { Protocol } from './frame.ts'
import { acknowledge, checkFields, readFrame, refuse, runFrame, type Given, type RunnableFrame } from './frames.ts'
import { Auth, AuthAnswer, Pong, Ping, Resume } from './protocol.ts'
import type { Topics } from './topics.ts'

/** Who does not say who they are within this is shown out. */
const authenticateWithinMs = 10_000
/** A client that will resume does so at once; after this, what is new is sent without waiting for it. */
const resumeWithinMs = 1000
/** Frames that may wait for their turn before no more are read. */
const mostWaiting = 32

export type SessionParts = {
  house: House
  accounts: SocketAccounts
  protocol: Protocol
  delivery: Delivery
  topics: Topics
  /** Counts somebody who was let in, and tells whether there is still room for them. */
  arrived: (connection: Connection) => boolean
  /** A fresh token may be of another session of the same person. */
  moved: (connection: Connection, fromSession: number) => void
  failed: (connection: Connection) => void
  received: (type: string) => void
}

/**
 * The life of one socket: it shows who it is, then its frames are done one after another in the order in which they come. The timers and the queue end with it.
 */
export function beginSession(
  connection: Connection,
  parts: SessionParts,
  given: Credentials,
  resumeFrom: number | undefined,
): void {
  const { house, protocol, delivery } = parts
  const { ws } = connection
  const queue: { data: Buffer; isBinary: boolean }[] = []
  let isWorking = false

  const lateToAuthenticate = setTimeout(() => {
    refuse(connection, house, new AppError('TOKEN_MISSING', 'No token was given'))
    close(connection, closeCodes.notSignedIn, 'not signed in')
  }, authenticateWithinMs)
  let lateToResume: NodeJS.Timeout | undefined
  ws.once('close', () => {
    clearTimeout(lateToAuthenticate)
    clearTimeout(lateToResume)
    queue.length = 0
  })

  const signIn = async (credentials: Credentials, from: number | undefined, id?: string): Promise<void> => {
    const before = connection.who
    const { admission, actor } = await admit(house, parts.accounts, credentials)
    if (!isOpen(connection)) return
    if (before && before.userId !== admission.userId) throw notAuthenticated('The token is another person’s')
    connection.who = admission
    connection.isWarned = false
    const expiresAt = admission.expiresAt.toString()
    if (before) {
      parts.moved(connection, before.sessionId)
      return acknowledge(connection, id, AuthAnswer, { expires_at: expiresAt })
    }
    clearTimeout(lateToAuthenticate)
    if (actor.locale) connection.locale = actor.locale
    if (!parts.arrived(connection)) return
    const seq = await delivery.join(connection, admission.userId)
    if (!isOpen(connection)) return delivery.leave(connection)
    send(
      connection,
      JSON.stringify({
        type: 'hello',
        id,
        user_id: admission.userId,
        seq,
        server_time: house.clock().toString(),
        heartbeat_seconds: house.config.SOCKET_HEARTBEAT_SECONDS,
        expires_at: expiresAt,
      }),
    )
    if (from !== undefined) delivery.resume(connection, from, undefined)
    else lateToResume = setTimeout(() => delivery.release(connection), resumeWithinMs)
  }

  const authenticate = async (credentials: Credentials, from: number | undefined, id?: string): Promise<void> => {
    try {
      await signIn(credentials, from, id)
    } catch (error) {
      const refused = refuse(connection, house, error, id)
      if (refused.status !== 503) parts.failed(connection)
      close(
        connection,
        refused.status >= 500
          ? closeCodes.internal
          : refused.code === 'PERMISSION_DENIED'
            ? closeCodes.notAllowed
            : closeCodes.notSignedIn,
        'not signed in',
      )
    }
  }

  const handle = async (frame: Given): Promise<void> => {
    const { type, id, fields } = frame
    if (type === 'auth') {
      const { token, ticket, seq } = checkFields(Auth, fields)
      return authenticate({ token: token?.replace(/^Bearer\s+/i, ''), ticket }, seq, id)
    }
    if (!connection.who) {
      refuse(connection, house, new AppError('TOKEN_MISSING', 'No token was given'), id)
      return close(connection, closeCodes.notSignedIn, 'not signed in')
    }
    if (type === 'resume') return delivery.resume(connection, checkFields(Resume, fields).seq, id)
    delivery.release(connection)
    if (type === 'ping') {
      checkFields(Ping, fields)
      return acknowledge(connection, id, Pong, { server_time: house.clock().toString() })
    }
    const declared = isAboutTopic(type) ? topicFrame(type, fields) : protocol.frames.get(type)
    if (!declared) {
      const values = ['auth', 'resume', 'ping', 'subscribe', 'unsubscribe', ...protocol.frames.keys()].join(', ')
      throw invalid('type', 'This must be one of {values}', 'enum', { values })
    }
    await runFrame(connection, house, parts.accounts, declared, frame)
  }

  /** The frame that begins or ends watching: its fields are those of the topic that it names. @throws VALIDATION_ERROR */
  const topicFrame = (type: 'subscribe' | 'unsubscribe', fields: object): RunnableFrame => {
    const topic = protocol.topics.get(String((fields as { topic?: unknown }).topic))
    if (!topic) {
      const values = [...protocol.topics.keys()].join(', ')
      throw invalid('topic', 'This must be one of {values}', 'enum', { values })
    }
    const { subscribe, subscribed, unsubscribe } = topic.shapes
    if (type === 'subscribe')
      return {
        body: subscribe,
        answer: subscribed,
        run: (ctx, asked) => parts.topics.subscribe(connection, ctx, topic, asked),
      }
    return {
      body: unsubscribe,
      answer: Nothing,
      run: async (_, asked) => {
        parts.topics.unsubscribe(connection, topic, asked)
        return null
      },
    }
  }

  const take = async ({ data, isBinary }: { data: Buffer; isBinary: boolean }): Promise<void> => {
    let id: string | undefined
    try {
      const frame = readFrame(data, isBinary)
      id = frame.id
      parts.received(protocol.frames.has(frame.type) || isAboutTopic(frame.type) ? frame.type : 'other')
      await handle(frame)
    } catch (error) {
      refuse(connection, house, error, id)
    }
  }

  const work = async (): Promise<void> => {
    if (isWorking) return
    isWorking = true
    try {
      for (let next = queue.shift(); next && isOpen(connection); next = queue.shift()) {
        await take(next)
        if (ws.isPaused && queue.length < mostWaiting / 4) ws.resume()
      }
    } catch (error) {
      house.log.error(errorFields(error), 'a socket failed')
      close(connection, closeCodes.internal, 'try again')
    } finally {
      isWorking = false
    }
  }

  ws.on('message', (data: Buffer, isBinary: boolean) => {
    const limit = house.config.SOCKET_FRAMES_PER_MINUTE
    connection.frames++
    // Somebody who is told to slow down, and does not.
    if (connection.frames > 2 * limit) return close(connection, closeCodes.tooOften, 'too many frames')
    if (connection.frames > limit) return void refuse(connection, house, tooOften())
    queue.push({ data, isBinary })
    if (queue.length >= mostWaiting) ws.pause()
    void work()
  })

  if (given.token || given.ticket) {
    isWorking = true
    void authenticate(given, resumeFrom).finally(() => {
      isWorking = false
      void work()
    })
  }
}

const tooOften = (): AppError =>
  new AppError('RATE_LIMITED', 'Too many requests; try again later', { headers: { 'retry-after': '60' } })

const isAboutTopic = (type: string): type is 'subscribe' | 'unsubscribe' =>
  type === 'subscribe' || type === 'unsubscribe'
