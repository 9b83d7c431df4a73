import { AppError } from '../../../platform/errors.ts'
import { otherwise, type Draft } from '../ics/draft.ts'
import { readFile, zoneUnknown } from '../ics/file.ts'
import { componentsOf, linesOf, type Component } from '../ics/lines.ts'
import { propertyOf } from '../ics/properties.ts'
import { lossy, unread } from '../ics/read.ts'

/** One calendar object resource (RFC 4791 4.1): a file as clients put it, read without lenience: what could not be kept whole is refused, not mended. */

/** Preconditions of RFC 4791 5.3.2.1, and sentences for who reads answers. */
const sentences = {
  'valid-calendar-data': 'This is not a calendar file that can be read',
  'valid-calendar-object-resource': 'This is not one event with its occurrences',
  'supported-calendar-component': 'Only events can be kept',
  'max-resource-size': 'The event is larger than can be kept',
}
type Condition = keyof typeof sentences

export const refusedFor = (condition: Condition): AppError =>
  new AppError('PERMISSION_DENIED', sentences[condition], {
    details: [{ message: sentences[condition], rule: `dav:${condition}` }],
  })

/** What an import tells and passes over. */
const mistaken: ReadonlySet<string> = new Set([...unread, ...otherwise, zoneUnknown])

const uidsOf = (component: Component): string[] =>
  component.lines.flatMap((line) => {
    const property = propertyOf(line)
    return property?.name === 'UID' ? [property.text.trim()] : []
  })

/** Reads the file of one event. @throws PERMISSION_DENIED with the precondition that it breaks as the rule of its detail */
export async function readObjectFile(bytes: Buffer): Promise<Draft> {
  const lines = linesOf(bytes)
  const isWhole =
    /^BEGIN:VCALENDAR$/i.test(lines[0]?.trim() ?? '') && /^END:VCALENDAR$/i.test(lines.at(-1)?.trim() ?? '')
  const calendars = componentsOf(lines).components
  const [calendar] = calendars
  if (!isWhole || !calendar) throw refusedFor('valid-calendar-data')
  if (calendars.length > 1) throw refusedFor('valid-calendar-object-resource')
  if (calendar.lines.some((line) => propertyOf(line)?.name === 'METHOD'))
    throw refusedFor('valid-calendar-object-resource')
  const events = calendar.components.filter(({ name }) => name === 'VEVENT')
  const others = calendar.components.filter(({ name }) => name !== 'VEVENT' && name !== 'VTIMEZONE')
  if (others.length > 0)
    throw refusedFor(events.length > 0 ? 'valid-calendar-object-resource' : 'supported-calendar-component')
  const uids = new Set(events.flatMap(uidsOf))
  if (events.length === 0 || uids.size !== 1 || uids.has('') || events.some((event) => uidsOf(event).length !== 1))
    throw refusedFor('valid-calendar-object-resource')
  const { drafts, skipped, notes } = await readFile(bytes)
  const [draft] = drafts
  const isUnread = notes.some(({ reason }) => mistaken.has(reason))
  if (!draft || skipped.length > 0 || isUnread) throw refusedFor('valid-calendar-data')
  if (notes.some(({ reason }) => lossy.has(reason))) throw refusedFor('max-resource-size')
  return draft
}
