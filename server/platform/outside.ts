import { Gauge } from 'prom-client'
import type { House } from './house.ts'
import { failingQueues } from './jobs/failing.ts'

type State = { status: 'ok' | 'down' | 'off'; detail?: string }

/**
 * How mail and push fare: as this process has seen it, and as the queues tell of all others. A process of `serve` sends nothing itself and one of `worker` answers
 * nobody, so that without the queues nobody would hear of a mail server that is away.
 */
export async function outsideStates(house: House): Promise<{ mail: State; push: State }> {
  // Where the database does not answer there is nothing to tell but that.
  const failing = await soon(
    2000,
    failingQueues(house.pool).catch(() => new Set<string>()),
    new Set<string>(),
  )
  const withQueue = (queue: string, own: State): State =>
    own.status === 'ok' && failing.has(queue) ? { status: 'down', detail: 'what was tried last has failed' } : own
  return {
    mail: withQueue('mail', await house.mailer.state()),
    push: withQueue('push', house.pusher?.state() ?? { status: 'off' }),
  }
}

/** What is answered within so many milliseconds, else `late`. */
export async function soon<T>(ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const waiting = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, late)
  })
  try {
    return await Promise.race([work, waiting])
  } finally {
    clearTimeout(timer)
  }
}

/** Adds to `/metrics` how mail, push and files fare: whether they answer, and how the messages of this process ended. */
export function measureOutside(house: House): void {
  const { registry } = house.metrics
  registry.registerMetric(
    new Gauge({
      name: 'outside_service_up',
      help: '1 while the service answers, 0 while it is left alone because it keeps failing; absent where none is set',
      labelNames: ['service'],
      registers: [],
      async collect() {
        const states = {
          ...(await outsideStates(house)),
          files: {
            status: await house.files.check().then(
              () => 'ok',
              () => 'down',
            ),
          },
        }
        for (const [service, { status }] of Object.entries(states))
          if (status !== 'off') this.set({ service }, status === 'ok' ? 1 : 0)
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'push_messages',
      help: 'Push messages of this process since its start by how they ended; `failed` counts every try',
      labelNames: ['result'],
      registers: [],
      collect() {
        for (const [result, count] of Object.entries(house.pusher?.counts() ?? {})) this.set({ result }, count)
      },
    }),
  )
}
