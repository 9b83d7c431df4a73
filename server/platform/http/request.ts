import type { FastifyRequest } from 'fastify'
import type { Actor, Context } from '../context.ts'
import type { Asking } from '../db/asking.ts'
import type { Detail } from '../errors.ts'
import type { House } from '../house.ts'
import type { Who } from './operation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    context: Context | null
    /** While it is not sure that who asks is who they were recalled as. */
    asking: Asking<Actor> | null
  }
  interface FastifyContextConfig {
    who?: Who
    /** Who asks may be recalled: whoever answers asks `settle` before. */
    recalls?: boolean
    limit?: 'auth' | 'none'
    files?: string[] | undefined
    orBody?: boolean
    raw?: boolean
    withoutSecondFactor?: boolean
    check?: ((body: unknown, ctx: Context) => Detail[]) | undefined
  }
}

/** What the platform asks about people: given by `app.ts`, since it knows no module. */
export type People = {
  /** Who is asking, from the token. @throws AUTHENTICATION_FAILED */
  authenticate: (house: House, token: string, now: Temporal.Instant) => Promise<Actor>
  /** The same as when they asked last, null for who has not: whether they still are is asked with what is done for them. @throws AUTHENTICATION_FAILED */
  recall: (house: House, token: string, now: Temporal.Instant) => Asking<Actor> | null
  /** Does the asker belong to an organization (`org`), or is an admin of one (`org:admin`)? */
  belongs: (ctx: Context, membership: 'org' | 'org:admin') => Promise<boolean>
}

/** Where the API begins; `/api/` without a version means the same. */
export const apiPrefix = '/api/v1'

/** The context of a request; set before any handler runs. */
export function contextOf(request: FastifyRequest): Context {
  if (!request.context) throw new Error('the request has no context yet')
  return request.context
}
