import type { Context } from '../../../platform/context.ts'
import { peopleOf, type Outgoing } from '../../../platform/outgoing.ts'
import { findService } from '../queries/services.ts'
import type { ServiceView } from '../schema/services.ts'
import { viewService } from '../view.ts'

/** A service as it is shown, for who sends it on to its seller; an archived one as it was, null where there is none. */
export async function serviceToSend(ctx: Context, id: number): Promise<Outgoing<ServiceView> | null> {
  const row = await findService(ctx, id)
  if (!row) return null
  const data = viewService(ctx.house.config, row)
  return {
    data,
    organizationId: row.organization_id,
    providerId: data.provider?.id ?? null,
    people: peopleOf(data.provider?.id ?? null, ...data.staff.map(({ id: person }) => person)),
  }
}
