import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Pool } from 'pg'

export type Metrics = {
  registry: Registry
  request: (method: string, route: string, status: number, seconds: number) => void
}

/** What `/metrics` shows: requests by route, the pool, jobs by state, event-loop lag and the process. */
export function createMetrics(
  pool: Pool,
  jobCounts: () => Promise<{ queue: string; state: string; count: number }[]>,
): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Requests by route, method and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  const connections = new Gauge({
    name: 'database_pool_connections',
    help: 'Connections of this process by state',
    labelNames: ['state'],
    registers: [],
    collect() {
      this.set({ state: 'idle' }, pool.idleCount)
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'waiting' }, pool.waitingCount)
    },
  })
  const jobs = new Gauge({
    name: 'jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'],
    registers: [],
    async collect() {
      this.reset()
      for (const { queue, state, count } of await jobCounts()) this.set({ queue, state }, count)
    },
  })
  registry.registerMetric(connections)
  registry.registerMetric(jobs)
  return {
    registry,
    request: (method, route, status, seconds) => requests.observe({ method, route, status: String(status) }, seconds),
  }
}
