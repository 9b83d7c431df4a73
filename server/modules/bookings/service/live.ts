import { getServiceForBooking, serviceKey, type BookableService } from '../../catalog/index.ts'
import { roomKey } from '../../rooms/index.ts'
import { findResources, versionOfTime, watchTime, type ResourceRef } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { notFound, rateLimited, unavailable } from '../../../platform/errors.ts'
import type { House } from '../../../platform/house.ts'
import type { Sight } from '../../../platform/socket/topic.ts'

/** At most so many streams for one address, and for one process: each is an open connection. */
export const mostOfAddress = 10
const mostOfProcess = 500

/** One who watches the slots of a service. */
export type Watcher = {
  address: string
  service: number
  /** Is told that the slots are at this version now. */
  tell: (version: number) => void
  close: () => void
}
type Watch = Watcher & { resources: ReadonlySet<number>; told: number; busy: boolean; again: boolean }

/**
 * Who watches the slots of services on this process. Scheduling says on every process which resources have changed; who watches a service that uses one of them is
 * told the new version, changes that come while it is being read as one.
 */
export type Live = {
  /** @throws NOT_FOUND for a service that is not offered, RATE_LIMITED for too many from one address, SERVICE_UNAVAILABLE for too many in all */
  watch: (ctx: Context, watcher: Watcher) => Promise<() => void>
  /** Looks again, for all: after messages may have been missed, and now and then, since staff and rooms of a service change too. */
  refresh: () => void
  closeAll: () => void
}

export function createLive(house: House, contextFor: () => Context): Live {
  const watches = new Set<Watch>()
  const hear = (message: unknown): void => {
    const { resource_ids: ids } = message as { resource_ids: number[] }
    for (const watch of watches) if (ids.some((id) => watch.resources.has(id))) void look(watch)
  }
  const look = async (watch: Watch): Promise<void> => {
    if (watch.busy) {
      watch.again = true
      return
    }
    watch.busy = true
    do {
      watch.again = false
      try {
        const { resources, version } = await stateOf(contextFor(), watch.service)
        watch.resources = resources
        if (version !== watch.told && watches.has(watch)) {
          watch.told = version
          watch.tell(version)
        }
      } catch {
        // The service is gone, or the database is away: the client connects again and is told which.
        watches.delete(watch)
        watch.close()
      }
    } while (watch.again && watches.has(watch))
    watch.busy = false
  }
  const refresh = (): void => {
    for (const watch of watches) void look(watch)
  }
  house.realtime.subscribe('slots', hear)
  house.realtime.onGap(refresh)

  return {
    watch: async (ctx, watcher) => {
      const ofAddress = [...watches].filter((watch) => watch.address === watcher.address).length
      if (ofAddress >= mostOfAddress) throw rateLimited(60)
      if (watches.size >= mostOfProcess) throw unavailable('Too many live connections', 30)
      const watch: Watch = { ...watcher, resources: new Set(), told: -1, busy: true, again: false }
      // Counted and listening before the state is read, so that no change slips in between.
      watches.add(watch)
      try {
        const { resources, version } = await stateOf(ctx, watcher.service)
        watch.resources = resources
        watch.told = version
      } catch (error) {
        watches.delete(watch)
        throw error
      }
      watch.busy = false
      watch.tell(watch.told)
      void look(watch)
      return () => watches.delete(watch)
    },
    refresh,
    closeAll: () => {
      for (const watch of watches) watch.close()
      watches.clear()
    },
  }
}

/** Whose time the slots of a service are made of, and their version: the same sum that goes with the slots. */
async function stateOf(ctx: Context, id: number): Promise<{ resources: ReadonlySet<number>; version: number }> {
  const service = await getServiceForBooking(ctx, id)
  if (!service.isActive) throw notFound('service')
  return versionOf(ctx, service)
}

/** The version of a service's slots: changes with every entry and claim of who gives it and of its rooms. */
async function versionOf(
  ctx: Context,
  service: BookableService,
): Promise<{ resources: ReadonlySet<number>; version: number }> {
  const ids = await findResources(ctx, timeOf(service))
  const resources = new Set(ids.filter((id) => id !== null))
  return { resources, version: await versionOfTime(ctx, [...resources]) }
}

/** Whose time the slots of a service are made of. */
const timeOf = ({ seller, providerIds, roomIds }: BookableService): ResourceRef[] => [
  ...providerIds.map((userId) => ({ userId })),
  ...roomIds.map((roomId) => ({ roomId, organizationId: seller.organizationId ?? '' })),
]

/**
 * The slots of a service as those who watch them on the socket are shown them: at the version that goes with the slots. What the service itself is (how long, by
 * whom, in which rooms) is no part of that number, and a change as well. Null for one that is not offered.
 */
export async function watchSlots(ctx: Context, id: number): Promise<Sight | null> {
  const service = await getServiceForBooking(ctx, id)
  if (!service.isActive) return null
  const { version, keys } = await watchTime(ctx, timeOf(service))
  return {
    version,
    mark: JSON.stringify({ ...service, names: null }),
    keys: [...keys, serviceKey(id), ...service.roomIds.map(roomKey)],
  }
}
