import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { WebSocketServer } from 'ws'
import { AppError, denied, invalid, rateLimited, unavailable } from '../errors.ts'
import type { House } from '../house.ts'
import { contextOf } from '../http/request.ts'
import { networkOf } from '../limits.ts'
import { errorFields } from '../log.ts'
import { sessionsEnded } from '../realtime.ts'
import { close, closeCodes, mostFrameBytes, send, type Connection } from './connection.ts'
import type { SocketAccounts } from './credentials.ts'
import { createDelivery } from './delivery.ts'
import { protocolOf } from './frame.ts'
import { createSocketMetrics } from './metrics.ts'
import { keepPresence } from './people.ts'
import { beginSession, type SessionParts } from './session.ts'
import { createTopics } from './topics.ts'

/** The path of the socket. */
export const socketPath = '/ws/chat/'
/** Wrong credentials a minute of one address, before it is not even asked. */
const mostFailures = 60
const sweepMs = 1000
/** How long before its end a token is told of. */
const warnSeconds = 60

const handshakes = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>()

/** Is this a request to become a socket, at its path? Everything else stays HTTP, also what would upgrade to something else. */
export const isSocketRequest = ({ headers, url }: IncomingMessage): boolean =>
  /^websocket$/i.test(headers.upgrade ?? '') && /^\/ws\/chat\/?(?:\?|$)/.test(url ?? '')

/**
 * The socket of the API (SPEC section 4): opens sockets at `/ws/chat/`, brings them what their people are told, and closes them when their time is over. A handshake
 * passes the same hooks as a request, so that it has an id, an address and the refusals of HTTP.
 */
