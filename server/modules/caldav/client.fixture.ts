import assert from 'node:assert/strict'
import type { House, Person } from '../../../test/support.ts'
import { child, children, elementsOf, readXml, textOf, type Element } from './xml/read.ts'
import { caldav, dav, keyOf } from './xml/write.ts'

/** A client of CalDAV, as programs are: requests by hand, answers read as XML. */

export type DavAnswer = { status: number; headers: Record<string, string | undefined>; text: string }
export type Options = {
  body?: string
  depth?: '0' | '1' | 'infinity'
  headers?: Record<string, string>
  password?: string
}

/** Makes an app password for a person. */
export async function appPassword(house: House, { token, password }: Person): Promise<string> {
  const made = await house.call('POST', '/api/v1/auth/app-passwords/', { token, json: { name: 'Phone', password } })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].app_password
}

export async function clientOf(house: House, person: Person) {
  const secret = await appPassword(house, person)
  const send = async (
    method: string,
    url: string,
    { body, depth, headers, password }: Options = {},
  ): Promise<DavAnswer> => {
    const basic = Buffer.from(`${person.email}:${password ?? secret}`).toString('base64')
    const response = await house.http.inject({
      method: method as 'GET',
      url,
      headers: {
        authorization: `Basic ${basic}`,
        ...(body === undefined ? {} : { 'content-type': method === 'PUT' ? 'text/calendar' : 'application/xml' }),
        ...(depth ? { depth } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: response.statusCode, headers: response.headers as DavAnswer['headers'], text: response.payload }
  }
  const home = `/dav/calendars/${person.id}/`
  /** The calendars of one's home, by their names. */
  const calendars = async (): Promise<Map<string, string>> => {
    const answer = await send('PROPFIND', home, {
      depth: '1',
      body: '<propfind xmlns="DAV:"><prop><displayname/><resourcetype/></prop></propfind>',
    })
    assert.equal(answer.status, 207, answer.text)
    const found = rowsOf(answer).filter(({ props }) => props.get('{DAV:}resourcetype')?.includes('calendar'))
    return new Map(found.map(({ href, props }) => [props.get('{DAV:}displayname')!, href]))
  }
  return { send, home, calendars, secret, person }
}
export type Client = Awaited<ReturnType<typeof clientOf>>

/** One response of a multistatus: what was found, as text (of elements their names), and what was not. */
export type Row = {
  href: string
  status: number
  props: Map<string, string>
  missing: string[]
  elements: Map<string, Element>
}

export function rowsOf({ text, status }: DavAnswer): Row[] {
  assert.equal(status, 207, text)
  const root = readXml(Buffer.from(text))
  assert.equal(keyOf(root), '{DAV:}multistatus')
  return children(root, dav, 'response').map((response) => {
    const row: Row = {
      href: textOf(child(response, dav, 'href')!),
      status: Number(/ (\d{3}) /.exec(textOf(child(response, dav, 'status') ?? response))?.[1] ?? 0),
      props: new Map(),
      missing: [],
      elements: new Map(),
    }
    for (const propstat of children(response, dav, 'propstat')) {
      const code = Number(/ (\d{3}) /.exec(textOf(child(propstat, dav, 'status')!))![1])
      for (const prop of elementsOf(child(propstat, dav, 'prop')!)) {
        if (code !== 200) {
          row.missing.push(`${code} ${keyOf(prop)}`)
          continue
        }
        const inner = elementsOf(prop)
        row.elements.set(keyOf(prop), prop)
        row.props.set(keyOf(prop), textOf(prop) || inner.map(({ name }) => name).join(' '))
      }
    }
    return row
  })
}

/** The token of a sync-collection. */
export const tokenOf = ({ text }: DavAnswer): string => textOf(child(readXml(Buffer.from(text)), dav, 'sync-token')!)

/** The precondition that was broken, by its name. */
export function conditionOf({ text }: DavAnswer): string | undefined {
  const root = readXml(Buffer.from(text))
  assert.equal(keyOf(root), '{DAV:}error')
  return elementsOf(root)[0]?.name
}

export const dataKey = keyOf({ ns: caldav, name: 'calendar-data' })
export const etagKey = '{DAV:}getetag'

export const syncBody = (token: string, more = ''): string =>
  `<?xml version="1.0" encoding="utf-8"?><sync-collection xmlns="DAV:"><sync-token>${token}</sync-token><sync-level>1</sync-level>${more}<prop><getetag/></prop></sync-collection>`

export const multigetBody = (hrefs: readonly string[]): string =>
  `<C:calendar-multiget xmlns:D="DAV:" xmlns:C="${caldav}"><D:prop><D:getetag/><C:calendar-data/></D:prop>${hrefs
    .map((href) => `<D:href>${href}</D:href>`)
    .join('')}</C:calendar-multiget>`

export const queryBody = (filter: string, data = '<C:calendar-data/>'): string =>
  `<C:calendar-query xmlns:D="DAV:" xmlns:C="${caldav}"><D:prop><D:getetag/>${data}</D:prop><C:filter><C:comp-filter name="VCALENDAR">${filter}</C:comp-filter></C:filter></C:calendar-query>`

/** A file of one event, with CRLF. */
export const fileOf = (...lines: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')

export const eventFile = (uid: string, ...lines: string[]): string =>
  fileOf(
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20260112T080000Z',
    'DTSTART:20260113T100000Z',
    'DTEND:20260113T110000Z',
    ...(lines.some((line) => line.startsWith('SUMMARY')) ? [] : ['SUMMARY:Meeting']),
    ...lines,
    'END:VEVENT',
  )
