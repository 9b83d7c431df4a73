import { iso, isoOrNull } from '../../platform/http/shapes.ts'
import type { DeliveryRow } from './queries/deliveries.ts'
import type { EndpointRow } from './queries/endpoints.ts'
import type { DeliveryView, EndpointView } from './schema.ts'
import type { EventTypeName, OwnerKind } from './types.ts'

/** An endpoint as those see it who manage it; never its secret. */
export const viewEndpoint = (row: EndpointRow, now: Temporal.Instant): EndpointView => ({
  id: row.id,
  owner: row.owner_kind as OwnerKind,
  organization_id: row.organization_id,
  provider_id: row.provider_id,
  url: row.url,
  description: row.description,
  event_types: row.event_types,
  is_active: row.is_active,
  off_reason: row.off_reason as EndpointView['off_reason'],
  off_at: isoOrNull(row.off_at),
  failing_since: isoOrNull(row.failing_since),
  last_success_at: isoOrNull(row.last_success_at),
  previous_secret_until:
    row.previous_until !== null && Temporal.Instant.compare(row.previous_until, now) > 0
      ? iso(row.previous_until)
      : null,
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
})

export const viewDelivery = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  endpoint_id: row.endpoint_id,
  event_id: row.message_id,
  event_type: row.type as EventTypeName,
  status: row.status as DeliveryView['status'],
  failed_because: row.reason as DeliveryView['failed_because'],
  attempt_count: row.attempts,
  next_attempt_at: isoOrNull(row.next_attempt_at),
  last_status_code: row.last_status_code,
  last_error: row.last_error,
  created_at: iso(row.created_at),
  finished_at: isoOrNull(row.finished_at),
})