export function addSocket(app: FastifyInstance, house: House, accounts: SocketAccounts): void {
  const { config, realtime } = house
  const connections = new Set<Connection>()
  const bySession = new Map<number, Set<Connection>>()
  const byAddress = new Map<string, number>()
  const failures = new Map<string, number>()
  const protocol = protocolOf(app)
  const metrics = createSocketMetrics(house.metrics.registry, () => ({ open: connections.size, ...topics.counts() }))
  const topics = createTopics(house, protocol, metrics.looked)
  const delivery = createDelivery(house)
  const presence = keepPresence(house, protocol, delivery)
  const wss = new WebSocketServer({ noServer: true, maxPayload: mostFrameBytes, perMessageDeflate: false })

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    handshakes.set(request, { socket, head })
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as never)
    // A handshake that was refused is a plain answer, and the connection ends with it.
    response.once('finish', () => socket.end())
    socket.on('error', () => undefined)
    app.routing(request, response)
  })

  app.get(socketPath, { config: { limit: 'none' } }, async (request, reply) => {
    const handshake = handshakes.get(request.raw)
    if (!handshake) throw new AppError('VALIDATION_ERROR', 'Connect here with a WebSocket')
    checkOrigin(request, config.BACKEND_CORS_ORIGINS, config.PUBLIC_URL)
    const given = queryOf(request)
    const network = networkOf(request.ip)
    if ((failures.get(network) ?? 0) >= mostFailures) throw rateLimited(60)
    if ((byAddress.get(network) ?? 0) >= config.SOCKETS_PER_ADDRESS) throw rateLimited(10)
    if (connections.size >= config.SOCKETS_PER_PROCESS) throw unavailable('Too many live connections', 10)
    reply.hijack()
    reply.raw.detachSocket(handshake.socket as never)
    // The request ends here, for those who count requests under way.
    reply.raw.emit('close')
    wss.handleUpgrade(request.raw, handshake.socket, handshake.head, (ws) => {
      const { origin, locale } = contextOf(request)
      if (!origin) throw new Error('a handshake comes from somewhere')
      open(
        {
          ws,
          network,
          origin,
          locale,
          who: null,
          sent: 0,
          held: true,
          isPumping: false,
          resuming: null,
          unanswered: 0,
          isWarned: false,
          frames: 0,
          reason: '',
          onSent: metrics.sent,
        },
        request,
        given,
      )
    })
    return reply
  })

  const open = (connection: Connection, request: FastifyRequest, given: ReturnType<typeof queryOf>): void => {
    const { ws, network } = connection
    connections.add(connection)
    byAddress.set(network, (byAddress.get(network) ?? 0) + 1)
    ws.on('pong', () => {
      connection.unanswered = 0
    })
    ws.on('error', (error) => {
      connection.reason ||= /max payload/i.test(error.message) ? 'too large' : 'broken'
    })
    ws.once('close', (code: number) => leave(connection, code))
    const header = request.headers.authorization?.trim().replace(/^Bearer(?:\s+|$)/i, '')
    beginSession(connection, parts, { token: given.token ?? header, ticket: given.ticket }, given.seq)
    sweeping ??= setInterval(sweep, sweepMs).unref()
    presence.begin()
  }

  const forgetSession = (connection: Connection, sessionId: number): void => {
    const opened = bySession.get(sessionId)
    opened?.delete(connection)
    if (opened?.size === 0) bySession.delete(sessionId)
  }
  const noteSession = (connection: Connection, sessionId: number): void => {
    bySession.getOrInsertComputed(sessionId, () => new Set()).add(connection)
  }

  const parts: SessionParts = {
    house,
    accounts,
    protocol,
    delivery,
    topics,
    arrived: (connection) => {
      const { who } = connection
      if (!who) return false
      const { userId, sessionId } = who
      if (delivery.socketsOf(userId).size >= config.SOCKETS_PER_PERSON) {
        close(connection, closeCodes.tooMany, 'too many sockets')
        return false
      }
      noteSession(connection, sessionId)
      presence.arrived(userId)
      return true
    },
    moved: (connection, fromSession) => {
      forgetSession(connection, fromSession)
      if (connection.who) noteSession(connection, connection.who.sessionId)
    },
    failed: ({ network }) => {
      failures.set(network, (failures.get(network) ?? 0) + 1)
    },
    received: metrics.received,
  }

  const leave = (connection: Connection, code: number): void => {
    connections.delete(connection)
    const left = (byAddress.get(connection.network) ?? 1) - 1
    if (left > 0) byAddress.set(connection.network, left)
    else byAddress.delete(connection.network)
    delivery.leave(connection)
    topics.leave(connection)
    metrics.closed(connection.reason || 'client', code)
    const { who } = connection
    if (!who) return
    forgetSession(connection, who.sessionId)
    if (delivery.socketsOf(who.userId).size === 0) presence.left(who.userId)
  }

  let sweeping: NodeJS.Timeout | undefined
  let beats = 0
  const sweep = (): void => {
    const now = house.clock()
    beats++
    const isBeat = beats % config.SOCKET_HEARTBEAT_SECONDS === 0
    for (const connection of connections) {
      const { who, ws } = connection
      if (who) {
        const left = who.expiresAt.since(now).total('seconds')
        if (left <= 0) close(connection, closeCodes.notSignedIn, 'token expired')
        else if (left <= warnSeconds && !connection.isWarned) {
          connection.isWarned = true
          send(connection, JSON.stringify({ type: 'expiring', expires_at: who.expiresAt.toString() }))
        }
      }
      if (beats % 60 === 0) connection.frames = 0
      if (!isBeat) continue
      if (connection.unanswered >= 2) {
        connection.reason ||= 'dead'
        ws.terminate()
      } else {
        connection.unanswered++
        ws.ping()
      }
    }
    if (beats % 60 === 0) failures.clear()
    // Beside the wake-ups, in case one of them was lost on its way.
    if (isBeat) void recover(delivery.check())
    if (beats % 10 === 0) topics.check(false)
  }

  const recover = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => house.log.warn(errorFields(error), 'the sockets could not be checked'))

  const endSessions = (ids: Iterable<number>): void => {
    for (const id of ids) {
      for (const connection of bySession.get(id) ?? []) close(connection, closeCodes.notSignedIn, 'signed out')
    }
  }
  realtime.subscribe(sessionsEnded, (message) => endSessions((message as { session_ids: number[] }).session_ids))
  realtime.onGap(() => {
    void recover(delivery.check())
    void recover(endUnheard())
    topics.check(true)
  })
  /** Closes what was opened with sessions that have ended while this process heard nothing. */
  const endUnheard = async (): Promise<void> => {
    const ids = [...bySession.keys()]
    const stillOpen = await accounts.openSessions(house, ids, house.clock())
    endSessions(ids.filter((id) => !stillOpen.has(id)))
  }

  app.addHook('preClose', async () => {
    clearInterval(sweeping)
    for (const connection of connections) close(connection, closeCodes.goingAway, 'the server stops')
    const until = performance.now() + 2000
    while (connections.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
    for (const { ws } of connections) ws.terminate()
    topics.end()
    await presence.end()
  })
}

/** A page of another origin may open a socket only where it may also ask the API; who is no page sends none. @throws PERMISSION_DENIED */
function checkOrigin({ headers }: FastifyRequest, allowed: readonly string[], publicUrl: string): void {
  const { origin } = headers
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return
  if (origin !== new URL(publicUrl).origin) throw denied('Pages of this origin may not connect')
}

/** @throws VALIDATION_ERROR for a number that is none */
function queryOf(request: FastifyRequest): { token?: string; ticket?: string; seq?: number } {
  const given = request.query as Record<string, unknown>
  const text = (name: string): string | undefined => {
    const value = given[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [token, ticket, seq] = [text('token'), text('ticket'), text('seq')]
  if (seq !== undefined && !/^\d{1,15}$/.test(seq)) throw invalid('seq', 'This must be a whole number', 'type')
  return { ...(token ? { token } : {}), ...(ticket ? { ticket } : {}), ...(seq ? { seq: Number(seq) } : {}) }
}
