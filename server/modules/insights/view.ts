import type { Static } from 'typebox'
import { isAdministrative, type Role } from '../../platform/context.ts'
import { fromMinor } from '../../platform/money.ts'
import type { Scope } from './queries.ts'
import { moneyFigures, type Fact, type Span } from './rules.ts'
import type { MoneyFigures, PeopleFigures } from './schema.ts'

/** Money as the API shows it. What the platform keeps is not a customer's to know, and lessens nothing of what they paid. */
export function viewMoney(
  facts: readonly Fact[],
  scope: Scope,
  currencies?: readonly string[],
): Static<typeof MoneyFigures>[] {
  return moneyFigures(facts, currencies && [...currencies]).map((sums) => {
    const money = (minor: number): number => fromMinor(minor, sums.currency)
    const fees = scope.kind === 'customer' ? null : sums.fees
    return {
      currency: sums.currency,
      booked: money(sums.booked),
      charged: money(sums.charged),
      refunded: money(sums.refunded),
      disputed: money(sums.disputed),
      fees: fees === null ? null : money(fees),
      net: money(sums.charged - sums.refunded - sums.disputed - (fees ?? 0)),
    }
  })
}

export function viewPeople(rows: readonly { role: string; count: number }[]): Static<typeof PeopleFigures> {
  const of = (wanted: (role: string) => boolean): number =>
    rows.reduce((sum, { role, count }) => sum + (wanted(role) ? count : 0), 0)
  return {
    registered: of(() => true),
    customers: of((role) => role === 'customer'),
    providers: of((role) => role === 'provider'),
    administrators: of((role) => isAdministrative(role as Role)),
  }
}

export const viewSpan = (scope: Scope, { from, to, zone }: Span) => ({
  scope: scope.kind,
  organization_id: scope.kind === 'organization' ? scope.organizationId : null,
  from: from.toString(),
  to: to.toString(),
  time_zone: zone,
})
