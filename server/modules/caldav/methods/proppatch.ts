import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalid } from '../../../platform/errors.ts'
import { updateCalendar } from '../../calendars/index.ts'
import { multistatus, propstat } from '../multistatus.ts'
import { setProperties } from '../queries.ts'
import { resourceAt, type CalendarResource, type Resource } from '../resources.ts'
import { is } from '../xml/read.ts'
import { d, dav, href, tag, type Xml } from '../xml/write.ts'
import { xmlReply, type Call, type Reply } from './call.ts'
import { fieldOf, isField, most, ownValueOf, wishesOf, type Fields, type Wish } from './set.ts'

/**
 * PROPPATCH (RFC 4918 9.2): all of it or nothing. The owner's name, colour, description and zone are the calendar's own; everybody else's, and whatever means
 * nothing to us, such as the order, is kept for the person alone.
 */
export async function proppatch(ctx: Context, { target, xml }: Call): Promise<Reply> {
  const root = xml()
  if (!root || !is(root, dav, 'propertyupdate')) throw invalid('body', 'The body cannot be read')
  const wishes = wishesOf(root)
  const body = await inTransaction(ctx, async (tx) => {
    const resource = await resourceAt(tx, target)
    const refused = await apply(tx, resource, wishes)
    return answer(resource, wishes, refused)
  })
  return xmlReply(body)
}

/** Applies all wishes, or none: then those that cannot be are answered. */
async function apply(ctx: Context, resource: Resource, wishes: readonly Wish[]): Promise<Set<Wish>> {
  if (resource.kind !== 'calendar' || resource.calendar.level < 2) return new Set(wishes)
  const { refused, fields, own } = planOf(resource, wishes)
  if (refused.size > 0) return refused
  const { calendar } = resource
  if (Object.keys(fields).length > 0) await updateCalendar(ctx, calendar.id, fields)
  await setProperties(ctx, actorOf(ctx).userId, calendar.id, own)
  return refused
}

/** What the wishes come to, for a calendar of one's own or of others. */
export function planOf(
  { calendar, own: known }: Pick<CalendarResource, 'calendar' | 'own'>,
  wishes: readonly Wish[],
): { refused: Set<Wish>; fields: Fields; own: Map<string, string | null> } {
  const refused = new Set<Wish>()
  const own = new Map<string, string | null>()
  let fields: Fields = {}
  for (const wish of wishes) {
    if (isField(wish.key) && calendar.level === 4) {
      const field = fieldOf(wish)
      if (field === null) refused.add(wish)
      else fields = { ...fields, ...field }
      continue
    }
    const value = ownValueOf(wish)
    if (value === undefined) refused.add(wish)
    else own.set(wish.key, value)
  }
  const kept = new Set([...known.keys(), ...own.keys()])
  if (kept.size > most.properties) for (const wish of wishes) refused.add(wish)
  return { refused, fields, own }
}

const names = (some: readonly Wish[]): Xml[] => some.map(({ element }) => tag({ ns: element.ns, name: element.name }))

function answer(resource: Resource, wishes: readonly Wish[], refused: ReadonlySet<Wish>): string {
  const others = wishes.filter((wish) => !refused.has(wish))
  const protectedError = d('error', d('cannot-modify-protected-property'))
  const parts =
    refused.size === 0
      ? [propstat(200, names(wishes))]
      : [
          propstat(403, names([...refused]), protectedError),
          ...(others.length > 0 ? [propstat(424, names(others))] : []),
        ]
  return multistatus([d('response', href(resource.path) + parts.join(''))])
}
