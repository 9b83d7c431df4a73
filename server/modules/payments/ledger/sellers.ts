/** Who sells: the organization where the service has one, else the provider (SPEC section 10, Money). */
export type Seller = { organizationId: string } | { providerId: number }

/** The name under which the books know a seller: `provider:12`. */
export const sellerKey = (seller: Seller): string =>
  'organizationId' in seller ? `organization:${seller.organizationId}` : `provider:${seller.providerId}`

/** The seller of a row that bears both columns: the organization where there is one. */
export function sellerOf(row: { organization_id: string | null; provider_id: number | null }): Seller {
  if (row.organization_id !== null) return { organizationId: row.organization_id }
  if (row.provider_id !== null) return { providerId: row.provider_id }
  throw new Error('this row has no seller')
}
