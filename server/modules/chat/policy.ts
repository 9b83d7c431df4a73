import { actorOf, hasPermission, isAdministrative, type Actor, type Context } from '../../platform/context.ts'
import { denied } from '../../platform/errors.ts'
import type { Side } from './rules.ts'

type Owned = { kind: string; person_a: number; person_b: number | null; left_side: string | null }

/** Those who answer as the support: whoever looks after people, and whoever looks after bookings. */
export const supportPermissions = ['user_management', 'booking_management'] as const

export const isSupport = (actor: Actor): boolean =>
  isAdministrative(actor.role) && supportPermissions.some((permission) => hasPermission(actor, permission))

/** @throws PERMISSION_DENIED */
export function requireSupport(ctx: Context): void {
  if (!isSupport(actorOf(ctx))) throw denied()
}

/** On which side of a chat somebody is; null for a stranger and for who has left it, who are told that there is no such chat. Nobody is the support of themselves. */
export function sideOf(actor: Actor, chat: Owned): Side | null {
  if (chat.person_a === actor.userId) return chat.left_side === 'a' ? null : 'a'
  if (chat.kind === 'support') return isSupport(actor) ? 'b' : null
  return chat.person_b === actor.userId && chat.left_side !== 'b' ? 'b' : null
}
