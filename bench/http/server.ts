/**
 * The product as a process of its own, so that its CPU time is nobody else's: `server.ts DATABASE_URL DATA_DIR`. Its parent asks for the CPU time used so far and
 * may have the statements of the requests written down.
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
let recorded: Statement[] | null = null

/** For as long as the connection lives: a property that is taken away again would make of it an object that is slow to use. */
function listen(client: PoolClient): void {
  const plain = client.query.bind(client) as (...given: unknown[]) => unknown
  const written = (...given: unknown[]): unknown => {
    const [query, values = []] = given as [string | { statements: Statement[] }, unknown[] | undefined]
    recorded?.push(...(typeof query === 'string' ? [{ text: query, values }] : query.statements))
    return plain(...given)
  }
  client.query = written as typeof client.query
}

pool.on('connect', listen)

const tell = (told: Told): void => {
  process.send?.(told)
}

process.on('message', ({ ask }: Ask) => {
  if (ask === 'cpu') {
    const { user, system } = process.cpuUsage()
    tell({ cpu: (user + system) / 1000 })
  } else if (ask === 'record') {
    recorded = []
    tell({ statements: [] })
  } else {
    tell({ statements: recorded ?? [] })
    recorded = null
  }
})
process.on('disconnect', () => process.exit(0))

// Between two rounds the client may be busy for minutes, and takes up its connections again after them.
app.http.server.keepAliveTimeout = 0
await app.house.files.prepare(benchNow)
await app.house.jobs.start(false)
// What nobody in the house uses costs nothing only where this process hears of what others do.
await app.house.realtime.start()
const address = await app.http.listen({ host: '127.0.0.1', port: 0 })
tell({ port: Number(new URL(address).port) })
