import { actorOf, type Context } from '../../../platform/context.ts'
import { AppError, denied } from '../../../platform/errors.ts'
import type { Draft } from '../ics/draft.ts'
import { timing } from '../ics/same.ts'
import type { EventRow } from '../queries/events.ts'
import type { AnswerStatus } from '../queries/participants.ts'
import { nameOf } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import { respond } from '../service/participants.ts'

/** Who is invited puts the event back with their own PARTSTAT, to all of it or to single occurrences (RFC 6638 3.2.2); nothing else of it is theirs to change. */

/** @throws PERMISSION_DENIED for who is not invited, and for a file that changes more than their own answer */
export async function answerByFile(ctx: Context, whole: Whole, draft: Draft): Promise<void> {
  const { userId, email } = actorOf(ctx)
  const { event } = whole
  const mine = whole.participants.find((one) => one.user_id === userId)
  if (!mine) throw denied('Your access to this calendar does not allow this')
  const { fields } = draft
  const isOtherwise =
    JSON.stringify(timing(fields)) !== JSON.stringify(timing(event)) ||
    fields.title !== event.title ||
    fields.status !== event.status
  if (isOtherwise) {
    const message = 'Of an invitation only your own answer is yours to change'
    throw new AppError('PERMISSION_DENIED', message, {
      details: [{ message, rule: 'dav:allowed-attendee-scheduling-object-change' }],
    })
  }
  const own = (one: { email: string }): boolean => one.email.toLowerCase() === email.toLowerCase()
  const said = draft.attendees.find(own)?.status ?? mine.status
  const single = new Map(draft.answers.filter(own).map(({ point, status }) => [point, status]))
  const before = new Map(whole.answers.filter((one) => one.user_id === userId).map((one) => [one.point, one.status]))
  if (said !== mine.status) {
    await answer(ctx, event.id, said)
    // An answer to all takes those to single occurrences back.
    before.clear()
  }
  for (const point of new Set([...single.keys(), ...before.keys()])) {
    const status = single.get(point) ?? said
    if (status !== (before.get(point) ?? said)) await answer(ctx, event.id, status, nameOf(event.kind, point))
  }
}

async function answer(ctx: Context, id: string, status: AnswerStatus, occurrence?: string): Promise<void> {
  await respond(ctx, id, { status, ...(occurrence === undefined ? {} : { occurrence }) })
}

/** Whoever deletes an invitation will not come (RFC 6638 3.2.2.3). */
export const declineAll = (ctx: Context, { id }: EventRow): Promise<void> => answer(ctx, id, 'declined')
