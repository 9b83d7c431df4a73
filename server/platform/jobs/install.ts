import { PgBoss } from 'pg-boss'
import { queues } from './queues.ts'

/** Makes or renews pg-boss's own schema and the queues; part of the migrations, so that no process needs the right to do it later. */
export async function installJobs(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, max: 1, supervise: false, schedule: false, migrate: true })
  boss.on('error', () => undefined)
  await boss.start()
  try {
    for (const { name, ...options } of queues) {
      await boss.createQueue(name, options)
      await boss.updateQueue(name, options)
    }
  } finally {
    await boss.stop({ graceful: false })
  }
}
