import { createHash, randomBytes } from 'node:crypto'
import type { Context } from '../../../platform/context.ts'
import { insertChallenge } from '../queries/two-factor.ts'

const seconds = 300
/** Wrong codes that one challenge bears. */
export const mostTries = 5

export type Challenge = {
  two_factor_required: true
  challenge: string
  expires_in: number
  methods: ('totp' | 'recovery_code')[]
}

/** What is kept of a challenge's token: 32 random bytes need no salt. */
export const hashChallenge = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** A sign-in whose password has proved right, and which waits five minutes for the second factor. It belongs to the account, serves once and opens nothing by itself. */
export async function issueChallenge(ctx: Context, userId: number): Promise<Challenge> {
  const challenge = randomBytes(32).toString('base64url')
  await insertChallenge(ctx, hashChallenge(challenge), userId, ctx.now.add({ seconds }))
  return { two_factor_required: true, challenge, expires_in: seconds, methods: ['totp', 'recovery_code'] }
}
