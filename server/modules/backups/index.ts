import type { Context } from '../../platform/context.ts'
import type { Kind } from './rules.ts'
import { runBackup } from './service/run.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'backups.database': Record<string, never>
    'backups.files': Record<string, never>
    'backups.requested': { id: number; kind: Kind }
  }
}

export { commands } from './commands.ts'
export { restore } from './restore.ts'
export { routes } from './routes.ts'
export { backupState, measureBackups } from './state.ts'

const scheduled = (kind: Kind) => ({
  // SPEC section 6. Both begin at once; the lock lets one after the other.
  cron: '0 12 * * *',
  queue: 'backup' as const,
  handle: async (ctx: Context): Promise<void> => {
    if (ctx.house.config.BACKUPS) await runBackup(ctx, { kind, cause: 'schedule', wait: true })
  },
})

export const jobs = {
  'backups.database': scheduled('database'),
  'backups.files': scheduled('files'),
  'backups.requested': {
    queue: 'backup' as const,
    handle: async (ctx: Context, { id, kind }: { id: number; kind: Kind }): Promise<void> => {
      await runBackup(ctx, { kind, cause: 'request', id, wait: true })
    },
  },
}
