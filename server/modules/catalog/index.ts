export { getServiceForBooking, findServicesOffered } from './service/bookable.ts'
export type { BookableService } from './queries/bookable.ts'
