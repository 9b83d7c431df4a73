import { CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { RowCache } from '../../../platform/db/row-cache.ts'
import { through, together } from '../../../platform/db/transaction.ts'
import { perHouse } from '../../../platform/house.ts'
import { onlinePaymentsAvailable } from '../policy.ts'
import { needsSavedMethod } from '../rules.ts'

/** A service as booking it needs it: plain numbers of minutes and minor units, nothing to be shown but title and names. */
export type BookableService = {
  id: number
  title: string
  /** The organization where there is one, else the provider (SPEC section 10, Money). */
  seller: { organizationId: string | null; providerId: number | null }
  /** Who can give it: the provider, or those of the staff who are still members; active accounts only, ascending. */
  providerIds: number[]
  /** The rooms it may take, ascending; the archived and inactive ones are left out. */
  roomIds: string[]
  /** Names of `roomIds`. */
  roomNames: Map<string, string>
  /** Each appointment takes one of `roomIds`. With no room left it cannot be booked at all. */
  needsRoom: boolean
  durationMinutes: number
  bufferBefore: number
  bufferAfter: number
  stepMinutes: number
  minNoticeMinutes: number
  maxAdvanceDays: number | null
  capacity: number
  priceMinor: number
  depositMinor: number | null
  /** What is asked of who does not come; null without one, and where nothing can be charged. */
  noShowFeeMinor: number | null
  /** Who books it needs a saved payment method, for that fee. */
  requiresPaymentMethod: boolean
  currency: string
  payment: 'online' | 'on_site'
  requiresApproval: boolean
  cancellationPolicy: { hours_before: number; refund_percent: number }[]
  locationType: 'in_person' | 'at_customer' | 'online'
  /** Offered now: active, not archived, its seller neither. */
  isActive: boolean
  /** Names of `providerIds`. */
  names: Map<number, string>
}

/** A service as the statement answers it: equal rows are equal services. */
type BookableRow = Omit<
  BookableService,
  'seller' | 'providerIds' | 'names' | 'roomIds' | 'roomNames' | 'requiresPaymentMethod'
> & {
  organizationId: string | null
  providerId: number | null
  people: [number, string][]
  rooms: [string, string][] | null
}

const columns = `s.id, s.title, s.organization_id AS "organizationId", s.provider_id AS "providerId", s.duration_minutes AS "durationMinutes",
  s.buffer_before_minutes AS "bufferBefore", s.buffer_after_minutes AS "bufferAfter", s.slot_step_minutes AS "stepMinutes",
  s.min_notice_minutes AS "minNoticeMinutes", s.max_advance_days AS "maxAdvanceDays", s.capacity, s.price_minor AS "priceMinor",
  s.deposit_minor AS "depositMinor", s.no_show_fee_minor AS "noShowFeeMinor", s.currency, s.payment, s.requires_approval AS "requiresApproval",
  s.cancellation_policy AS "cancellationPolicy", s.location_type AS "locationType",
  s.is_listed AND NOT EXISTS (SELECT FROM organizations o WHERE o.id = s.organization_id AND o.archived_at IS NOT NULL) AS "isActive",
  (SELECT json_agg(json_build_array(r.id, r.name) ORDER BY r.id) FROM service_rooms x JOIN rooms r ON r.id = x.room_id AND r.is_active AND r.archived_at IS NULL
    WHERE x.service_id = s.id) AS rooms,
  EXISTS (SELECT FROM service_rooms x WHERE x.service_id = s.id) AS "needsRoom",
  (SELECT COALESCE(json_agg(json_build_array(u.id, trim(u.first_name || ' ' || u.last_name)) ORDER BY u.id), '[]')
    FROM (SELECT s.provider_id AS user_id WHERE s.organization_id IS NULL
      UNION ALL SELECT t.user_id FROM service_staff t JOIN memberships m ON m.user_id = t.user_id AND m.organization_id = s.organization_id
        WHERE t.service_id = s.id) offering
    JOIN users u ON u.id = offering.user_id AND u.is_active AND u.deleted_at IS NULL) AS people`

const bookableOf = (
  charges: boolean,
  { organizationId, providerId, people, rooms, ...service }: BookableRow,
): BookableService => ({
  ...service,
  roomIds: rooms?.map(([id]) => id) ?? [],
  roomNames: new Map(rooms),
  noShowFeeMinor: charges ? service.noShowFeeMinor : null,
  requiresPaymentMethod: charges && needsSavedMethod(service),
  seller: { organizationId, providerId },
  providerIds: people.map(([id]) => id),
  names: new Map(people),
})

/** The very same object for the very same row. */
const bookables = perHouse((house) => {
  const charges = onlinePaymentsAvailable(house)
  return new RowCache<BookableRow, BookableService>((row) => bookableOf(charges, row))
})

const statement = (ctx: Context, rest: string, values: unknown[]): CompiledQuery<BookableService> =>
  through(
    bookables(ctx.house),
    CompiledQuery.raw(`SELECT ${columns} FROM services s ${rest}`, values) as CompiledQuery<BookableRow>,
  )

const read = async (ctx: Context, rest: string, values: unknown[]): Promise<BookableService[]> =>
  (await together(ctx, statement(ctx, rest, values)))[0]

/** The statement of `findBookable`, for `together`. */
export const bookableStatement = (ctx: Context, id: number): CompiledQuery<BookableService> =>
  statement(ctx, 'WHERE s.id = $1', [id])

/** The service in one statement, the inactive and archived ones too: whoever reschedules an old booking needs them. */
export async function findBookable(ctx: Context, id: number): Promise<BookableService | undefined> {
  const [[service]] = await together(ctx, bookableStatement(ctx, id))
  if (service) rememberBookable(ctx, service)
  return service
}

const mostRecent = 5000
const recent = perHouse(() => new Map<number, BookableService>())

export function rememberBookable({ house }: Context, service: BookableService): void {
  const known = recent(house)
  if (known.size === mostRecent) known.clear()
  known.set(service.id, service)
}

/** The service as it was remembered last: to be believed only where `bookableStatement` then answers this very object. */
export const recallBookable = ({ house }: Context, id: number): BookableService | undefined => recent(house).get(id)

/** Services on offer: this one, these, or those of a category, the oldest first; in one statement. */
export async function listBookable(
  ctx: Context,
  filter: { id: number } | { ids: readonly number[] } | { categoryKey: string },
  limit: number,
): Promise<BookableService[]> {
  if ('ids' in filter)
    return read(ctx, 'WHERE s.is_listed AND s.id = ANY($1::bigint[]) ORDER BY s.created_at, s.id LIMIT $2', [
      filter.ids,
      limit,
    ])
  return 'id' in filter
    ? read(ctx, 'WHERE s.id = $1 AND s.is_listed', [filter.id])
    : read(ctx, 'WHERE s.is_listed AND s.category_key = $1 ORDER BY s.created_at, s.id LIMIT $2', [
        filter.categoryKey,
        limit,
      ])
}
