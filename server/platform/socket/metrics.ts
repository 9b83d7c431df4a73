import { Counter, Gauge, type Registry } from 'prom-client'

export type SocketMetrics = {
  received: (type: string) => void
  sent: () => void
  closed: (reason: string, code: number) => void
  looked: () => void
}

/** What `/metrics` shows of the sockets of this process. */
export function createSocketMetrics(
  registry: Registry,
  counts: () => { open: number; topics: number; subscriptions: number },
): SocketMetrics {
  const sockets = new Gauge({
    name: 'sockets_open',
    help: 'Sockets that are open now',
    registers: [],
    collect() {
      this.set(counts().open)
    },
  })
  registry.registerMetric(sockets)
  const topics = new Gauge({
    name: 'socket_topics',
    help: 'Topics that sockets watch now: different ones, and subscriptions to them',
    labelNames: ['of'],
    registers: [],
    collect() {
      const now = counts()
      this.set({ of: 'topics' }, now.topics)
      this.set({ of: 'subscriptions' }, now.subscriptions)
    },
  })
  registry.registerMetric(topics)
  const looks = new Counter({
    name: 'socket_topic_looks_total',
    help: 'Looks at topics: before somebody may watch one, and after changes',
    registers: [registry],
  })
  const received = new Counter({
    name: 'socket_frames_received_total',
    help: 'Frames of clients by type',
    labelNames: ['type'],
    registers: [registry],
  })
  const sent = new Counter({
    name: 'socket_frames_sent_total',
    help: 'Frames sent to clients',
    registers: [registry],
  })
  const closed = new Counter({
    name: 'sockets_closed_total',
    help: 'Sockets that were closed: by the client, or why by us (too slow, dead, signed out, ...)',
    labelNames: ['reason', 'code'],
    registers: [registry],
  })
  return {
    received: (type) => received.inc({ type }),
    sent: () => sent.inc(),
    looked: () => looks.inc(),
    closed: (reason, code) => closed.inc({ reason, code: String(code) }),
  }
}
