export { jobs } from './jobs.ts'
export { routes } from './routes.ts'
export { discardPhoto, getPhoto, keepPhoto, photoUrl, storePhoto } from './service.ts'
