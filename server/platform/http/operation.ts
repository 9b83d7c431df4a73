import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { denied, type Detail, type ErrorCode } from '../errors.ts'
import {
  administrativeRoles,
  hasPermission,
  isAdministrative,
  type Actor,
  type Context,
  type Permission,
  type Role,
} from '../context.ts'
import type { Page } from './page.ts'
import type { Table } from './table.ts'

/**
 * Who may ask: anybody, the signed-in, some roles, every administrative role, or whoever holds a permission; `|org` lets in members of any organization beside
 * them, `|org:admin` its admins. What only the thing itself can tell (its owner, its members) is the service's to decide.
 */
export type Who =
  | 'public'
  | 'any'
  | 'admin'
  | `admin:${Permission}`
  | `admin:${Permission}|org`
  | `admin:${Permission}|org:admin`
  | 'provider|org:admin'
  | readonly Role[]

export type Input<B, Q, P> = {
  body: B
  query: Q
  params: P
  request: FastifyRequest
  reply: FastifyReply
  /** Names this wish of this person: the same for every request with the same Idempotency-Key, else never the same again. */
  wish: string
}

export type Operation<
  B extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  P extends TSchema = TSchema,
  D extends TSchema = TSchema,
> = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in endpoints.tsv, below /api/v1: `/services/{id}/`. */
  path: string
  who: Who
  tag: string
  summary: string
  description?: string
  params?: P
  query?: Q
  body?: B
  /** The shape of `data`; for a list the shape of a row. */
  data: D
  /** Is `data` a page of a list? Then `run` answers a Page. */
  list?: boolean
  status?: 200 | 201
  /** The sentence of the envelope, or how it follows from what was done. */
  message: string | ((data: Static<D>) => { message: string; params: Record<string, string | number> })
  /** Codes it may answer beside those that follow from its shapes. */
  errors?: ErrorCode[]
  /** A true example of a request body and of `data` (of a row, for a list). */
  example?: { body?: unknown; data?: unknown }
  /** `auth`: also limited per address on this endpoint. `none`: not limited. */
  limit?: 'auth' | 'none'
  /** Its answer holds a token or another secret: it is never stored, neither by caches nor for an Idempotency-Key. */
  secret?: true
  /** Open also to an administrator who has yet to set up the second factor that is required of them. */
  withoutSecondFactor?: true
  /** Answers a GET with this type and no envelope: `run` answers the text, or takes the reply over (`reply.hijack()`) as a live stream does. */
  contentType?: string
  /** A GET that can also be had as a table: by `?format=csv` or an Accept header. */
  table?: Table<Static<D>>
  /** Takes multipart/form-data: the field names of its files. */
  files?: string[]
  /** Beside `files`: may come as JSON of this shape instead. `run` tells them apart by `request.isMultipart()`. */
  orBody?: TSchema
  /** What is wrong with a body beyond its shape, told together with what is wrong with its shape: so the body may be anything. The service asks the same rules. */
  check?: (body: unknown, ctx: Context) => Detail[]
  /**
   * How an Idempotency-Key is kept. By default the work and its answer are one transaction; `business`: the work calls outside services and keeps itself from
   * being done twice, by `wish`, so no transaction stands around it.
   */
  keyed?: 'business'
  /**
   * What it answers has the fields of its shape and no others, so that it is written as it is: that is quicker by a third than by the shape, which leaves out
   * whatever else there may be. For what is asked most; `test/exact.test.ts` compares both.
   */
  exact?: true
  /**
   * A write that is begun for who asks as recalled (decision 0035), as every GET is: what it does is one transaction, which is undone where they are not who they were,
   * and nothing outside of it before its first answer.
   */
  recalls?: true
  /** Takes the body as the text that came: its signature is over the very bytes. */
  raw?: true
  /** Runs before the transaction that an Idempotency-Key opens: counts what must stay counted when the work is undone. */
  guard?: (ctx: Context, input: Input<Static<B>, Static<Q>, Static<P>>) => Promise<void>
  run: (ctx: Context, input: Input<Static<B>, Static<Q>, Static<P>>) => Promise<Static<D>>
}

