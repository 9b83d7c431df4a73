import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound, sessionEnded } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import {
  deleteDevice,
  lockOwner,
  selectDevices,
  trimDevices,
  upsertDevice,
  type DeviceRow,
} from '../queries/devices.ts'
import type { DeviceInput, DeviceView } from '../schema.ts'

/** So many devices of one person are told; registering another forgets the one that was registered longest ago. */
const mostDevices = 20

/** Registers the device of this session, or renews it; a token that another account had comes here. Can be repeated, as clients do at every start. @throws AUTHENTICATION_FAILED for who was erased a moment ago */
export async function registerDevice(ctx: Context, { token, platform, name = '' }: DeviceInput): Promise<DeviceView> {
  const { userId, sessionId } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    if (!(await lockOwner(tx, userId))) throw sessionEnded()
    const row = await upsertDevice(tx, { userId, sessionId, token, platform, name })
    await trimDevices(tx, userId, mostDevices)
    return view(tx, row)
  })
}

/** The devices of one’s open sessions, the last registered first. */
export async function listDevices(ctx: Context, request: PageRequest): Promise<Page<DeviceView>> {
  const { userId } = actorOf(ctx)
  const page = await pageOf(ctx, request, `devices of ${userId}`, selectDevices(ctx, userId))
  return { ...page, results: page.results.map((row) => view(ctx, row)) }
}

/** Forgets one of one’s devices, by its id or its token. @throws NOT_FOUND */
export async function forgetDevice(ctx: Context, which: { id: number } | { token: string }): Promise<void> {
  const found = await inTransaction(ctx, (tx) => deleteDevice(tx, actorOf(tx).userId, which))
  if (!found) throw notFound('device')
}

/** The token stays with us: whoever has it can show things on the device. */
function view(ctx: Context, row: DeviceRow): DeviceView {
  return {
    id: row.id,
    platform: row.platform as DeviceView['platform'],
    name: row.name,
    is_current: row.session_id === actorOf(ctx).sessionId,
    created_at: iso(row.created_at),
    registered_at: iso(row.registered_at),
  }
}
