declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'notifications.delete-old': Record<string, never>
    'notifications.delete-read': Record<string, never>
  }
}

export { accountDeleted, jobs, welcome } from './jobs.ts'
export { routes } from './routes.ts'
export { notify } from './service.ts'
