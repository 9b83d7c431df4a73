import type { Context } from '../../platform/context.ts'

/** Addresses below `/dav/`, and what they name. Everybody has a tree of their own: calendars that are shared with them stand in it, too. */

export type Target =
  | { kind: 'root' }
  | { kind: 'principals' }
  | { kind: 'principal'; user: string }
  | { kind: 'home'; user: string }
  | { kind: 'collection'; user: string; collection: string }
  | { kind: 'object'; user: string; collection: string; name: string }

/** Collections that are none of calendars. */
export const inbox = 'inbox'
export const outbox = 'outbox'
export const invitations = 'invitations'

/** Where PUBLIC_URL stands below a path, so does all this. */
const baseOf = ({ house }: Context): string => new URL(house.config.PUBLIC_URL).pathname.replace(/\/+$/, '')

const joined = (ctx: Context, ...parts: string[]): string =>
  `${baseOf(ctx)}/dav/${parts.map(encodeURIComponent).join('/')}`

export const rootPath = (ctx: Context): string => joined(ctx)
export const principalsPath = (ctx: Context): string => `${joined(ctx, 'principals')}/`
export const principalPath = (ctx: Context, userId: number): string => `${joined(ctx, 'principals', String(userId))}/`
export const homePath = (ctx: Context, userId: number): string => `${joined(ctx, 'calendars', String(userId))}/`
export const collectionPath = (ctx: Context, userId: number, name: string): string =>
  `${joined(ctx, 'calendars', String(userId), name)}/`
export const objectPath = (ctx: Context, userId: number, collection: string, name: string): string =>
  joined(ctx, 'calendars', String(userId), collection, name)

/** What an address of a client means, whole (`https://…`) or a path; null for what is none of ours. */
export function targetOf(ctx: Context, address: string): Target | null {
  try {
    const { pathname } = new URL(address, 'http://localhost')
    const base = baseOf(ctx)
    const path = pathname.startsWith(`${base}/dav`) ? pathname.slice(base.length) : pathname
    const [first, ...rest] = path.split('/').filter(Boolean).map(decodeURIComponent)
    return first === 'dav' ? targetOfParts(rest) : null
  } catch {
    return null
  }
}

function targetOfParts(parts: readonly string[]): Target | null {
  const [tree, user, collection, name] = parts
  if (parts.length > 4) return null
  if (tree === undefined) return { kind: 'root' }
  if (tree === 'principals' && collection === undefined)
    return user === undefined ? { kind: 'principals' } : { kind: 'principal', user }
  if (tree !== 'calendars' || user === undefined) return null
  if (collection === undefined) return { kind: 'home', user }
  return name === undefined ? { kind: 'collection', user, collection } : { kind: 'object', user, collection, name }
}
