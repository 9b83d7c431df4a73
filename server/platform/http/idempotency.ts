import type { Context } from '../context.ts'
import { inSavepoint, inTransaction, type Isolation } from '../db/transaction.ts'
import { AppError, conflict, invalid } from '../errors.ts'

export type Answer = { status: number; body: string | Buffer; etag?: string; replayed?: boolean }

type Keyed = {
  key: string
  method: string
  path: string
  fingerprint: Fingerprint
  isolation: Isolation
  failure: (error: AppError) => string
}

/** Which refusals are no answer to keep: who asks may sign in, wait or come back, and then deserves another one (SPEC section 2). */
const isKept = (error: unknown): error is AppError =>
  error instanceof AppError && error.status !== 401 && error.status !== 429 && error.status < 500

/** What a request asks for: the hash that is kept, and whether a kept one is of the same. */
export type Fingerprint = { hash: string; isOf: (kept: string) => boolean }

/**
 * What a request asks for, as one keyed hash: the same key with another one is a mistake of the client. Keyed, since a body may hold a password that a plain hash
 * would let a thief of the table guess; what was kept before SECRET_KEY was changed is known again.
 */
export function fingerprintOf({ house: { secrets } }: Context, query: string, body: unknown): Fingerprint {
  const asked = `${query}\0${JSON.stringify(body ?? null)}`
  return { hash: secrets.hmac('idempotency', asked), isOf: (kept) => secrets.verifies('idempotency', asked, kept) }
}

/** @throws VALIDATION_ERROR when the header is no sensible key. */
export function checkKey(key: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw invalid('Idempotency-Key', 'This must have 1 to 255 visible ASCII characters')
  return key
}

/**
 * Gives the same answer to the same key for 24 hours, also after a crash and also when two arrive at once: the key, the work and its serialized answer are one
 * transaction, and a second request waits at the key's unique index until the first one has ended.
 * @throws CONFLICT when the key was used for something else.
 */
export async function withIdempotency(
  ctx: Context,
  keyed: Keyed,
  work: (ctx: Context) => Promise<Answer>,
): Promise<Answer> {
  const actor = keyOwner(ctx)
  return inTransaction(
    ctx,
    async (tx) => {
      const row = await reserve(tx, actor, keyed)
      if (row) return { status: row.status ?? 500, body: row.body ?? '', replayed: true }
      let answer: Answer
      try {
        answer = await inSavepoint(tx, work)
      } catch (error) {
        if (!isKept(error)) throw error
        answer = { status: error.status, body: keyed.failure(error) }
      }
      await keep(tx, actor, keyed, answer)
      return answer
    },
    keyed.isolation,
  )
}

/**
 * The same promise for work that calls an outside service and so cannot be one transaction: the key is reserved in one short transaction and its answer kept in
 * another. Who comes while the first is under way, or after it crashed, does the work again, which the work itself makes harmless by its `wish`; the answer that
 * was kept first is everybody's.
 * @throws CONFLICT when the key was used for something else.
 */
export async function withBusinessKey(
  ctx: Context,
  keyed: Keyed,
  work: (ctx: Context) => Promise<Answer>,
): Promise<Answer> {
  const actor = keyOwner(ctx)
  const kept = await inTransaction(ctx, (tx) => reserve(tx, actor, keyed))
  if (kept && kept.status !== null) return { status: kept.status, body: kept.body ?? '', replayed: true }
  let answer: Answer
  try {
    answer = await work(ctx)
  } catch (error) {
    if (!isKept(error)) throw error
    answer = { status: error.status, body: keyed.failure(error) }
  }
  return (await keep(ctx, actor, keyed, answer)) ?? answer
}

const keyOwner = (ctx: Context): string =>
  ctx.actor ? `user:${ctx.actor.userId}` : `address:${ctx.origin?.address ?? ''}`

/** Takes the key; answers undefined when it is new, else what is kept of it. @throws CONFLICT when it was used for something else. */
async function reserve(
  ctx: Context,
  actor: string,
  { key, method, path, fingerprint }: Keyed,
): Promise<{ status: number | null; body: string | null } | undefined> {
  const reserved = await ctx.db
    .insertInto('idempotency_keys')
    .values({ actor, method, path, key, request_hash: fingerprint.hash, created_at: ctx.now })
    .onConflict((on) =>
      on
        .columns(['actor', 'method', 'path', 'key'])
        .doUpdateSet({ request_hash: fingerprint.hash, status: null, body: null, created_at: ctx.now })
        .where('idempotency_keys.created_at', '<', ctx.now.subtract({ hours: 24 })),
    )
    .returning('key')
    .executeTakeFirst()
  if (reserved) return undefined
  const kept = await rowOf(ctx, actor, { key, method, path })
  if (!fingerprint.isOf(kept.request_hash)) throw conflict('This Idempotency-Key was used for another request')
  return kept
}

const rowOf = (ctx: Context, actor: string, { key, method, path }: Pick<Keyed, 'key' | 'method' | 'path'>) =>
  ctx.db
    .selectFrom('idempotency_keys')
    .where('actor', '=', actor)
    .where('method', '=', method)
    .where('path', '=', path)
    .where('key', '=', key)
    .select(['request_hash', 'status', 'body'])
    .executeTakeFirstOrThrow()

/** Keeps the answer of a key unless one is kept already, which is then answered. */
async function keep(ctx: Context, actor: string, keyed: Keyed, answer: Answer): Promise<Answer | undefined> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('idempotency_keys')
    .set({ status: answer.status, body: answer.body.toString() })
    .where('actor', '=', actor)
    .where('method', '=', keyed.method)
    .where('path', '=', keyed.path)
    .where('key', '=', keyed.key)
    .where('status', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return undefined
  const kept = await rowOf(ctx, actor, keyed)
  return { status: kept.status ?? 500, body: kept.body ?? '', replayed: true }
}

/** Forgets keys older than 24 hours; part of the nightly clean-up. */
export async function forgetOldKeys(ctx: Context): Promise<void> {
  await ctx.db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', ctx.now.subtract({ hours: 24 }))
    .execute()
}
