import type { Context } from '../../../platform/context.ts'
import { perHouse, type House } from '../../../platform/house.ts'
import { hasEndpoints } from '../queries/endpoints.ts'

/** So long it is believed that there is no endpoint at all, while nobody says otherwise. */
const believedMs = 10_000
const askAgainMs = 5000
const topic = 'webhooks'

/** `era` changes when somebody says that there is one: what was asked before is not believed then. */
type Known = { isNone: boolean; at: number; isAsking: boolean; era: number }

/**
 * Is there no endpoint in the whole house, so that nothing of what happens need be recorded? Asked at every event that is published, so it answers from memory, and
 * only while this process hears what others say: the first endpoint is told to all of them when it is committed. In doubt the answer is no.
 */
export function isUnused(house: House): boolean {
  if (house.realtime.state().status !== 'ok') return false
  const state = stateOf(house)
  const age = performance.now() - state.at
  if (age > askAgainMs && !state.isAsking) void ask(house, state)
  return state.isNone && age < believedMs
}

/** Says to every process that there is an endpoint, with the commit of `ctx`. */
export async function sayUsed(ctx: Context): Promise<void> {
  await ctx.house.realtime.broadcast(ctx, topic, {})
}

const stateOf = perHouse((house): Known => {
  const state: Known = { isNone: false, at: Number.NEGATIVE_INFINITY, isAsking: false, era: 0 }
  const doubt = (): void => {
    state.isNone = false
    state.era++
  }
  house.realtime.subscribe(topic, doubt)
  house.realtime.onGap(doubt)
  return state
})

async function ask(house: House, state: Known): Promise<void> {
  const { era } = state
  state.isAsking = true
  const at = performance.now()
  try {
    const isNone = !(await hasEndpoints(house.db))
    state.isNone = isNone && era === state.era
    state.at = at
  } catch {
    // The database is away; who publishes will hear of it.
    state.isNone = false
  } finally {
    state.isAsking = false
  }
}
