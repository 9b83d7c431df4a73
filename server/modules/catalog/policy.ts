import { hasOnlinePayment } from '../../platform/config.ts'
import { hasPermission, isAdministrative, type Actor } from '../../platform/context.ts'
import type { House } from '../../platform/house.ts'

/** Whose a service is. */
export type Owner = { provider_id: number | null; organization_id: string | null }

/** Can services be paid online here? Where none can, what asks for it is refused, and the default is `on_site` (SPEC section 4). */
export const onlinePaymentsAvailable = ({ config }: House): boolean => hasOnlinePayment(config)

/** Is it the actor's own service? An organization's is nobody's own: its admins manage it. */
export const isOwn = (actor: Actor | null, { provider_id, organization_id }: Owner): boolean =>
  actor !== null && organization_id === null && provider_id === actor.userId

/** May the actor manage every service, as an administrator? What they do is audited. */
export const managesAll = (actor: Actor | null): boolean =>
  actor !== null && isAdministrative(actor.role) && hasPermission(actor, 'service_management')
