import { asNobody, type Context } from '../../../platform/context.ts'
import { afterCommit, inTransaction, isDatabaseGone } from '../../../platform/db/transaction.ts'
import { perHouse, type House } from '../../../platform/house.ts'
import { errorFields } from '../../../platform/log.ts'
import { hasEndpoints } from '../queries/endpoints.ts'
import type { SourceName } from '../sources.ts'
import { record } from './record.ts'

/** So long it is believed that there is no endpoint at all, while nobody says otherwise. */
const believedMs = 10_000
const askAgainMs = 5000
/** So soon after something was left unrecorded it is asked whether that was right. */
const sureAfterMs = 1000
/** What fails so often without the database being away is not recorded any more, as a job would be given up. */
const mostFailures = 10
/** With more than so many that are not sure yet nothing more is left unrecorded. */
const mostUnsure = 10_000
const topic = 'webhooks'

type Unsure = { name: SourceName; event: never; failures: number }
/**
 * `era` changes when somebody says that there is one: what was asked before is not believed then. `unsure` is what was committed unrecorded since the database was
 * asked last.
 */
type Known = {
  isNone: boolean
  at: number
  era: number
  asking: Promise<void> | null
  unsure: Unsure[]
  timer: NodeJS.Timeout | null
}

/**
 * Is there no endpoint in the whole house, so that nothing of what happens need be recorded? Asked at every event that is published, so it answers from memory, and
 * only while this process hears what others say: the first endpoint is told to all of them when it is committed. In doubt the answer is no. What was left
 * unrecorded because of a yes is told to `leaveUnrecorded`.
 */
export function isUnused(house: House): boolean {
  if (house.realtime.state().status !== 'ok') return false
  const state = stateOf(house)
  const age = performance.now() - state.at
  if (age > askAgainMs && !state.asking) void ask(house, state)
  return state.isNone && age < believedMs && state.unsure.length < mostUnsure
}

/**
 * Keeps what is not recorded, as there is no endpoint, until the database has said so again after its commit: one may have been made elsewhere while its transaction
 * was under way, or before this process heard of it. Then it is recorded late, and with it perhaps what happened in the second before. No request waits for that.
 */
export async function leaveUnrecorded(ctx: Context, name: SourceName, events: readonly unknown[]): Promise<void> {
  const { house } = ctx
  await afterCommit(ctx, () => {
    const state = stateOf(house)
    for (const event of events) state.unsure.push({ name, event: event as never, failures: 0 })
    if (state.isNone) askSoon(house, state)
    else void ask(house, state)
  })
}

/** Says to every process that there is an endpoint, with the commit of `ctx`. */
export async function sayUsed(ctx: Context): Promise<void> {
  await ctx.house.realtime.broadcast(ctx, topic, {})
}

/** Makes sure of all that was left unrecorded until now, before the process ends. */
export async function settleUnrecorded(house: House): Promise<void> {
  const state = stateOf(house)
  await state.asking
  if (state.unsure.length > 0) await ask(house, state)
}

const stateOf = perHouse((house): Known => {
  const state: Known = { isNone: false, at: Number.NEGATIVE_INFINITY, era: 0, asking: null, unsure: [], timer: null }
  const doubt = (): void => {
    state.isNone = false
    state.era++
    if (state.unsure.length > 0) void ask(house, state)
  }
  house.realtime.subscribe(topic, doubt)
  house.realtime.onGap(doubt)
  return state
})

function askSoon(house: House, state: Known): void {
  state.timer ??= setTimeout(() => {
    state.timer = null
    void ask(house, state)
  }, sureAfterMs).unref()
}

/** Asks the database. What was committed before is then nobody's, or is recorded now. */
function ask(house: House, state: Known): Promise<void> {
  state.asking ??= asked(house, state).finally(() => {
    state.asking = null
    if (state.unsure.length > 0 && !house.pool.ended) askSoon(house, state)
  })
  return state.asking
}

async function asked(house: House, state: Known): Promise<void> {
  const { era } = state
  const committed = state.unsure
  state.unsure = []
  const at = performance.now()
  try {
    const isNone = !(await hasEndpoints(house.db))
    state.isNone = isNone && era === state.era
    state.at = at
    if (isNone) return
    while (committed.length > 0) {
      await recordLate(house, committed[0]!)
      committed.shift()
    }
  } catch (error) {
    // The database is away; who publishes will hear of it, and what is not sure stays so.
    state.isNone = false
    if (committed.length > 0) house.log.warn(errorFields(error), 'what webhooks may have missed is looked at again')
    state.unsure.unshift(...committed)
  }
}

async function recordLate(house: House, missed: Unsure): Promise<void> {
  const { name, event } = missed
  try {
    await inTransaction(asNobody(house), (tx) => record(name)(tx, event))
  } catch (error) {
    if (isDatabaseGone(error) || ++missed.failures < mostFailures) throw error
    house.log.error({ event: name, ...errorFields(error) }, 'webhooks are not told of an event')
  }
}
