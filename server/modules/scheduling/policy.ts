import type { Role } from '../../platform/context.ts'

/** What tells whether somebody may keep a schedule: the role, and whether they belong to an organization, where masters may have any role. */
export type Standing = { role: Role; isMember: boolean; mayPublishSlots: boolean }

/** Working hours are kept by providers and by the members of organizations. */
export const canKeepSchedule = ({ role, isMember }: Standing): boolean => role === 'provider' || isMember

/** Slots are published by providers, and by members whose membership allows it (`access_availability_slots`). */
export const canPublishSlots = ({ role, mayPublishSlots }: Standing): boolean => role === 'provider' || mayPublishSlots

/** A room's schedule is kept by those who run its organization. */
export const canKeepRooms = (memberRole: string): boolean => memberRole === 'admin' || memberRole === 'it'
