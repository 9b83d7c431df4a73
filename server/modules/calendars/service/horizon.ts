import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { addClaims } from '../../scheduling/index.ts'
import { nextChange } from '../queries/calendars.ts'
import { lockEvent, nextToExtend, setChange, setClaimedUntil, touchEvent } from '../queries/events.ts'
import { lockHorizon, moveHorizon, readHorizon } from '../queries/horizon.ts'
import { horizonOf } from '../rules/horizon.ts'
import { toInstant, toSecond } from '../rules/moments.ts'
import { wantsOf, type Stretch, type Wants, type Whole } from '../rules/wanted.ts'
import { claimedUntil, claimsOf, reachOf, takeTime, type Refusal } from './claims.ts'
import { notices, tell } from './notices.ts'
import { closedStretches, forgetLostRooms, giveRooms } from './rooms.ts'
import { wholeOf } from './whole.ts'

/**
 * Moves the horizon of claims on to 18 months from today (SPEC section 5). Every series gets its time up to there first, each in a transaction of its own, in the
 * order of their creation, while everybody else still claims up to the old horizon; only then does the new one hold for all. So an older series never loses a
 * room to a younger one. An occurrence whose room cannot be had goes without, and the organizer is told. Safe to repeat.
 */
export async function extendHorizon(ctx: Context): Promise<void> {
  const target = horizonOf(ctx.now)
  const current = await inTransaction(ctx, (tx) => readHorizon(tx, target))
  if (Temporal.Instant.compare(current, target) >= 0) return
  let after: { created_at: Temporal.Instant; id: string } | null = null
  for (;;) {
    const next = await nextToExtend(ctx, target, after)
    if (!next) break
    after = next
    await inTransaction(ctx, async (tx) => {
      await readHorizon(tx, target)
      await extend(tx, next.id, { current, target })
    })
  }
  await inTransaction(ctx, async (tx) => {
    await lockHorizon(tx)
    // What was made or changed meanwhile, up to the old horizon. Nobody else writes now.
    for (let last: typeof after = null; ;) {
      const next = await nextToExtend(tx, target, last)
      if (!next) break
      last = next
      await extend(tx, next.id, { current, target })
    }
    await moveHorizon(tx, target)
  })
}

async function extend(
  ctx: Context,
  id: string,
  { current, target }: { current: Temporal.Instant; target: Temporal.Instant },
): Promise<void> {
  const event = await lockEvent(ctx, id)
  const from = event?.claimed_until
  if (!event || !from || Temporal.Instant.compare(from, target) >= 0) return
  const whole = await wholeOf(ctx, event)
  const lost: { start: Temporal.Instant }[] = []
  if (Temporal.Instant.compare(from, current) < 0) {
    // So many occurrences that they are claimed a number at a time, from now on.
    lost.push(...(await takeTime(ctx, [whole], { until: target, policy: 'skip' })).roomChanges)
  } else lost.push(...(await claimNew(ctx, whole, from, target)))
  if (lost.length === 0) return
  await touchEvent(ctx, id)
  await setChange(ctx, id, await nextChange(ctx, event.calendar_id))
  await ctx.house.jobs.publish(ctx, 'event.changed', { event_id: id, calendar_id: event.calendar_id })
  const params = { count: lost.length, at: lost[0]!.start.toString() }
  await tell(ctx, whole, notices.roomLost, [event.organizer_id], params)
}

/** Claims what starts between the old horizon and the new one; answers the occurrences that go without their room. */
async function claimNew(
  ctx: Context,
  whole: Whole,
  from: Temporal.Instant,
  target: Temporal.Instant,
): Promise<{ start: Temporal.Instant }[]> {
  const lost: { start: Temporal.Instant }[] = []
  const span = { from: toSecond(from), to: toSecond(target) }
  const reach = await reachOf(ctx, [whole])
  lost.push(...(await forgetLostRooms(ctx, whole, reach)).map(() => ({ start: from })))
  for (;;) {
    const wants = startingIn(wantsOf(whole, { ...span, ...reach }), span.from)
    const refusals: Refusal[] = await closedStretches(ctx, whole, wants, reach)
    if (refusals.length === 0) {
      const refused = await addClaims(ctx, 'event', { sourceId: whole.event.id, claims: claimsOf(wants, reach) })
      for (const { claim } of refused)
        for (const [roomId, stretches] of wants.rooms)
          for (const stretch of stretches)
            if (reach.rooms.get(roomId)?.resourceId === claim.resourceId && toInstant(stretch.from).equals(claim.from))
              refusals.push({ ...stretch, eventId: whole.event.id, roomId, rule: 'room_taken' })
    }
    if (refusals.length === 0) {
      await setClaimedUntil(ctx, whole.event.id, claimedUntil(whole, wants.until, target))
      return lost
    }
    lost.push(...(await giveRooms(ctx, [whole], refusals, { policy: 'skip', candidates: [], reach })))
  }
}

/** Without what started before: it has its claims. */
function startingIn(wants: Wants, from: number): Wants {
  const only = <K>(all: Map<K, Stretch[]>): Map<K, Stretch[]> =>
    new Map([...all].map(([key, stretches]) => [key, stretches.filter((one) => one.from >= from)]))
  return { persons: only(wants.persons), rooms: only(wants.rooms), until: wants.until }
}
