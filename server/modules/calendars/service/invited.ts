import { actorOf, type Context } from '../../../platform/context.ts'
import { invalid, invalidAll, type Detail } from '../../../platform/errors.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { selectColleagueFacts } from '../queries/calendars.ts'
import type { NewParticipant } from '../queries/participants.ts'
import type { ParticipantInput } from '../schema/events.ts'

/**
 * Whom a client names as participants: colleagues by id or address; anybody else by an address, which stays one: whether it belongs to an account is nobody's
 * to know, and nobody is made busy by strangers.
 * @throws VALIDATION_ERROR for an id that is no colleague's, or neither id nor address
 */
export async function participantsFrom(ctx: Context, given: readonly ParticipantInput[]): Promise<NewParticipant[]> {
  if (given.length === 0) return []
  const { userId } = actorOf(ctx)
  const ids = given.flatMap((one) => one.user_id ?? [])
  const emails = given.flatMap((one) => (one.user_id === undefined && one.email ? [one.email.toLowerCase()] : []))
  const colleagues = await selectColleagueFacts(ctx, userId, { ids, emails })
  const byId = new Map(colleagues.map((one) => [one.id, one]))
  const byEmail = new Map(colleagues.map((one) => [one.email_key, one]))
  const details: Detail[] = []
  const found = new Map<string, NewParticipant>()
  for (const [i, one] of given.entries()) {
    const role = one.role ?? 'required'
    const key = one.email?.toLowerCase()
    const colleague = one.user_id === undefined ? byEmail.get(key ?? '') : byId.get(one.user_id)
    if (one.user_id === undefined && key === undefined)
      details.push({ field: `participants.${i}`, rule: 'required', message: 'Name a person or an e-mail address' })
    else if (one.user_id !== undefined && !colleague)
      details.push({ field: `participants.${i}.user_id`, rule: 'unknown', message: 'This is not a colleague' })
    else if (colleague)
      found.set(`user ${colleague.id}`, {
        id: uuid7(ctx.now),
        user_id: colleague.id,
        email: null,
        email_key: null,
        name: '',
        role,
      })
    else
      found.set(`mail ${key}`, {
        id: uuid7(ctx.now),
        user_id: null,
        email: one.email!,
        email_key: key!,
        name: one.name ?? '',
        role,
      })
  }
  if (details.length > 0)
    throw details.length === 1
      ? invalid(details[0]!.field!, details[0]!.message, details[0]!.rule)
      : invalidAll(details)
  return [...found.values()]
}
