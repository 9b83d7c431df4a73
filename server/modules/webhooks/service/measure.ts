import { Counter, Gauge, Histogram } from 'prom-client'
import { asNobody } from '../../../platform/context.ts'
import type { House } from '../../../platform/house.ts'
import { countWaiting } from '../queries/deliveries.ts'
import type { Outcome } from '../rules.ts'

type Measures = { calls: Counter; seconds: Histogram }
const measures = new WeakMap<House, Measures>()

/** Adds to `/metrics` how calls of webhooks end, how long they take, and how many deliveries wait. */
export function measureWebhooks(house: House): void {
  const { registry } = house.metrics
  const calls = new Counter({
    name: 'webhook_calls_total',
    help: 'Calls of webhooks by this process, by how they ended',
    labelNames: ['result'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'webhook_call_duration_seconds',
    help: 'How long receivers of webhooks take',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  registry.registerMetric(
    new Gauge({
      name: 'webhook_deliveries_waiting',
      help: 'Deliveries of webhooks that are due or will be tried again',
      registers: [],
      async collect() {
        this.set(await countWaiting(asNobody(house)))
      },
    }),
  )
  measures.set(house, { calls, seconds })
}

export function countCall(house: House, result: Outcome['kind'], durationMs: number): void {
  const kept = measures.get(house)
  kept?.calls.inc({ result })
  kept?.seconds.observe(durationMs / 1000)
}
