import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { AppError } from '../../../platform/errors.ts'
import type { CalendarRow } from '../queries/calendars.ts'
import { etagOf, findCollection, markOf, nameOfHead, visible } from './objects.ts'
import { deleteTombstones, selectGone, selectHeads, type HeadRow, type Place } from './queries.ts'

/** What has changed in a calendar since a client has seen it (RFC 6578). */

/** What was deleted is remembered so long; who comes later begins anew. */
const rememberedDays = 180

const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
const tokenForm = /^data:,([0-9a-f]{12})-(\d{1,15})-(\d)(?:-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,15}))?$/

/** `asOf`: what was deleted up to here the client never had, or knows of; amidst all that stands there (the first time) it is the end, else the place itself. */
type Known = Place & { asOf: number }

/** A place among the changes of this calendar, as seen with this access: with another one everything looks different, so that the token holds no more. */
const tokenAt = ({ id: calendarId, level }: CalendarRow, { change, id, asOf }: Known): string =>
  `data:,${markOf(calendarId)}-${change}-${level}${id === last ? '' : `-${id}-${asOf}`}`

/** The token of all that stands in a calendar now. */
export const syncToken = (calendar: CalendarRow): string => tokenAt(calendar, endOf(calendar))

const endOf = ({ change }: CalendarRow): Known => ({ change, id: last, asOf: change })

const tokenInvalid = (): AppError =>
  new AppError('PERMISSION_DENIED', 'The synchronization has to begin anew', {
    details: [{ message: 'The synchronization has to begin anew', rule: 'dav:valid-sync-token' }],
  })

function placeOf(calendar: CalendarRow, token: string): Known {
  const [, mark, change, level, id, asOf] = tokenForm.exec(token) ?? []
  const place = { change: Number(change), id: id ?? last, asOf: Number(asOf ?? change) }
  const holds =
    mark === markOf(calendar.id) &&
    Number(level) === calendar.level &&
    place.change <= calendar.change &&
    place.asOf <= calendar.change &&
    place.asOf >= calendar.forgotten
  if (!holds) throw tokenInvalid()
  return place
}

export type Changes = {
  calendar: CalendarRow
  changed: { name: string; etag: string; id: string; isBusy: boolean }[]
  gone: string[]
  token: string
  /** There is more: to be asked for with the token. */
  isTruncated: boolean
}

type Step = Place & ({ row: HeadRow } | { names: string[] })

/**
 * Changes after a token, at most so many; all that stands there without one. Of what was deleted, or can be seen no more, the names.
 * @throws NOT_FOUND; PERMISSION_DENIED with the rule `dav:valid-sync-token` for a token that says nothing, is too old, or was given for another access
 */
export async function changesSince(ctx: Context, name: string, token: string, limit: number): Promise<Changes> {
  // Of one moment: the counter and what it counts.
  return inTransaction(
    ctx,
    async (tx) => {
      const calendar = await findCollection(tx, name)
      const isFirst = token === ''
      const after = isFirst ? undefined : placeOf(calendar, token)
      const rows = await selectHeads(tx, calendar.id, { limit: limit + 1, ...(after ? { after } : {}) })
      const gone = after ? await selectGone(tx, calendar.id, after, limit + 1) : []
      const steps: Step[] = [
        ...rows.map((row): Step => ({ change: row.change, id: row.id, row })),
        ...gone.map((one): Step => {
          const own = `${one.id}.ics`
          const known = calendar.level >= 3 && one.href !== null ? one.href : own
          const isThere = known === own ? one.is_back && (calendar.level < 3 || one.href === null) : one.is_named_again
          return { change: one.change, id: one.id, names: isThere ? [] : [known] }
        }),
      ].toSorted((a, b) => a.change - b.change || (a.id < b.id ? -1 : 1))
      const isTruncated = steps.length > limit
      const taken = steps.slice(0, limit)
      const heads = taken.flatMap((step) => ('row' in step ? [step.row] : []))
      const seen = new Map((await visible(tx, calendar, heads)).map(({ row, standing }) => [row.id, standing]))
      const changed: Changes['changed'] = []
      const names = taken.flatMap((step) => ('names' in step ? step.names : []))
      for (const row of heads) {
        const standing = seen.get(row.id)
        const known = nameOfHead(calendar, row)
        if (standing)
          changed.push({ name: known, etag: etagOf(row, standing), id: row.id, isBusy: standing === 'busy' })
        // It has become private, or takes nobody's time any more.
        else if (!isFirst) names.push(known)
      }
      const { change, id } = taken.at(-1) ?? endOf(calendar)
      const end = isTruncated ? { change, id, asOf: after?.asOf ?? calendar.change } : endOf(calendar)
      return { calendar, changed, gone: [...new Set(names)], token: tokenAt(calendar, end), isTruncated }
    },
    'repeatable read',
  )
}

/** Every night: what was deleted long ago is forgotten. */
export async function forgetDeleted(ctx: Context): Promise<void> {
  await deleteTombstones(ctx, ctx.now.subtract({ hours: rememberedDays * 24 }))
}
