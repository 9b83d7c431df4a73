import type { JobDefinition } from '../../platform/jobs/jobs.ts'
import { cleanAttachments } from './clean.ts'
import { scanPending } from './scanning.ts'
import { removeOrphans, removePhotoFiles } from './service.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'files.remove_photo': { key: string }
    'files.remove_attachment': { key: string }
    'files.scan_pending': Record<string, never>
    'files.clean': Record<string, never>
  }
}

export const jobs: {
  'files.remove_photo': JobDefinition<'files.remove_photo'>
  'files.remove_attachment': JobDefinition<'files.remove_attachment'>
  'files.scan_pending': JobDefinition<'files.scan_pending'>
  'files.clean': JobDefinition<'files.clean'>
} = {
  'files.remove_photo': { handle: (ctx, { key }) => removePhotoFiles(ctx, key) },
  'files.remove_attachment': { handle: (ctx, { key }) => ctx.house.files.delete('attachments', key) },
  'files.scan_pending': { cron: '* * * * *', queue: 'slow', handle: scanPending },
  'files.clean': {
    cron: '0 3 * * *',
    queue: 'slow',
    handle: async (ctx) => {
      await removeOrphans(ctx)
      await cleanAttachments(ctx)
    },
  },
}
