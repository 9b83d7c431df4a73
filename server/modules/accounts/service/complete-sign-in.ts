import type { Static } from 'typebox'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { AppError } from '../../../platform/errors.ts'
import {
  countChallengeTry,
  findChallenge,
  keepAccount,
  lockChallenge,
  lockFactor,
  useChallenge,
} from '../queries/two-factor.ts'
import type { CompleteBody } from '../schema/two-factor.ts'
import { beginAttempt } from './attempts.ts'
import { hashChallenge, mostTries } from './challenges.ts'
import { requireOneCode, takeCode, tellByMail } from './second-factor.ts'
import { openSession, type SignedIn } from './sign-in.ts'

/** 401 with a rule by which a client knows whether to ask for the code or for the password again. */
const refused = (message: string, rule: string): AppError =>
  new AppError('AUTHENTICATION_FAILED', message, { details: [{ message, rule }] })

const wrongCode = (): AppError => refused('The code is wrong or has been used', 'two_factor_code')
const ended = (): AppError => refused('This sign-in has ended; give the password again', 'two_factor_challenge')

/**
 * Ends a sign-in that waits for the second factor, with a code of the authenticator or a recovery code. Of the same code, or the same challenge, twice at once
 * one opens a session. A challenge that is guessed at five times is over, and its owner is told by mail, since whoever guesses knows the password.
 * @throws AUTHENTICATION_FAILED with the rule `two_factor_code` or `two_factor_challenge`, VALIDATION_ERROR without exactly one code, RATE_LIMITED
 */
export async function completeSignIn(ctx: Context, body: Static<typeof CompleteBody>): Promise<SignedIn> {
  requireOneCode(body)
  const hash = hashChallenge(body.challenge)
  const found = await findChallenge(ctx, hash, mostTries)
  if (!found) throw ended()
  const attempt = await beginAttempt(ctx, 'two-factor', found.email, found.user_id)
  const outcome = await inTransaction(ctx, async (tx) => {
    // The account before the rest, as everybody does who changes its password or its second factor.
    const isOpen = await keepAccount(tx, found.user_id)
    const challenge = await lockChallenge(tx, hash, mostTries)
    const factor = await lockFactor(tx, found.user_id)
    if (!isOpen || !challenge || !factor || factor.confirmed_at === null) return 'ended'
    if (!(await takeCode(tx, factor, body))) {
      await countChallengeTry(tx, hash)
      if (challenge.tries + 1 === mostTries) await tellByMail(tx, found.user_id, { template: 'two_factor_guessed' })
      return 'wrong'
    }
    await useChallenge(tx, hash)
    return openSession(tx, found.user_id, { provedSecondFactor: true })
  })
  // Thrown outside the transaction, so that the try stays counted.
  if (outcome === 'ended') throw ended()
  if (outcome === 'wrong') throw wrongCode()
  await attempt.succeeded()
  return outcome
}
