import { Gauge } from 'prom-client'
import type { House } from './house.ts'

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
          mail: await house.mailer.state(),
          push: house.pusher?.state() ?? { status: 'off' },
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
