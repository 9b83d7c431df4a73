import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { createApp, type App } from '../server/app.ts'
import { authenticate, recallActor } from '../server/modules/accounts/index.ts'
import { loadConfig } from '../server/platform/config.ts'
import { refuseOtherMethods } from '../server/platform/http/answers.ts'
import { createServer } from '../server/platform/http/server.ts'
import { createLogger } from '../server/platform/log.ts'
import { callerOf, type House } from './support.ts'

/** The address of the house's database. */
export const databaseOf = ({ house }: House): string => {
  const url = house.pool.options.connectionString
  if (!url) throw new Error('the pool was not made from an address')
  return url
}

/** A server of this house with operations of the test's own, and how to call it. */
export async function serverWith(
  { house }: House,
  addOperations: (app: FastifyInstance) => void,
): Promise<{ http: FastifyInstance; call: House['call'] }> {
  const http = await createServer(house, { authenticate, recall: recallActor, belongs: async () => false })
  addOperations(http)
  refuseOtherMethods(http)
  await http.ready()
  return { http, call: callerOf(http) }
}

/** Another process of the same product, as far as a process can hold two: all parts made anew on the same database, until the test ends. */
export async function nodeBeside(
  first: House,
  t: TestContext,
  environment: Record<string, string> = {},
): Promise<App & { call: House['call'] }> {
  const { DATA_DIR, SECRET_KEY, RATE_LIMIT_PER_MINUTE, AUTH_RATE_LIMIT_PER_MINUTE } = first.house.config
  const settings = {
    DATA_DIR,
    SECRET_KEY,
    RATE_LIMIT_PER_MINUTE: String(RATE_LIMIT_PER_MINUTE),
    AUTH_RATE_LIMIT_PER_MINUTE: String(AUTH_RATE_LIMIT_PER_MINUTE),
    LOG_LEVEL: 'silent',
    DATABASE_POOL_SIZE: '4',
    ...environment,
  }
  const app = await createApp({
    config: loadConfig(settings, DATA_DIR),
    databaseUrl: databaseOf(first),
    log: createLogger('silent', false),
    clock: first.house.clock,
  })
  await app.house.jobs.start(false)
  await app.http.ready()
  t.after(() => app.stop())
  return { ...app, call: callerOf(app.http) }
}
