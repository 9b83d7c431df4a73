import { violates } from '../../../platform/db/transaction.ts'
import { conflict, type AppError } from '../../../platform/errors.ts'
import type { Clash, Wanted } from '../queries/claims.ts'

/** The exclusion constraint is the last guard: whoever runs into it is told the same as who is refused before it. */
export async function guarded(wanted: readonly Wanted[], write: () => Promise<Clash[]>): Promise<Clash[]> {
  try {
    return await write()
  } catch (error) {
    throw refusalOf(error, wanted)
  }
}

/** What is thrown when the exclusion constraint has refused one of these; any other error as it is. */
export const refusalOf = (error: unknown, wanted: readonly Wanted[]): unknown =>
  violates(error, 'claims_no_overlap') ? taken(wanted, [{ index: 0, kind: 'person' }]) : error

/** The refusal of what others have. */
export function taken(wanted: readonly Wanted[], clashes: readonly Clash[]): AppError {
  const details = clashes.map(({ index, kind }) => {
    const { from, to } = wanted[index]!
    return {
      rule: kind === 'person' ? 'D9' : 'D11',
      message: kind === 'person' ? 'This person is not free at this time' : 'This room is not free at this time',
      params: { from: from.toString(), to: to.toString() },
    }
  })
  return conflict('This time is taken', { details })
}
