import { createHmac, randomBytes } from 'node:crypto'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalid, type AppError } from '../../../platform/errors.ts'
import type { House } from '../../../platform/house.ts'
import type { Locale } from '../../../platform/i18n/index.ts'
import {
  countCodes,
  countTry,
  insertCode,
  lockCode,
  lockOpenCodes,
  markUsed,
  type CodeRow,
  type Purpose,
} from '../queries/codes.ts'

/** SPEC section 3: codes live 15 minutes, allow 5 tries, and an account gets at most 5 an hour. */
export const codeMinutes = 15
const mostTries = 5
const mostAnHour = 5

export type { CodeRow, Purpose } from '../queries/codes.ts'

const codeUnder = (key: Buffer, nonce: string): string => {
  const number = createHmac('sha256', key).update(nonce).digest().readUIntBE(0, 6) % 1_000_000
  return String(number).padStart(6, '0')
}

const hashOf = (nonce: string, code: string): string => `${nonce}:${code}`

/** The code of a row, made anew from its nonce: it stands nowhere, neither in the row nor in a job. After a change of SECRET_KEY the key is the one under which the row's hash was made. */
export function codeOf({ secrets }: House, { nonce, code_hash }: Pick<CodeRow, 'nonce' | 'code_hash'>): string {
  for (const key of secrets.keys('codes')) {
    const code = codeUnder(key, nonce)
    if (secrets.verifies('code hashes', hashOf(nonce, code), code_hash)) return code
  }
  throw new Error('the code was made under a SECRET_KEY that is gone')
}

/**
 * The token of a row's link: letters and digits only, beginning with a letter, so that no mail program breaks the link and no part of it looks like a code.
 */
export const tokenOf = (
  { secrets }: House,
  { id, purpose, nonce }: Pick<CodeRow, 'id' | 'purpose' | 'nonce'>,
): string => `c${id}x${secrets.hmac('mail links', `${purpose}:${nonce}`)}`

/** The row of a link's token, locked, whatever its state; null for a token that is not ours or not for this. */
export async function lockByToken(ctx: Context, token: string, purposes: readonly Purpose[]): Promise<CodeRow | null> {
  const parts = /^c(\d{1,15})x([0-9a-f]{64})$/.exec(token)
  if (!parts) return null
  const row = await lockCode(ctx, Number(parts[1]))
  const isOurs = row !== undefined && ctx.house.secrets.verifies('mail links', `${row.purpose}:${row.nonce}`, parts[2]!)
  return isOurs && purposes.includes(row.purpose as Purpose) ? row : null
}

/**
 * Makes a code for an account that is locked, and mails it after the commit. Answers its id, or null when the account had its five of this hour.
 * The job is given the id, never the code.
 */
export async function issueCode(
  ctx: Context,
  {
    userId,
    purpose,
    email,
    locale,
  }: { userId: number; purpose: Exclude<Purpose, 'email_change_undo'>; email: string; locale: Locale },
): Promise<number | null> {
  if ((await countCodes(ctx, userId, ctx.now.subtract({ hours: 1 }))) >= mostAnHour) return null
  const { secrets } = ctx.house
  const nonce = randomBytes(16).toString('hex')
  const codeHash = secrets.hmac('code hashes', hashOf(nonce, codeUnder(secrets.key('codes'), nonce)))
  const expiresAt = ctx.now.add({ minutes: codeMinutes })
  const id = await insertCode(ctx, { userId, purpose, email, nonce, codeHash, expiresAt })
  await ctx.house.jobs.enqueue(ctx, 'accounts.mail_code', { code_id: id, locale })
  return id
}

/** Makes a link that takes a change of e-mail back, and mails it to the old address after the commit. */
export async function issueUndoLink(
  ctx: Context,
  { userId, email, expiresAt, locale }: { userId: number; email: string; expiresAt: Temporal.Instant; locale: Locale },
): Promise<void> {
  const nonce = randomBytes(16).toString('hex')
  const id = await insertCode(ctx, { userId, purpose: 'email_change_undo', email, nonce, codeHash: '', expiresAt })
  await ctx.house.jobs.enqueue(ctx, 'accounts.mail_code', { code_id: id, locale })
}

/**
 * Takes a code in one transaction with what it allows: `work` is given the code's row and may still refuse by answering null. A wrong code is a try of every
 * open code of the e-mail, and stays counted.
 * @throws VALIDATION_ERROR for a code that is wrong, used, expired or tried five times.
 */
export async function withCode<T>(
  ctx: Context,
  email: string,
  purposes: readonly Purpose[],
  given: string,
  work: (ctx: Context, row: CodeRow) => Promise<T | null>,
): Promise<T> {
  const code = given.replace(/\s+/g, '')
  const done = await inTransaction(ctx, async (tx) => {
    const open = await lockOpenCodes(tx, email, purposes, mostTries)
    const right = open.find((row) => tx.house.secrets.verifies('code hashes', hashOf(row.nonce, code), row.code_hash))
    if (!right) {
      await countTry(
        tx,
        open.map(({ id }) => id),
      )
      return null
    }
    await markUsed(tx, right.id)
    return work(tx, right)
  })
  // Thrown outside the transaction, so that the try stays counted.
  if (done === null) throw wrongCode()
  return done
}

export const wrongCode = (): AppError => invalid('code', 'The code is wrong or has expired', 'code')
export const wrongLink = (): AppError => invalid('token', 'The link is wrong or has expired', 'token')
