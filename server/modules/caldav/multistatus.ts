import type { Context } from '../../platform/context.ts'
import { AppError } from '../../platform/errors.ts'
import { namesOf, propertyOf } from './properties.ts'
import type { Resource } from './resources.ts'
import { child, elementsOf, type Element } from './xml/read.ts'
import { d, dav, documentOf, href, keyOf, nameOfKey, tag, type Xml } from './xml/write.ts'

/** Answers on many resources, each with what was found and what was not (RFC 4918 13). */

/** What is asked of resources: some properties, all, or their names. */
export type Wanted = { kind: 'some'; names: Element[] } | { kind: 'all' } | { kind: 'names' }

export const statusLine = (status: number): Xml => d('status', `HTTP/1.1 ${status} ${reasons[status] ?? 'Unknown'}`)
const reasons: Record<number, string> = {
  200: 'OK',
  403: 'Forbidden',
  404: 'Not Found',
  424: 'Failed Dependency',
  507: 'Insufficient Storage',
}

export const multistatus = (responses: readonly Xml[], more: Xml = ''): string =>
  documentOf(d('multistatus', responses.join('') + more))

/** More than these no client asks of one resource; all of them are answered for every event of a calendar. */
const most = { elements: 500, characters: 20_000 }

/** The properties within `prop`, each once. @throws PAYLOAD_TOO_LARGE for more than any client has, so that a short request makes no endless answer */
function namesWithin(prop: Element): Element[] {
  const names = [...new Map(elementsOf(prop).map((one) => [keyOf(one), one])).values()]
  const characters = names.reduce((sum, one) => sum + keyOf(one).length, 0)
  if (countOf(prop) > most.elements || characters > most.characters)
    throw new AppError('PAYLOAD_TOO_LARGE', 'The body is too large')
  return names
}

const countOf = (element: Element): number => elementsOf(element).reduce((sum, one) => sum + countOf(one), 1)

/**
 * `prop`, `allprop` or `propname` within a request; allprop where nothing is said.
 * @throws PAYLOAD_TOO_LARGE
 */
export function wantedOf(root: Element | null): Wanted {
  if (!root) return { kind: 'all' }
  const prop = child(root, dav, 'prop')
  if (prop) return { kind: 'some', names: namesWithin(prop) }
  return child(root, dav, 'propname') ? { kind: 'names' } : { kind: 'all' }
}

/** A property that is made of what is asked, such as the data of an event. */
export type Special = (wanted: Element) => Xml | null

/** What a resource answers: 200 with what it has, 404 with the names that it has not. With `minimal` (RFC 8144) the latter are left out. */
export function responseFor(
  ctx: Context,
  resource: Resource,
  wanted: Wanted,
  { special, minimal = false }: { special?: Special; minimal?: boolean } = {},
): Xml {
  const found: Xml[] = []
  const missing: Xml[] = []
  if (wanted.kind === 'some') {
    for (const one of wanted.names) {
      const value = special?.(one) ?? propertyOf(resource, keyOf(one), ctx)
      if (value === null) missing.push(tag({ ns: one.ns, name: one.name }))
      else found.push(tag({ ns: one.ns, name: one.name }, value))
    }
  } else {
    for (const key of namesOf(resource, ctx, wanted.kind === 'all'))
      found.push(tag(nameOfKey(key), wanted.kind === 'names' ? '' : (propertyOf(resource, key, ctx) ?? '')))
  }
  const parts: Xml[] = []
  if (found.length > 0 || missing.length === 0 || minimal) parts.push(propstat(200, found))
  if (missing.length > 0 && !minimal) parts.push(propstat(404, missing))
  return d('response', href(resource.path) + parts.join(''))
}

export const propstat = (status: number, properties: readonly Xml[], more: Xml = ''): Xml =>
  d('propstat', d('prop', properties.join('')) + statusLine(status) + more)

/** A resource of which there is nothing to say but how it fared. */
export const statusFor = (path: string, status: number, more: Xml = ''): Xml =>
  d('response', href(path) + statusLine(status) + more)
