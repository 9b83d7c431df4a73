import type { FastifyInstance } from 'fastify'
import { contextOf } from '../../platform/http/request.ts'
import { openPhoto } from './service.ts'

/** The photos themselves. A file never changes under its key, so whoever has it need not ask again. */
export function routes(app: FastifyInstance): void {
  app.get<{ Params: { size: string; key: string } }>('/files/photos/:size/:key', async (request, reply) => {
    const { size, key } = request.params
    const { stream, size: length, contentType } = await openPhoto(contextOf(request), size, key)
    return reply
      .type(contentType)
      .header('content-length', length)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('content-security-policy', "sandbox; default-src 'none'")
      .send(stream)
  })
}
