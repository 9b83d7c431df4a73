import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** A body other than an upload is all there after a minute; what drips in for longer holds a connection and a place among the requests under way. */
const seconds = { most: 60, look: 5 }

/**
 * Ends connections whose JSON does not come. Node's own limit counts uploads too, and those may take as long as their bytes move (`turns.ts`). One look at all
 * of them now and then costs a request less than a timer of its own.
 */
export function endLateBodies(app: FastifyInstance, refuse: (message: IncomingMessage) => void): void {
  const since = new Map<IncomingMessage, number>()
  let looks = 0
  const timer = setInterval(() => {
    looks++
    for (const [message, begun] of since) {
      // What was refused before its body was read is gone by now.
      if (message.complete || message.destroyed) since.delete(message)
      else if ((looks - begun) * seconds.look > seconds.most) {
        since.delete(message)
        refuse(message)
      }
    }
  }, seconds.look * 1000).unref()
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { raw } = request
    // An upload leaves here at once: its parser reads nothing by itself.
    if ('content-length' in raw.headers || 'transfer-encoding' in raw.headers) since.set(raw, looks)
    done(null, payload)
  })
  app.addHook('preValidation', (request, _reply, done) => {
    since.delete(request.raw)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer)
    done()
  })
}
