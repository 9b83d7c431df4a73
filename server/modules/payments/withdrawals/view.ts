import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { fromMinor } from '../../../platform/money.ts'
import type { WithdrawalRow } from './queries.ts'
import type { TransferStatus, WithdrawalStatus, WithdrawalView } from './schema.ts'

function transferStatusOf(row: WithdrawalRow): TransferStatus | null {
  if (row.transfer_id !== null) return 'done'
  if (row.destination === null) return null
  if (row.transfer_open) return 'under_way'
  return row.transfer_error === null ? 'waiting' : 'failed'
}

export const view = (row: WithdrawalRow): WithdrawalView => ({
  id: row.id,
  amount: fromMinor(row.amount_minor, row.currency),
  currency: row.currency,
  method: row.method,
  status: row.status as WithdrawalStatus,
  reference: row.reference,
  reason: row.reason,
  provider_id: row.provider_id,
  organization_id: row.organization_id,
  requested_by: row.requested_by,
  decided_by: row.decided_by,
  decided_at: isoOrNull(row.decided_at),
  paid_at: isoOrNull(row.paid_at),
  transfer_status: transferStatusOf(row),
  transfer_error: row.transfer_error,
  returned_amount: fromMinor(row.returned_minor, row.currency),
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
})
