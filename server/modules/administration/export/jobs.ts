import type { JobDefinition } from '../../../platform/jobs/jobs.ts'
import { cleanExports, mailExport, makeExport } from './service.ts'

declare module '../../../platform/jobs/jobs.ts' {
  interface JobData {
    'administration.export': { id: number }
    'administration.mail_export': { id: number }
    'administration.remove_export': { key: string }
    'administration.clean_exports': Record<string, never>
  }
}

export const jobs: {
  'administration.export': JobDefinition<'administration.export'>
  'administration.mail_export': JobDefinition<'administration.mail_export'>
  'administration.remove_export': JobDefinition<'administration.remove_export'>
  'administration.clean_exports': JobDefinition<'administration.clean_exports'>
} = {
  'administration.export': { queue: 'slow', handle: (ctx, { id }) => makeExport(ctx, id) },
  'administration.mail_export': { queue: 'mail', handle: (ctx, { id }) => mailExport(ctx, id) },
  'administration.remove_export': { handle: (ctx, { key }) => ctx.house.files.delete('exports', key) },
  'administration.clean_exports': { cron: '15 3 * * *', queue: 'slow', handle: cleanExports },
}
