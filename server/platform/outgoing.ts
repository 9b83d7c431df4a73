/**
 * A thing as the API shows it to whose it is, for who sends it on to them (webhooks): with the organization and the provider it belongs to, and the ids of the
 * people it tells of, so that what was sent can be erased with them.
 */
export type Outgoing<T = unknown> = {
  data: T
  organizationId: string | null
  providerId: number | null
  people: readonly number[]
}

/** Ids of people without those that are not there. */
export const peopleOf = (...ids: (number | null)[]): number[] => [...new Set(ids.filter((id) => id !== null))]
