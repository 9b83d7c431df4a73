import { mkdtempSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { Client } from 'pg'
import { createApp, type App } from '../server/app.ts'
import { restore } from '../server/modules/backups/index.ts'
import { loadConfig } from '../server/platform/config.ts'
import { createLogger } from '../server/platform/log.ts'
import { createDatabase } from './postgres.ts'
import type { House } from './support.ts'

/** What tests of restores need: another server, and a look into any database. */

const log = createLogger('silent', false)

/** What a query finds in a database. */
export const rows = async <T extends object>(url: string, text: string): Promise<T[]> => {
  const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' })
  await client.connect()
  try {
    return (await client.query<T>(text)).rows
  } finally {
    await client.end()
  }
}
/** Another server: a data directory and a database of its own, and the settings that were kept elsewhere. */
export const elsewhereOf =
  (house: House, place: string, folder: string) =>
  async (t: TestContext, settings: Record<string, string> = {}) => {
    const database = await createDatabase()
    t.after(() => database.drop())
    const dataDir = mkdtempSync(path.join(folder, 'new-'))
    const config = loadConfig(
      {
        DATA_DIR: dataDir,
        BACKUP_DIR: place,
        SECRET_KEY: house.house.config.SECRET_KEY,
        LOG_LEVEL: 'silent',
        RATE_LIMIT_PER_MINUTE: '100000',
        ...settings,
      },
      dataDir,
    )
    const open = async (url = database.url): Promise<App> => {
      const app = await createApp({ config, databaseUrl: url, log, clock: () => house.house.clock() })
      await app.house.jobs.start(false)
      await app.http.ready()
      return app
    }
    /** As if the process ended once the rows are there. */
    const ends = { next: false }
    const run = (...args: string[]): Promise<string[]> =>
      restore(
        {
          config,
          log,
          clock: () => house.house.clock(),
          openDatabase: async () => database.url,
          inHouse: async (url, work) => {
            const app = await open(url)
            try {
              if (ends.next) throw new Error('killed')
              return await work(app.contextFor('restore'))
            } finally {
              await app.stop()
            }
          },
        },
        args,
      )
    return { ends, url: database.url, config, open, run, drop: database.drop }
  }