/** What the document, the tests and the generic parts know of every operation. */
export type AnyOperation = Omit<Operation, 'run' | 'guard' | 'message' | 'table'> & {
  table?: Table<never>
  message: string | ((data: never) => { message: string; params: Record<string, string | number> })
  guard?: (ctx: Context, input: Input<never, never, never>) => Promise<void>
  run: (ctx: Context, input: Input<never, never, never>) => Promise<unknown>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Adds an operation of the API; see `http/server.ts`. */
    addOperation: (operation: AnyOperation) => void
    operations: AnyOperation[]
  }
}

/** Declares one operation: the route, its validation, its documentation and its answer come from this one place. */
export function operation<B extends TSchema, Q extends TSchema, P extends TSchema, D extends TSchema>(
  app: FastifyInstance,
  declared: Operation<B, Q, P, D>,
): void {
  app.addOperation(declared)
}

/** The same for a list: `data` is the shape of a row, and `run` answers one page. */
export function list<Q extends TSchema, P extends TSchema, R extends TSchema>(
  app: FastifyInstance,
  declared: Omit<Operation<TSchema, Q, P, R>, 'list' | 'method' | 'body' | 'run' | 'message'> & {
    message: string
    run: (ctx: Context, input: Input<undefined, Static<Q>, Static<P>>) => Promise<Page<Static<R>>>
  },
): void {
  app.addOperation({ ...declared, method: 'GET', list: true } as unknown as AnyOperation)
}

/** The permission (or the role) and the membership that `admin:permission|org` names. */
function partsOf(who: string): { permission: Permission | null; membership: 'org' | 'org:admin' | undefined } {
  const [whom = '', membership] = who.split('|')
  const permission = whom.startsWith('admin:') ? (whom.slice('admin:'.length) as Permission) : null
  return { permission, membership: membership as 'org' | 'org:admin' | undefined }
}

/** Do role and permissions suffice for what `partsOf` names? */
const holds = (actor: Actor, permission: Permission | null): boolean =>
  permission === null ? actor.role === 'provider' : isAdministrative(actor.role) && hasPermission(actor, permission)

/** May this person call the operation at all, as far as role and permissions tell? A membership, where it suffices, is looked for by `membershipNeeded`. */
export function mayCall(who: Who, actor: Actor | null): boolean {
  if (who === 'public') return true
  if (!actor) return false
  if (who === 'any') return true
  if (who === 'admin') return isAdministrative(actor.role)
  if (typeof who !== 'string') return who.includes(actor.role)
  const { permission, membership } = partsOf(who)
  return membership !== undefined || holds(actor, permission)
}

/** The membership without which this person may not call it: null where their role and permissions suffice, or no membership would help. */
export function membershipNeeded(who: Who, actor: Actor | null): 'org' | 'org:admin' | null {
  if (typeof who !== 'string' || !who.includes('|') || !actor) return null
  const { permission, membership } = partsOf(who)
  return holds(actor, permission) ? null : (membership ?? null)
}

/** @throws PERMISSION_DENIED unless the person may call it. */
export function requireWho(who: Who, actor: Actor | null): void {
  if (!mayCall(who, actor)) throw denied()
}

/** `who` in words, for the document. */
export function describeWho(who: Who): string {
  if (who === 'public') return 'Anybody, without a token.'
  if (who === 'any') return 'Anybody who is signed in.'
  if (who === 'admin') return `Administrators (${administrativeRoles.join(', ')}).`
  if (typeof who !== 'string') return `Signed-in people with the role ${who.map((role) => `\`${role}\``).join(' or ')}.`
  const { permission, membership } = partsOf(who)
  if (permission === null) return 'Providers, and admins of an organization.'
  const others = { org: 'members of an organization', 'org:admin': 'admins of an organization' }
  return `Administrators who hold the permission \`${permission}\`, ${
    membership ? `super admins, and ${others[membership]}` : 'and super admins'
  }.`
}
