import { SaxesParser } from 'saxes'
import { AppError } from '../../../platform/errors.ts'

/** Reading XML of clients: elements with their namespaces, nothing that a document defines for itself. */

export type Element = {
  ns: string
  name: string
  attributes: Record<string, string>
  /** Elements and texts in their order. */
  content: (Element | string)[]
}

/** Deeper, and with more elements, than anything that CalDAV says. */
const deepest = 40
const mostElements = 60_000

const unreadable = (): AppError => new AppError('VALIDATION_ERROR', 'The body cannot be read')

const fail = (): never => {
  throw unreadable()
}

/**
 * Reads a body. Entities but those of XML itself do not exist: a document that begins to define any (DOCTYPE) is refused at once, so that nothing is expanded
 * and nothing fetched.
 * @throws VALIDATION_ERROR for what is not well-formed, or deeper or longer than any request
 */
export function readXml(bytes: Buffer): Element {
  const parser = new SaxesParser({ xmlns: true })
  const open: Element[] = []
  let root: Element | null = null
  let count = 0
  parser.on('error', fail)
  parser.on('doctype', fail)
  parser.on('opentag', ({ uri, local, attributes }) => {
    const element: Element = { ns: uri, name: local, attributes: {}, content: [] }
    for (const one of Object.values(attributes)) {
      if (one.uri === '' || one.prefix === 'xml') element.attributes[one.prefix ? one.name : one.local] = one.value
    }
    if (++count > mostElements || open.length >= deepest) fail()
    open.at(-1)?.content.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  const text = (said: string): void => void open.at(-1)?.content.push(said)
  parser.on('text', text)
  parser.on('cdata', text)
  parser.write(textOfBytes(bytes)).close()
  return root ?? fail()
}

function textOfBytes(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable()
  }
}

export const elementsOf = ({ content }: Element): Element[] => content.filter((one) => typeof one !== 'string')

export const textOf = ({ content }: Element): string =>
  content
    .map((one) => (typeof one === 'string' ? one : textOf(one)))
    .join('')
    .trim()

export const is = (element: Element, ns: string, name: string): boolean => element.ns === ns && element.name === name

/** The first child of this name. */
export const child = (element: Element, ns: string, name: string): Element | undefined =>
  elementsOf(element).find((one) => is(one, ns, name))

export const children = (element: Element, ns: string, name: string): Element[] =>
  elementsOf(element).filter((one) => is(one, ns, name))
