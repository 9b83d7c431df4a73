import type { Context } from '../../../platform/context.ts'
import { AppError, denied } from '../../../platform/errors.ts'
import { putObject } from '../../calendars/index.ts'
import * as paths from '../paths.ts'
import { mostBytesOfObject } from '../properties.ts'
import { refuse } from '../refuse.ts'
import { requireOwn } from '../resources.ts'
import type { Call, Reply } from './call.ts'

const nameForm = /^(?!\.{1,2}$)[^\p{Cc}/]{1,255}$/u

/**
 * PUT (RFC 4791 5.3.2): an event under the name that the client chose, or in the place of the one that is there. No tag is answered, since what we keep is not
 * the same to the letter (5.3.4): clients read it once again.
 */
export async function put(ctx: Context, { target, header, bytes }: Call): Promise<Reply> {
  if (target.kind !== 'object') throw denied('Only events are put here')
  const userId = requireOwn(ctx, target.user)
  if (!nameForm.test(target.name)) throw denied('This name cannot be kept')
  const type = header('content-type') ?? 'text/calendar'
  if (!/^text\/calendar\b/i.test(type)) throw refuse('supported-calendar-data')
  if (bytes.length > mostBytesOfObject) throw refuse('max-resource-size')
  const calendar = target.collection === paths.invitations ? null : target.collection
  const conditions = { ifMatch: header('if-match'), ifNoneMatch: header('if-none-match') }
  try {
    const { isNew } = await putObject(ctx, calendar, target.name, bytes, conditions)
    return { status: isNew ? 201 : 204 }
  } catch (error) {
    throw asCondition(ctx, userId, target.collection, error)
  }
}

/** What says where another event of this UID stands, says it as an address; what is wrong with an event, as the precondition that it breaks. */
function asCondition(ctx: Context, userId: number, collection: string, error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  const { code, message, details = [] } = error
  if (code === 'VALIDATION_ERROR') {
    const [first] = details
    const sentence = first?.message ?? message
    return new AppError('PERMISSION_DENIED', sentence, {
      details: [{ message: sentence, rule: 'dav:valid-calendar-object-resource' }],
    })
  }
  const name = details[0]?.params?.['name']
  if (details[0]?.rule !== 'dav:no-uid-conflict' || typeof name !== 'string') return error
  const path = paths.objectPath(ctx, userId, collection, name)
  return new AppError(code, message, { details: [{ ...details[0], params: { path } }] })
}
