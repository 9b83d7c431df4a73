import type { FastifyRequest } from 'fastify'
import type { Actor, Context } from '../context.ts'
import type { Detail } from '../errors.ts'
import type { House } from '../house.ts'
import type { Who } from './operation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    context: Context | null
  }
  interface FastifyContextConfig {
    who?: Who
    limit?: 'auth' | 'none'
    files?: string[] | undefined
    orBody?: boolean
    raw?: boolean
    withoutSecondFactor?: boolean
    check?: ((body: unknown, ctx: Context) => Detail[]) | undefined
  }
}

/** Who is asking, from the token: given by `accounts` through `app.ts`, since the platform knows no module. @throws AUTHENTICATION_FAILED */
export type Authenticate = (house: House, token: string, now: Temporal.Instant) => Promise<Actor>

/** Does the asker belong to an organization (`org`), or is an admin of one (`org:admin`)? Given by `organizations` through `app.ts`. */
export type Belongs = (ctx: Context, membership: 'org' | 'org:admin') => Promise<boolean>

/** Where the API begins; `/api/` without a version means the same. */
export const apiPrefix = '/api/v1'

/** The context of a request; set before any handler runs. */
export function contextOf(request: FastifyRequest): Context {
  if (!request.context) throw new Error('the request has no context yet')
  return request.context
}
