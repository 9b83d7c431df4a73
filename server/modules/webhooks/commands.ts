import type { Command } from '../../platform/console.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { AppError, invalid, notFound } from '../../platform/errors.ts'
import { lockEndpoint } from './queries/endpoints.ts'
import { replayOf } from './service/deliveries.ts'

const instantOf = (name: string, text: string): Temporal.Instant => {
  try {
    return Temporal.Instant.from(text)
  } catch {
    throw invalid(name, 'This must be an instant such as 2026-01-15T14:00:00Z')
  }
}

export const commands: Record<string, Command> = {
  'webhooks-replay': {
    summary: 'send again what failed: --endpoint ID --since 2026-01-15T14:00:00Z [--until ...]',
    run: async (ctx, { options: { endpoint, since, until } }) => {
      if (!endpoint || !since) throw new AppError('VALIDATION_ERROR', 'Name the --endpoint and --since when')
      if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(endpoint)) throw notFound('webhook')
      const from = instantOf('since', since)
      const to = until === undefined ? undefined : instantOf('until', until)
      const count = await inTransaction(ctx, async (tx) => {
        const row = await lockEndpoint(tx, endpoint)
        if (!row) throw notFound('webhook')
        return replayOf(tx, row, from, to)
      })
      return [`${count} will be sent again.`]
    },
  },
}
