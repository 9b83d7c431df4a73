import { createHash, randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { AppError, notFound, rateLimited } from '../../../platform/errors.ts'
import { icalendarOf, textValue } from '../../../platform/icalendar.ts'
import { networkOf } from '../../../platform/limits.ts'
import { roomNames } from '../../rooms/index.ts'
import { standingOf, type Standing } from '../policy.ts'
import { overridesOf, type EventRow } from '../queries/events.ts'
import { answersOf, ownAnswers, participantsOf } from '../queries/participants.ts'
import { isOpaque, roomsOf, type Whole } from '../rules/wanted.ts'
import { isGuest, requireCalendar, seeEvent } from '../service/access.ts'
import { wholeOf } from '../service/whole.ts'
import { contactsOf, findFeed, selectForFile, setFeed } from './queries.ts'
import { calendarLines, forGuests, type Names, type Shown } from './write.ts'

/** Calendars and events as files, and the feed of a calendar. */

const portion = 500
/** More events than these no client takes as one file. */
const mostEvents = 50_000
const mostOfFeed = 10_000
/** A feed goes back this far. */
const feedDays = 366

const tooMany = (): AppError => new AppError('PAYLOAD_TOO_LARGE', 'The calendar has too many events for one file')

/** A calendar as who asks may see it. @throws NOT_FOUND for a stranger, PERMISSION_DENIED for who sees only free and busy times */
export async function exportCalendar(ctx: Context, id: string): Promise<string> {
  const calendar = await requireCalendar(ctx, id, 'read')
  const { level } = calendar
  const { userId } = actorOf(ctx)
  const shown = await shownOf(ctx, id, { since: null, most: mostEvents }, async (events) => {
    const takingPart = new Set(
      (
        await ownAnswers(
          ctx,
          userId,
          events.map((event) => event.id),
        )
      ).map((row) => row.event_id),
    )
    return (event) => standingOf(event, { userId, level, isParticipant: takingPart.has(event.id) })
  })
  const guest = level === 2 && (await isGuest(ctx, { standing: 'read', calendar, isParticipant: false }))
  const takesPart = ({ event, participants }: Whole): boolean =>
    event.organizer_id === userId || participants.some((one) => one.user_id === userId)
  const fit = ({ whole, isBusy }: Shown): Shown => ({ whole: takesPart(whole) ? whole : forGuests(whole), isBusy })
  return fileOf(ctx, guest ? shown.map(fit) : shown)
}

/** One event, with its series and all that differs from it. @throws NOT_FOUND for a stranger */
export async function exportEvent(ctx: Context, id: string): Promise<string> {
  const seen = await seeEvent(ctx, id, 'busy')
  const whole = await wholeOf(ctx, seen.event)
  return fileOf(ctx, [
    { whole: (await isGuest(ctx, seen)) ? forGuests(whole) : whole, isBusy: seen.standing === 'busy' },
  ])
}

type StandingOf = (event: EventRow) => Standing

async function shownOf(
  ctx: Context,
  calendarId: string,
  { since, most }: { since: Temporal.Instant | null; most: number },
  standings: (events: readonly EventRow[]) => Promise<StandingOf>,
): Promise<Shown[]> {
  const shown: Shown[] = []
  for (let after: string | null = null; ;) {
    const events: EventRow[] = await selectForFile(ctx, calendarId, { after, since, limit: portion })
    const ids = events.map((event) => event.id)
    const standing = await standings(events)
    const overrides = await overridesOf(ctx, ids)
    const participants = await participantsOf(ctx, ids)
    const answers = await answersOf(ctx, ids)
    for (const event of events) {
      const whole: Whole = {
        event,
        overrides: overrides.get(event.id) ?? [],
        participants: participants.get(event.id) ?? [],
        answers: answers.get(event.id) ?? [],
      }
      const how = standing(event)
      // Of what takes nobody's time there is nothing to show but what it is.
      const takesTime = event.status !== 'cancelled' && isOpaque(event, null)
      if (how !== 'none' && (how !== 'busy' || takesTime)) shown.push({ whole, isBusy: how === 'busy' })
    }
    if (shown.length > most) throw tooMany()
    if (events.length < portion) return shown
    after = events.at(-1)!.uid
    await setImmediate()
  }
}

async function fileOf(ctx: Context, shown: readonly Shown[], more: readonly string[] = []): Promise<string> {
  const open = shown.filter(({ isBusy }) => !isBusy).map(({ whole }) => whole)
  const names: Names = {
    people: await contactsOf(ctx, [...new Set(open.map(({ event }) => event.organizer_id))]),
    rooms: await roomNames(ctx, [...new Set(open.flatMap(roomsOf))]),
  }
  return icalendarOf(calendarLines(shown, names, more))
}

const hashOf = (token: string): string => createHash('sha256').update(`feed ${token}`).digest('hex')

/** Makes the secret address of a calendar's feed; an earlier one ends. @throws NOT_FOUND, PERMISSION_DENIED for all but its owner */
export async function renewFeed(ctx: Context, calendarId: string): Promise<{ url: string }> {
  const token = randomBytes(32).toString('base64url')
  await inTransaction(ctx, async (tx) => {
    await requireCalendar(tx, calendarId, 'owner')
    await setFeed(tx, calendarId, hashOf(token))
  })
  return { url: `${ctx.house.config.PUBLIC_URL.replace(/\/$/, '')}/feeds/${token}.ics` }
}

/** Ends the feed of a calendar. @throws as `renewFeed` */
export async function endFeed(ctx: Context, calendarId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await requireCalendar(tx, calendarId, 'owner')
    await setFeed(tx, calendarId, null)
  })
}

/** So often a minute one feed is answered, and so many guesses of one address. */
const mostAMinute = { feed: 30, guesses: 60 }

/**
 * The feed of a calendar, by the token of its address: what its owner sees, but of private events of others only when they are; from a year ago on.
 * @throws NOT_FOUND for a token of none, RATE_LIMITED
 */
export async function readFeed(ctx: Context, token: string): Promise<string> {
  const feed = /^[\w-]{43}$/.test(token) ? await findFeed(ctx, hashOf(token)) : undefined
  if (!feed) {
    const address = networkOf(ctx.origin?.address ?? '')
    const waiting = await ctx.house.limits.take(`feed:guesses:${address}`, mostAMinute.guesses, ctx.now)
    throw waiting === null ? notFound('page') : rateLimited(waiting)
  }
  const wait = await ctx.house.limits.take(`feed:${feed.id}`, mostAMinute.feed, ctx.now)
  if (wait !== null) throw rateLimited(wait)
  const since = ctx.now.subtract({ hours: feedDays * 24 })
  const isOthers = (event: EventRow): boolean => event.visibility === 'private' && event.organizer_id !== feed.owner_id
  const shown = await shownOf(
    ctx,
    feed.id,
    { since, most: mostOfFeed },
    async () => (event) => (isOthers(event) ? 'busy' : 'read'),
  )
  return fileOf(ctx, shown, [
    'METHOD:PUBLISH',
    `NAME:${textValue(feed.name)}`,
    `X-WR-CALNAME:${textValue(feed.name)}`,
    ...(feed.description === '' ? [] : [`X-WR-CALDESC:${textValue(feed.description)}`]),
    `X-WR-TIMEZONE:${feed.time_zone}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
  ])
}
