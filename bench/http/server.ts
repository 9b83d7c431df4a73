/**
 * The product as a process of its own, so that its CPU time is nobody else's: `server.ts DATABASE_URL DATA_DIR`. Its parent asks for the CPU time used so far and
 * may have the statements of the requests written down; while nothing is written down, nothing stands between pool and connection.
 */
import type { PoolClient } from 'pg'
import { createApp } from '../../server/app.ts'
import { benchConfig, benchNow } from './settings.ts'
import { createLogger } from '../../server/platform/log.ts'

/** A statement as it was sent: under which name, with which values. */
export type Statement = { name?: string; text: string; values: readonly unknown[] }
export type Ask = { ask: 'cpu' | 'record' | 'recorded' }
export type Told = { port: number } | { cpu: number } | { statements: Statement[] }

const [url = '', dataDir = ''] = process.argv.slice(2)
const app = await createApp({
  config: benchConfig(dataDir),
  databaseUrl: url,
  log: createLogger('silent', false),
  clock: () => benchNow,
})
const { pool } = app.house
// A backend that ends takes its CPU time with it.
pool.options.idleTimeoutMillis = 0
const clients = new Set<PoolClient>()
let recorded: Statement[] | null = null

function listen(client: PoolClient): void {
  const plain = client.query.bind(client) as (...given: unknown[]) => unknown
  const written = (...given: unknown[]): unknown => {
    const [query, values = []] = given as [string | { statements: Statement[] }, unknown[] | undefined]
    recorded?.push(...(typeof query === 'string' ? [{ text: query, values }] : query.statements))
    return plain(...given)
  }
  client.query = written as typeof client.query
}

pool.on('connect', (client) => {
  clients.add(client)
  if (recorded) listen(client)
})

const tell = (told: Told): void => {
  process.send?.(told)
}

process.on('message', ({ ask }: Ask) => {
  if (ask === 'cpu') {
    const { user, system } = process.cpuUsage()
    tell({ cpu: (user + system) / 1000 })
  } else if (ask === 'record') {
    recorded = []
    for (const client of clients) listen(client)
    tell({ statements: [] })
  } else {
    tell({ statements: recorded ?? [] })
    recorded = null
    // What was put before the method of the class is taken away again.
    for (const client of clients) Reflect.deleteProperty(client, 'query')
  }
})
process.on('disconnect', () => process.exit(0))

await app.house.files.prepare(benchNow)
await app.house.jobs.start(false)
const address = await app.http.listen({ host: '127.0.0.1', port: 0 })
tell({ port: Number(new URL(address).port) })
