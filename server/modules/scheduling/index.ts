import type { Source } from './queries/claims.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    /** A hold has expired and its time was given away or swept: whoever owns the source ends it. Told at least once. */
    'claim.expired': { source_kind: Source['kind']; source_id: string }
    /**
     * From that moment on time of a person or a room can be taken that could not be before, in spans of epoch minutes: hours were opened, a room is taken again, or a
     * meeting or imported busy time is no more. Of bookings that end their own events tell.
     */
    'time.opened': { user_id: number | null; room_id: string | null; at: string; spans: [from: number, to: number][] }
  }
  interface JobData {
    'scheduling.sweep': Record<string, never>
  }
}

export { exportOf } from './queries/export.ts'
export { jobs } from './jobs.ts'
export { routes } from './routes.ts'
export type { Source, Wanted } from './queries/claims.ts'
export type { ResourceRef } from './queries/resources.ts'
export {
  claim,
  findResources,
  freeExpired,
  lockResources,
  lockStatement,
  moveClaims,
  releaseClaims,
  resourcesFor,
  settleClaims,
  type ClaimRequest,
} from './service/claims.ts'
export { tellRoomBack } from './service/opened.ts'
export { timeStatement } from './queries/resources.ts'
export { hearsTime, watchTime } from './service/watch.ts'
export { claimAll, releaseAll, settleAll, type NewClaims } from './service/many.ts'
export type { FactsRow } from './queries/facts.ts'
export { factsOf, factsStatement, readFacts, type ClaimFact, type Facts } from './service/facts.ts'
export {
  addClaims,
  lockSources,
  overBookings,
  replaceClaims,
  type RefusedClaim,
  type Replacement,
} from './service/replace.ts'
