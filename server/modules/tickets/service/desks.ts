import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { chooseOrganization, requireOrgRole } from '../../organizations/index.ts'
import { findDesk, saveDesk, type Desk } from '../queries/desks.ts'
import { tidyCategories } from '../rules.ts'
import type { SettingsChange, SettingsView } from '../schema.ts'
import { requireSeat } from './access.ts'

const view = (organization_id: string, { hours, categories }: Desk): SettingsView => ({
  organization_id,
  due_hours: hours,
  categories,
})

/** How soon tickets are due in an organization, and its categories; for its members. @throws as `requireSeat`. */
export async function getSettings(ctx: Context, organizationId: string | undefined): Promise<SettingsView> {
  const id = await chooseOrganization(ctx, organizationId)
  await requireSeat(ctx, id)
  return view(id, await findDesk(ctx, id))
}

/** Changes it, for tickets to come; for its admins and IT. What is left out stays. */
export async function updateSettings(ctx: Context, change: SettingsChange): Promise<SettingsView> {
  return inTransaction(ctx, async (tx) => {
    const id = await chooseOrganization(tx, change.organization_id)
    await requireOrgRole(tx, id, ['admin', 'it'])
    await requireSeat(tx, id)
    const { due_hours: hours, categories } = change
    await saveDesk(tx, id, { hours, categories: categories && tidyCategories(categories) })
    return view(id, await findDesk(tx, id))
  })
}
