import type { Element } from './read.ts'

/** Writing XML: texts that are escaped already are `Xml`. */

export type Xml = string
export type Name = { ns: string; name: string }

export const dav = 'DAV:'
export const caldav = 'urn:ietf:params:xml:ns:caldav'
export const calendarServer = 'http://calendarserver.org/ns/'
export const apple = 'http://apple.com/ns/ical/'
/** What only we say: why a room cannot be had, and sentences for people. */
export const banister = 'urn:banister:caldav'

const prefixes: Record<string, string> = {
  [dav]: 'D',
  [caldav]: 'C',
  [calendarServer]: 'CS',
  [apple]: 'A',
  [banister]: 'B',
}
const declarations = Object.entries(prefixes)
  .map(([ns, prefix]) => ` xmlns:${prefix}="${ns}"`)
  .join('')

/** Text as content; what XML 1.0 cannot say at all is left out. */
export const escaped = (text: string): Xml =>
  text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '') // eslint-disable-line no-control-regex -- these are what is left out
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')

const attribute = (text: string): Xml =>
  escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')

/** One element; of a namespace that we have no prefix for it declares its own. */
export function tag({ ns, name }: Name, content: Xml = '', attributes: Record<string, string> = {}): Xml {
  const prefix = prefixes[ns]
  const qualified = prefix ? `${prefix}:${name}` : name
  const declared = prefix ? '' : ` xmlns="${attribute(ns)}"`
  const said = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${attribute(value)}"`)
    .join('')
  return content === ''
    ? `<${qualified}${declared}${said}/>`
    : `<${qualified}${declared}${said}>${content}</${qualified}>`
}

export const d = (name: string, content: Xml = ''): Xml => tag({ ns: dav, name }, content)
export const c = (name: string, content: Xml = '', attributes: Record<string, string> = {}): Xml =>
  tag({ ns: caldav, name }, content, attributes)
export const href = (path: string): Xml => d('href', escaped(path))

/** A whole document; the root declares what all below it uses. */
export const documentOf = (root: Xml): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n${root.replace(/^<([\w:-]+)/, (begin) => begin + declarations)}\n`

/** An element of a client as it came, in our way of writing it. */
export const written = (element: Element): Xml =>
  tag(
    element,
    element.content.map((one) => (typeof one === 'string' ? escaped(one) : written(one))).join(''),
    element.attributes,
  )

/** How a name is told apart and kept: `{DAV:}displayname`. */
export const keyOf = ({ ns, name }: Name): string => `{${ns}}${name}`
export function nameOfKey(key: string): Name {
  const end = key.indexOf('}')
  return { ns: key.slice(1, end), name: key.slice(end + 1) }
}
