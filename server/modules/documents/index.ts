export { exportOf } from './export.ts'
export { accountDeleted, fileInfected, fileScanned, jobs } from './jobs.ts'
export { routes } from './routes.ts'
