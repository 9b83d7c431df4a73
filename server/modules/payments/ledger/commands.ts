import type { Command } from '../../../platform/console.ts'
import type { Context } from '../../../platform/context.ts'
import { AppError, conflict } from '../../../platform/errors.ts'
import { checkLedger } from './check.ts'
import { reconcile } from './reconcile.ts'

/** Prints what was proved. @throws CONFLICT that names every difference, so that the console ends with 1 */
async function check(ctx: Context): Promise<string[]> {
  const results = await checkLedger(ctx)
  refuse(
    results.flatMap(({ differences }) => differences),
    'The books are wrong in {count} places',
  )
  return [...results.map(({ what }) => `ok  ${what}`), 'The books balance.']
}

async function compareWithGateway(ctx: Context): Promise<string[]> {
  refuse(await reconcile(ctx), 'The books and the gateway differ in {count} places')
  return ['The books and the gateway say the same.']
}

function refuse(differences: string[], sentence: string): void {
  if (differences.length === 0) return
  const details = differences.map((message) => ({ message }))
  throw conflict(sentence, { params: { count: differences.length }, details })
}

export const ledgerCommands: Record<string, Command> = {
  ledger: {
    summary: 'ledger check: prove the books; ledger reconcile: compare them with the gateway',
    run: async (ctx, { positionals: [what] }) => {
      if (what === 'check') return check(ctx)
      if (what === 'reconcile') return compareWithGateway(ctx)
      throw new AppError('VALIDATION_ERROR', 'Say ledger check or ledger reconcile')
    },
  },
  'ledger-check': { summary: 'the same as ledger check', run: check },
  'ledger-reconcile': { summary: 'the same as ledger reconcile', run: compareWithGateway },
}
