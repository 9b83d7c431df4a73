import { actorOf, type Context } from '../../../platform/context.ts'
import { denied } from '../../../platform/errors.ts'
import { icalendarOf } from '../../../platform/icalendar.ts'
import { busyByEmail, componentsOf, propertyOf, timeOf } from '../../calendars/index.ts'
import * as paths from '../paths.ts'
import { refuse } from '../refuse.ts'
import { linesOf } from '../reports/free-busy.ts'
import { requireOwn } from '../resources.ts'
import { c, documentOf, escaped, href } from '../xml/write.ts'
import { xmlReply, type Call, type Reply } from './call.ts'

const mostAttendees = 50

const emailOf = (raw: string): string =>
  raw
    .replace(/^mailto:/i, '')
    .trim()
    .toLowerCase()

/** POST to the outbox (RFC 6638 5): when colleagues are busy. Of everybody else nothing is told but that they cannot be asked. */
export async function post(ctx: Context, { target, bytes }: Call): Promise<Reply> {
  if (target.kind !== 'collection' || target.collection !== paths.outbox) throw denied('Nothing is posted here')
  requireOwn(ctx, target.user)
  const lines = bytes
    .toString('utf8')
    .replaceAll(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
  const [calendar] = componentsOf(lines).components
  const asked = calendar?.components.find(({ name }) => name === 'VFREEBUSY')
  if (!calendar || !asked) throw refuse('supported-calendar-component')
  const properties = asked.lines.flatMap((line) => propertyOf(line) ?? [])
  const instantOf = (name: string): Temporal.Instant => {
    const time = timeOf(properties.find((one) => one.name === name)?.raw ?? '', undefined, () => null)
    if (time?.form !== 'utc') throw refuse('valid-calendar-data')
    return Temporal.Instant.fromEpochMilliseconds(time.wall * 1000)
  }
  const attendees = properties.filter(({ name }) => name === 'ATTENDEE').slice(0, mostAttendees)
  const organizer = properties.find(({ name }) => name === 'ORGANIZER')
  if (!organizer || emailOf(organizer.raw) !== actorOf(ctx).email.toLowerCase())
    throw denied('You can ask for yourself only')
  const [from, to] = [instantOf('DTSTART'), instantOf('DTEND')]
  const busy = await busyByEmail(
    ctx,
    attendees.map(({ raw }) => emailOf(raw)),
    { from: from.toString(), to: to.toString() },
  )
  const span = { from: from.epochMilliseconds / 1000, to: to.epochMilliseconds / 1000 }
  const uid = properties.filter(({ name }) => name === 'UID').map(({ line }) => line)
  const responses = attendees.map(({ raw, line }) => {
    const recipient = c('recipient', href(raw))
    const stretches = busy.get(emailOf(raw))
    if (!stretches) return c('response', recipient + c('request-status', '3.7;Invalid calendar user'))
    const spans = stretches.map((one) => ({ ...one, isTentative: false }))
    const data = icalendarOf(linesOf(ctx, span, spans, [...uid, organizer.line, line], ['METHOD:REPLY']))
    return c('response', recipient + c('request-status', '2.0;Success') + c('calendar-data', escaped(data)))
  })
  return xmlReply(documentOf(c('schedule-response', responses.join(''))), 200)
}
