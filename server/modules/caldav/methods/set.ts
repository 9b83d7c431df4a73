import { componentsOf, zoneFinder, propertyOf } from '../../calendars/index.ts'
import { isProtected } from '../properties.ts'
import { children, elementsOf, textOf, type Element } from '../xml/read.ts'
import { apple, caldav, dav, keyOf, written } from '../xml/write.ts'

/** What PROPPATCH and MKCALENDAR set: fields of the calendar that are its owner's to set, and properties that each person has for themselves. */

export type Wish = { key: string; element: Element; isRemoved: boolean }
export type Fields = { name?: string; description?: string; color?: string; time_zone?: string }

/** A person's own properties of a calendar are no store for files. */
export const most = { properties: 50, length: 16_000 }

/** The `set` and `remove` of a request, in their order. */
export function wishesOf(root: Element): Wish[] {
  const wishes: Wish[] = []
  for (const one of elementsOf(root)) {
    if (one.ns !== dav || (one.name !== 'set' && one.name !== 'remove')) continue
    for (const prop of children(one, dav, 'prop'))
      for (const element of elementsOf(prop))
        wishes.push({ key: keyOf(element), element, isRemoved: one.name === 'remove' })
  }
  return wishes
}

const keys = {
  name: keyOf({ ns: dav, name: 'displayname' }),
  description: keyOf({ ns: caldav, name: 'calendar-description' }),
  color: keyOf({ ns: apple, name: 'calendar-color' }),
  zone: keyOf({ ns: caldav, name: 'calendar-timezone' }),
}
const ofCalendar: ReadonlySet<string> = new Set(Object.values(keys))
export const isField = (key: string): boolean => ofCalendar.has(key)

/** What a wish means for the calendar itself; null: it cannot be. Programs write colours with their opacity (`#FF2968FF`). */
export function fieldOf({ key, element, isRemoved }: Wish): Fields | null {
  const text = isRemoved ? '' : textOf(element)
  if (key === keys.description) return text.length <= 2000 ? { description: text } : null
  if (key === keys.name) {
    const name = text.replaceAll(/\p{Cc}+/gu, ' ').trim()
    return name !== '' && name.length <= 200 ? { name } : null
  }
  if (isRemoved) return {}
  if (key === keys.color) {
    const color = /^#([0-9a-f]{6})(?:[0-9a-f]{2})?$/i.exec(text)?.[1]
    return color ? { color: `#${color.toLowerCase()}` } : null
  }
  const zone = zoneIn(text)
  // A zone that nobody knows leaves the one that there is.
  return zone === null ? {} : { time_zone: zone }
}

/** The IANA zone of a VCALENDAR with one VTIMEZONE. */
function zoneIn(text: string): string | null {
  const [calendar] = componentsOf(text.split(/\r?\n/)).components
  const tzid = calendar?.components
    .find(({ name }) => name === 'VTIMEZONE')
    ?.lines.map(propertyOf)
    .find((one) => one?.name === 'TZID')?.text
  return calendar && tzid !== undefined ? (zoneFinder(calendar, () => undefined)(tzid, 2026)?.id ?? null) : null
}

/** What a wish leaves among a person's own properties: XML, null where it takes one away; undefined: it cannot be kept. */
export function ownValueOf({ key, element, isRemoved }: Wish): string | null | undefined {
  if (isProtected(key)) return undefined
  if (isRemoved) return null
  const value = contentOf(element)
  return value.length <= most.length ? value : undefined
}

const contentOf = (element: Element): string => {
  const whole = written({ ns: dav, name: 'x', attributes: {}, content: element.content })
  return whole === '<D:x/>' ? '' : whole.slice('<D:x>'.length, -'</D:x>'.length)
}

/** May a calendar be made that holds what is asked for? Lists of tasks alone may not. */
export const isComponentSetSupported = (root: Element): boolean => {
  const wish = wishesOf(root).find(({ key }) => key === keyOf({ ns: caldav, name: 'supported-calendar-component-set' }))
  const comps = wish
    ? children(wish.element, caldav, 'comp').map(({ attributes }) => attributes['name']?.toUpperCase())
    : []
  return comps.length === 0 || comps.includes('VEVENT')
}
