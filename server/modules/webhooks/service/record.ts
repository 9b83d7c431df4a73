import type { Context } from '../../../platform/context.ts'
import { iso } from '../../../platform/http/shapes.ts'
import type { DomainEvents, Listener, Listeners } from '../../../platform/jobs/jobs.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { insertMessage } from '../queries/deliveries.ts'
import { isWanted, listSubscribed } from '../queries/endpoints.ts'
import { sourceNames, sourceOf, type SourceName } from '../sources.ts'
import { typeOf, type EventTypeName } from '../types.ts'

/** What is posted, as the very text: each try sends the same. */
export const envelope = (ctx: Context, id: string, type: EventTypeName, data: unknown, test = false): string =>
  JSON.stringify({ id, type, created_at: iso(ctx.now), api_version: 'v1', ...(test ? { test } : {}), data })

/**
 * Hears an event of the house and writes down what is to be sent of it, and to whom. It runs in the transaction that also marks its job as done, so each endpoint
 * gets each event once; the sending is a job of its own. `data` is what the thing is at this moment, so never older than the event.
 */
export const record =
  <E extends SourceName>(name: E): Listener<E> =>
  async (ctx, event: DomainEvents[E]) => {
    const source = sourceOf(name)
    const type = typeof source.type === 'function' ? source.type(event) : source.type
    if (!(await isWanted(ctx, type))) return
    const { owners } = typeOf(type)
    let isDue = false
    for (const sent of [await source.load(ctx, event)].flat()) {
      if (sent === null) continue
      const { data, organizationId, providerId, people } = sent
      const whose = { organizationId, providerId, platform: owners.includes('platform'), owners }
      const endpoints = await listSubscribed(ctx, type, whose)
      if (endpoints.length === 0) continue
      const id = uuid7(ctx.now)
      await insertMessage(ctx, { id, type, body: envelope(ctx, id, type, data), people }, endpoints)
      isDue = true
    }
    if (isDue) await ctx.house.jobs.enqueue(ctx, 'webhooks.deliver', {})
  }

/** Who hears what, and webhooks beside them whatever they have a source for. */
export function hearingBeside(others: Listeners): Listeners {
  const hearing = sourceNames.map((name) => [name, { ...others[name], 'webhooks.record': record(name) }])
  return { ...others, ...(Object.fromEntries(hearing) as Listeners) }
}
