import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { asNobody, type Context } from '../../../platform/context.ts'
import { networkOf } from '../../../platform/limits.ts'
import { operation } from '../../../platform/http/operation.ts'
import { Id, IdParams } from '../../../platform/http/shapes.ts'
import { writeRead } from '../../../platform/http/unread.ts'
import { topic } from '../../../platform/socket/topic.ts'
import { hearsTime } from '../../scheduling/index.ts'
import { createLive, watchSlots, type Live } from '../service/live.ts'

/** A comment now and then keeps proxies from closing what is silent, and shows us who is gone. */
const heartbeatMs = 20_000
/** Now and then all are looked at: some of what slots are made of changes silently. */
const refreshMs = 60_000

/** Live slots: as server-sent events for everybody, and as a topic of the socket. */
export function liveRoutes(app: FastifyInstance): void {
  let live: Live | undefined
  const refreshing = setInterval(() => live?.refresh(), refreshMs)
  refreshing.unref()
  app.addHook('preClose', async () => {
    clearInterval(refreshing)
    live?.closeAll()
  })

  operation(app, {
    method: 'GET',
    path: '/services/{id}/slots/live/',
    who: 'public',
    tag: 'Services',
    summary: 'When free slots change',
    description:
      'Server-sent events: `slots` with `{"version": 7}` at once, the number that `X-Slots-Version` of the slots bears, and whenever the slots of the service may have changed; who gets another version than the one seen asks for the slots again, as does who gets the same one again: then the service itself has changed. The stream ends when the service is not offered any more. At most 10 streams for one address. Who does not read is cut off, and comes again.',
    params: IdParams,
    data: Type.String(),
    contentType: 'text/event-stream',
    message: 'Slots retrieved successfully',
    example: { data: 'event: slots\nid: 7\ndata: {"version":7}\n\n' },
    run: async (ctx, { params, request, reply }) => {
      live ??= createLive(ctx.house, () => later(ctx))
      const { raw } = reply
      // Nothing is written before the head, and the head not before it is sure that this may be watched.
      const head = Promise.withResolvers<void>()
      const stop = await live.watch(ctx, {
        address: networkOf(request.ip),
        service: params.id,
        tell: (version) =>
          void head.promise.then(() =>
            writeRead(raw, `event: slots\nid: ${version}\ndata: {"version":${version}}\n\n`),
          ),
        close: () => raw.end(),
      })
      if (request.method === 'HEAD' || raw.destroyed) {
        stop()
        return ''
      }
      const beat = setInterval(() => writeRead(raw, ': still here\n\n'), heartbeatMs)
      raw.once('close', () => {
        clearInterval(beat)
        stop()
      })
      reply.hijack()
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      raw.write('retry: 3000\n\n')
      head.resolve()
      return ''
    },
  })
  topic(app, {
    topic: 'slots',
    noun: 'service',
    summary: 'The free slots of a service',
    description:
      '`version` is the `X-Slots-Version` of `GET /api/v1/services/{id}/slots/`: another one than yours means that the slots may have changed. A change of the service itself is told as well. It ends when the service is not offered any more.',
    fields: Type.Object({ service_id: Id }),
    example: { service_id: 5 },
    hears: hearsTime,
    look: (ctx, { service_id }) => watchSlots(ctx, service_id),
  })
}

/** Whoever looks later looks at the time of then, and as nobody. */
const later = ({ house, log, locale }: Context): Context => ({ ...asNobody(house), log, locale })
