import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors.ts'

/** Bodies other than files may have this many bytes. */
export const bodyLimit = 1024 * 1024

/** Only JSON is read as a body; `__proto__` and `constructor.prototype` in it are refused. */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (request.routeOptions.config.raw) return done(null, body)
    // An empty body with a JSON content type is no body.
    if (body.length === 0) return done(null, undefined)
    void parseJson(request, body as string, (error, parsed) => {
      if (!error && halfPair.test(body as string) && !isWellFormed(parsed))
        return done(new AppError('VALIDATION_ERROR', 'The input has characters that cannot be kept'), undefined)
      done(error, parsed)
    })
  })
}

/** Only an escape can bring half a surrogate pair into a text: bytes that are no UTF-8 have become U+FFFD. */
const halfPair = /\\u[dD][89a-fA-F]/

/** Is every text in a parsed body Unicode? The driver would keep another character for half a pair, and nobody would be told. Without recursion: a body may be deep. */
function isWellFormed(root: unknown): boolean {
  const waiting: unknown[] = [root]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'string' && !value.isWellFormed()) return false
    if (value !== null && typeof value === 'object') for (const inner of Object.values(value)) waiting.push(inner)
  }
  return true
}
