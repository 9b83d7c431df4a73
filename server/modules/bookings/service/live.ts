import { getServiceForBooking, serviceKey, type BookableService } from '../../catalog/index.ts'
import { roomKey } from '../../rooms/index.ts'
import { hearsTime, watchTime, type ResourceRef } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { notFound, rateLimited, unavailable } from '../../../platform/errors.ts'
import type { House } from '../../../platform/house.ts'
import { changesTopic, onceAt, type ChangesMessage, type Sight } from '../../../platform/socket/topic.ts'
import { seatsUntil } from './expire.ts'

/** At most so many streams for one address, and for one process: each is an open connection. */
export const mostOfAddress = 10
const mostOfProcess = 500

/** One who watches the slots of a service. */
export type Watcher = {
  address: string
  service: number
  /** Is told that the slots are at this version now; at the same one as before where the service itself has changed. */
  tell: (version: number) => void
  close: () => void
}
type Watch = Watcher & { told: Sight | null }
/** A service that is watched: looked at once for all who watch it. */
type Watched = {
  watches: Set<Watch>
  keys: ReadonlySet<string>
  busy: boolean
  again: boolean
  /** Until what was seen holds. */
  lapse: NodeJS.Timeout | undefined
}

/**
 * Who watches the slots of services on this process. Every process hears which times and which services have changed; who watches a service that is made of one of
 * them is told its version, changes that come while it is being read as one.
 */
export type Live = {
  /** @throws NOT_FOUND for a service that is not offered, RATE_LIMITED for too many from one address, SERVICE_UNAVAILABLE for too many in all */
  watch: (ctx: Context, watcher: Watcher) => Promise<() => void>
  /** Looks again, for all: after messages may have been missed, and now and then. */
  refresh: () => void
  closeAll: () => void
}

export function createLive(house: House, contextFor: () => Context): Live {
  const services = new Map<number, Watched>()
  const all = (): Watch[] => [...services.values()].flatMap(({ watches }) => [...watches])
  const hear = (keys: readonly string[]): void => {
    for (const [service, { keys: watched }] of services) if (keys.some((key) => watched.has(key))) void look(service)
  }
  const leave = (watch: Watch): void => {
    const watched = services.get(watch.service)
    watched?.watches.delete(watch)
    if (watched?.watches.size !== 0) return
    clearTimeout(watched.lapse)
    services.delete(watch.service)
  }
  /** Remembers what it is made of now, and looks again when a hold runs out. */
  const note = (service: number, watched: Watched, { keys, until }: Sight): void => {
    watched.keys = new Set(keys)
    clearTimeout(watched.lapse)
    if (until && services.get(service) === watched) watched.lapse = onceAt(house, until, () => void look(service))
  }
  const look = async (service: number): Promise<void> => {
    const watched = services.get(service)
    if (!watched) return
    if (watched.busy) {
      watched.again = true
      return
    }
    watched.busy = true
    do {
      watched.again = false
      // Who has not been answered yet is told by that answer, and has it looked at again.
      const there = [...watched.watches].filter(({ told }) => told !== null)
      try {
        const sight = await sightOf(contextFor(), service)
        note(service, watched, sight)
        for (const watch of there) if (watched.watches.has(watch)) tell(watch, sight)
      } catch {
        // The service is gone, or the database is away: the client connects again and is told which.
        for (const watch of there) {
          leave(watch)
          watch.close()
        }
      }
    } while (watched.again && watched.watches.size > 0)
    watched.busy = false
  }
  const refresh = (): void => {
    for (const service of services.keys()) void look(service)
  }
  for (const [name, keysOf] of Object.entries(hearsTime))
    house.realtime.subscribe(name, (message) => hear(keysOf(message)))
  house.realtime.subscribe(changesTopic, (message) => hear((message as ChangesMessage).keys))
  house.realtime.onGap(refresh)

  return {
    watch: async (ctx, watcher) => {
      const watching = all()
      if (watching.filter(({ address }) => address === watcher.address).length >= mostOfAddress) throw rateLimited(60)
      if (watching.length >= mostOfProcess) throw unavailable('Too many live connections', 30)
      const watch: Watch = { ...watcher, told: null }
      const { service } = watcher
      // Counted before the state is read, so that nobody slips in between.
      const watched = services.getOrInsertComputed(service, () => ({
        watches: new Set(),
        keys: new Set(),
        busy: false,
        again: false,
        lapse: undefined,
      }))
      watched.watches.add(watch)
      try {
        const sight = await sightOf(ctx, service)
        note(service, watched, sight)
        tell(watch, sight)
      } catch (error) {
        leave(watch)
        throw error
      }
      // What has changed while this was read is told after it.
      void look(service)
      return () => leave(watch)
    },
    refresh,
    closeAll: () => {
      for (const watch of all()) {
        leave(watch)
        watch.close()
      }
    },
  }
}

/** Tells who watches what they have not been told yet. */
function tell(watch: Watch, sight: Sight): void {
  const { told } = watch
  if (told?.version === sight.version && told.mark === sight.mark) return
  watch.told = sight
  watch.tell(sight.version)
}

/** @throws NOT_FOUND for a service that is not offered (any more) */
async function sightOf(ctx: Context, service: number): Promise<Sight> {
  const sight = await watchSlots(ctx, service)
  if (!sight) throw notFound('service')
  return sight
}

/** Whose time the slots of a service are made of. */
const timeOf = ({ seller, providerIds, roomIds }: BookableService): ResourceRef[] => [
  ...providerIds.map((userId) => ({ userId })),
  ...roomIds.map((roomId) => ({ roomId, organizationId: seller.organizationId ?? '' })),
]

/**
 * The slots of a service as those who watch them are shown them: at the version that goes with the slots. What the service itself is (how long, by
 * whom, in which rooms) is no part of that number, and a change as well. Null for one that is not offered.
 */
export async function watchSlots(ctx: Context, id: number): Promise<Sight | null> {
  const service = await getServiceForBooking(ctx, id)
  if (!service.isActive) return null
  const seats = service.capacity > 1 ? await seatsUntil(ctx, id) : null
  const { version, keys, until } = await watchTime(ctx, timeOf(service))
  return {
    version,
    until: seats && (!until || Temporal.Instant.compare(seats, until) < 0) ? seats : until,
    mark: JSON.stringify({ ...service, names: null }),
    keys: [...keys, serviceKey(id), ...service.roomIds.map(roomKey)],
  }
}
