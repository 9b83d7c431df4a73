/** The product with its socket as a process of its own: `server.ts DATABASE_URL DATA_DIR`. Its parent asks for the CPU time used so far, and lets it tell people something. */
import { createApp } from '../../server/app.ts'
import { createLogger } from '../../server/platform/log.ts'
import { appendToStreams } from '../../server/platform/streams.ts'
import { benchConfig, benchNow } from '../http/settings.ts'

export type SocketAsk = { ask: 'cpu' } | { ask: 'tell'; to: number[]; data: object }

const [url = '', dataDir = ''] = process.argv.slice(2)
const app = await createApp({
  config: benchConfig(dataDir),
  databaseUrl: url,
  log: createLogger('silent', false),
  clock: () => benchNow,
})
app.house.pool.options.idleTimeoutMillis = 0
const answer = async (asked: SocketAsk): Promise<void> => {
  if (asked.ask === 'tell') await appendToStreams(app.contextFor('bench'), asked.to, { type: 'note', data: asked.data })
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: (user + system) / 1000 })
}
process.on('message', (asked: SocketAsk) => void answer(asked))
process.on('disconnect', () => process.exit(0))

await app.house.realtime.start()
const address = await app.http.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port: Number(new URL(address).port) })
