import { createHash } from 'node:crypto'
import { AppError, type Detail } from '../../platform/errors.ts'

/** Facts in, decisions out. */

export type Side = 'a' | 'b'
export const otherSide = (side: Side): Side => (side === 'a' ? 'b' : 'a')

/** A message may be changed for so long; it may be deleted always. */
export const editHours = 24
export const mostText = 4000

/** Somebody who is online is not notified at once, but when a line is still unread after so long. */
export const quietMinutes = 5

/** Two people in the order in which their chat names them. */
export const pairOf = (one: number, other: number): [a: number, b: number] =>
  one < other ? [one, other] : [other, one]

type Wish = { chat_id?: unknown; recipient_id?: unknown; text?: unknown; attachment_ids?: unknown }

/** What is wrong with a message beyond its shape: it goes to exactly one place, and it says something. */
export function problemsOfMessage(body: unknown): Detail[] {
  const { chat_id, recipient_id, text, attachment_ids } = (body ?? {}) as Wish
  const problems: Detail[] = []
  if ((chat_id === undefined) === (recipient_id === undefined))
    problems.push({ field: 'recipient_id', message: 'Name either recipient_id or chat_id', rule: 'one_of' })
  const bears = Array.isArray(attachment_ids) && attachment_ids.length > 0
  if (!bears) problems.push(...problemsOfText(text))
  return problems
}

/** A message without an attachment has words. */
export function problemsOfText(text: unknown): Detail[] {
  if (text === undefined) return [{ field: 'text', message: 'This field is required', rule: 'required' }]
  return typeof text === 'string' && text.trim() === ''
    ? [{ field: 'text', message: 'A message says something', rule: 'empty' }]
    : []
}

/** What a client asked for under its own id, as one text to compare: the same id for something else is a mistake of the client. */
export const wishOf = (chatId: number, text: string, attachmentIds: readonly number[]): string =>
  createHash('sha256')
    .update(JSON.stringify([chatId, text, attachmentIds]))
    .digest('base64url')

/** Why somebody may not write here now. */
export type Standing = { blocks: boolean; blocked: boolean; gone: boolean }

/** @throws PERMISSION_DENIED with the reason as its rule */
export function requireMayWrite({ blocks, blocked, gone }: Standing): void {
  if (gone) throw refusal('This person is not here any more', 'gone')
  if (blocks) throw refusal('You have blocked this person; unblock them to write', 'blocking')
  if (blocked) throw refusal('This person does not take messages from you', 'blocked')
}

/** A refusal whose rule a client can say in its own words. */
export const refusal = (message: string, rule: string): AppError =>
  new AppError('PERMISSION_DENIED', message, { details: [{ message, rule }] })

export type PageOfLines = { page?: number; page_size?: number; before?: number; after?: number }

/**
 * Which lines of a chat a page has, both numbers included, and how many there are in all: lines are numbered without gaps, so a page is a span of numbers and
 * needs no counting, however deep it lies. With `after` the pages go up from there; else down, from `before` or from the newest. Null for a page past the end.
 */
export function spanOf(
  { page = 1, page_size = 20, before, after }: PageOfLines,
  lastSeq: number,
): { from: number; to: number; count: number } | null {
  const low = (after ?? 0) + 1
  const high = Math.min(lastSeq, (before ?? Infinity) - 1)
  const count = Math.max(0, high - low + 1)
  const skipped = (page - 1) * page_size
  if (page > 1 && skipped >= count) return null
  return after === undefined
    ? { from: Math.max(low, high - skipped - page_size + 1), to: high - skipped, count }
    : { from: low + skipped, to: Math.min(high, low + skipped + page_size - 1), count }
}
