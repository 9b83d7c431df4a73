import { randomUUID } from 'node:crypto'
import { asNobody } from '../context.ts'
import type { House } from '../house.ts'
import { errorFields } from '../log.ts'
import type { Delivery } from './delivery.ts'
import type { Protocol } from './frame.ts'
import { forgetSoon, noteArrivals, noteDepartures, reapDead, sayAlive } from './presence.ts'

const flushMs = 250
const aliveMs = 30_000
/** Who comes back within this was never gone: a phone changes its network, a page is loaded again. */
const graceMs = 3000

/** Notes for all processes who is connected to this one, in batches, and tells the modules of those who come and go. */
export type People = {
  begin: () => void
  arrived: (userId: number) => void
  left: (userId: number) => void
  end: () => Promise<void>
}

export function keepPresence(house: House, { presence }: Protocol, delivery: Delivery): People {
  const node = randomUUID()
  const noted = new Set<number>()
  const coming = new Set<number>()
  const leaving = new Map<number, number>()
  let timer: NodeJS.Timeout | undefined
  let aliveAt = -Infinity
  let flushing: Promise<void> | null = null

  const tell = async (userIds: readonly number[], online: boolean): Promise<void> => {
    const ctx = asNobody(house)
    for (const hear of presence) for (const userId of userIds) await hear(ctx, { userId, online })
  }

  const beAlive = async (): Promise<void> => {
    if (performance.now() - aliveAt < aliveMs) return
    const now = house.clock()
    const gone = await reapDead(house.db, now)
    // Forgotten by the others, as after a pause or a crash of the database: everybody is noted again, and nobody told.
    if (await sayAlive(house.db, node, now)) await noteArrivals(house.db, node, [...noted], now)
    aliveAt = performance.now()
    await tell(gone, false)
  }

  const flush = async (): Promise<void> => {
    await beAlive()
    const come = [...coming]
    const until = performance.now() - graceMs
    const left = [...leaving].filter(([id, at]) => at <= until && delivery.socketsOf(id).size === 0).map(([id]) => id)
    if (come.length > 0) {
      const arrived = await noteArrivals(house.db, node, come, house.clock())
      for (const id of come) {
        coming.delete(id)
        noted.add(id)
      }
      await tell(arrived, true)
    }
    if (left.length > 0) {
      const away = await noteDepartures(house.db, node, left, house.clock())
      for (const id of left) {
        leaving.delete(id)
        noted.delete(id)
      }
      await tell(away, false)
    }
  }

  const flushInTurn = (): void => {
    flushing ??= flush()
      .catch((error: unknown) => house.log.warn(errorFields(error), 'presence could not be noted'))
      .finally(() => {
        flushing = null
      })
  }

  return {
    begin: () => {
      timer ??= setInterval(flushInTurn, flushMs).unref()
    },
    arrived: (userId) => {
      leaving.delete(userId)
      if (!noted.has(userId)) coming.add(userId)
    },
    left: (userId) => {
      coming.delete(userId)
      if (noted.has(userId)) leaving.set(userId, performance.now())
    },
    end: async () => {
      clearInterval(timer)
      await flushing
      // Its people will be elsewhere in a moment; who is not is noticed by the others.
      if (timer) await forgetSoon(house.db, node, house.clock()).catch(() => undefined)
    },
  }
}
