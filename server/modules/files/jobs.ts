import type { JobDefinition } from '../../platform/jobs/jobs.ts'
import { removeOrphans, removePhotoFiles } from './service.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'files.remove_photo': { key: string }
    'files.clean': Record<string, never>
  }
}

export const jobs: {
  'files.remove_photo': JobDefinition<'files.remove_photo'>
  'files.clean': JobDefinition<'files.clean'>
} = {
  'files.remove_photo': { handle: (ctx, { key }) => removePhotoFiles(ctx, key) },
  'files.clean': { cron: '0 3 * * *', queue: 'slow', handle: removeOrphans },
}
