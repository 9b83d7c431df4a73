import type { Db, Line } from './db/database.ts'
import { tokenMissing, type AppError } from './errors.ts'
import type { House } from './house.ts'
import type { Logger } from './log.ts'
import type { Locale } from './i18n/index.ts'

export const roles = ['customer', 'provider', 'management', 'admin', 'super_admin', 'accountant'] as const
export type Role = (typeof roles)[number]

export const administrativeRoles = [
  'management',
  'admin',
  'super_admin',
  'accountant',
] as const satisfies readonly Role[]

export const permissions = [
  'user_management',
  'service_management',
  'booking_management',
  'payment_management',
  'withdrawal_management',
  'document_management',
  'financial_reports',
  'system_settings',
  'admin_management',
] as const
export type Permission = (typeof permissions)[number]

/** Who is asking, as of this request: read once, by `accounts.authenticate`. */
export type Actor = {
  userId: number
  email: string
  role: Role
  sessionId: number
  permissions: ReadonlySet<Permission>
  locale: Locale | null
  timeZone: string
  /**
   * An administrator of whom a second factor is required (TWO_FACTOR_REQUIRED_FOR) and whose session has not proved one: may set it up and little else. The
   * gate of `platform/http` refuses the rest; whoever authenticates elsewhere refuses it too.
   */
  lacksSecondFactor?: true
}

/** Where a request came from; null in jobs and on the console. */
export type Origin = { requestId: string; address: string; userAgent: string }

/** The transaction under way: what runs when it has ended well, and the line to the database that is its own. */
export type Transaction = { afterCommit: (() => void | Promise<void>)[]; line: Line }

/** What every function of a module is given first. A transaction is a copy of it with another `db`. */
export type Context = {
  db: Db
  actor: Actor | null
  /** On a public path: why what was shown there makes nobody of the asker, for what even there only the signed-in may do (`requireActor`). */
  refused?: AppError
  now: Temporal.Instant
  log: Logger
  locale: Locale
  origin: Origin | null
  house: House
  transaction: Transaction | null
}

/** What the house does by itself, for nobody in particular: at the time of now, and in English, since nobody reads it. */
export const asNobody = (house: House): Context => ({
  db: house.db,
  actor: null,
  now: house.clock(),
  log: house.log,
  locale: 'en',
  origin: null,
  house,
  transaction: null,
})

/** The signed-in person; the route has already refused everybody else. */
export function actorOf(ctx: Context): Actor {
  if (!ctx.actor) throw new Error('this code runs for signed-in people only')
  return ctx.actor
}

/** The signed-in person, on a public path. @throws TOKEN_MISSING, or what the token was refused for */
export function requireActor({ actor, refused }: Context): Actor {
  if (!actor) throw refused ?? tokenMissing()
  return actor
}

export const isAdministrative = (role: Role): boolean => (administrativeRoles as readonly Role[]).includes(role)

/** Does the asker hold this permission? A super admin implicitly holds them all (SPEC section 3). */
export const hasPermission = (actor: Actor | null, permission: Permission): boolean =>
  actor !== null && (actor.role === 'super_admin' || actor.permissions.has(permission))
