import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, LooksDisagree, violates } from '../../../platform/db/transaction.ts'
import { AppError, denied, notFound } from '../../../platform/errors.ts'
import type { Draft } from '../ics/draft.ts'
import { findEvent, lockEvent } from '../queries/events.ts'
import { horizon } from '../service/claims.ts'
import { dropEvent } from '../service/remove.ts'
import { wholeOf } from '../service/whole.ts'
import { answerByFile, declineAll } from './answer.ts'
import { readObjectFile } from './object-file.ts'
import { findCollection, findObjects, type Collection, type Head } from './objects.ts'
import { changeObject, createObject, uidConflict } from './write.ts'

/** Putting and deleting objects: a file in the place of an event, through the same doors as the API: claims, rooms, notices, all in one transaction. */

/** If-Match and If-None-Match as they came (RFC 9110 13.1). */
export type Conditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }

const changedMeanwhile = (): AppError => new AppError('PRECONDITION_FAILED', 'It has changed meanwhile')

const includes = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

/** @throws PRECONDITION_FAILED */
export function requireConditions({ ifMatch, ifNoneMatch }: Conditions, head: Head | undefined): void {
  if (ifMatch !== undefined && !(head && includes(ifMatch, head.etag))) throw changedMeanwhile()
  if (ifNoneMatch !== undefined && head && includes(ifNoneMatch, head.etag)) throw changedMeanwhile()
}

async function collectionOf(ctx: Context, name: string | null): Promise<Collection> {
  return name === null ? 'invitations' : findCollection(ctx, name)
}

/** The object of this name as it is now, its row locked until the transaction ends. */
async function lockObject(ctx: Context, collection: Collection, name: string): Promise<Head | undefined> {
  const [known] = await findObjects(ctx, collection, [name])
  if (!known) return undefined
  await lockEvent(ctx, known.id)
  // It may have been changed, moved or deleted while we waited.
  const [head] = await findObjects(ctx, collection, [name])
  return head
}

/**
 * Puts an event under a name: a new one, or in the place of the one that is there. Who is only invited changes nothing by it but their own answer.
 * @param calendar the name of the calendar; null: the invitations
 * @throws NOT_FOUND for a calendar of others; PERMISSION_DENIED for one that is only read, and with a rule `dav:…` for what cannot be kept;
 * PRECONDITION_FAILED; CONFLICT with a detail for each occurrence whose room cannot be had
 */
export async function putObject(
  ctx: Context,
  calendar: string | null,
  name: string,
  bytes: Buffer,
  conditions: Conditions,
): Promise<{ isNew: boolean }> {
  const draft = await readObjectFile(bytes)
  try {
    // Where another device was a moment earlier, the transaction looks once more by itself, and sees its event.
    return await putDraft(ctx, calendar, name, draft, conditions)
  } catch (error) {
    throw isTaken(error) ? changedMeanwhile() : error
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof LooksDisagree || violates(error, 'events_href_once') || violates(error, 'events_uid_once')

async function putDraft(
  ctx: Context,
  calendar: string | null,
  name: string,
  draft: Draft,
  conditions: Conditions,
): Promise<{ isNew: boolean }> {
  return inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const collection = await collectionOf(tx, calendar)
    const head = await lockObject(tx, collection, name)
    requireConditions(conditions, head)
    const mayWrite = collection !== 'invitations' && collection.level >= 3
    if (!head) {
      if (!mayWrite) throw denied('Your access to this calendar does not allow this')
      await createObject(tx, collection, name, draft, until)
      return { isNew: true }
    }
    const event = (await findEvent(tx, head.id))!
    if (draft.fields.uid !== event.uid) throw uidConflict()
    const whole = await wholeOf(tx, event)
    if (mayWrite || event.organizer_id === actorOf(tx).userId) await changeObject(tx, whole, draft, until)
    else await answerByFile(tx, whole, draft)
    return { isNew: false }
  })
}

/**
 * Deletes the event of this name; of the invitations it declines. @throws NOT_FOUND, PERMISSION_DENIED for who only reads, PRECONDITION_FAILED
 */
export async function deleteObject(
  ctx: Context,
  calendar: string | null,
  name: string,
  conditions: Conditions,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await horizon(tx)
    const collection = await collectionOf(tx, calendar)
    const head = await lockObject(tx, collection, name)
    if (!head) throw notFound('event')
    requireConditions(conditions, head)
    const event = (await findEvent(tx, head.id))!
    if (collection === 'invitations') return declineAll(tx, event)
    const mayWrite = collection.level >= 3 || event.organizer_id === actorOf(tx).userId
    if (!mayWrite) throw denied('Your access to this calendar does not allow this')
    await dropEvent(tx, event)
  })
}
