import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as administration from './modules/administration/index.ts'
import * as backups from './modules/backups/index.ts'
import * as catalog from './modules/catalog/index.ts'
import * as insights from './modules/insights/index.ts'
import * as payments from './modules/payments/index.ts'
import * as reviews from './modules/reviews/index.ts'
import * as webhooks from './modules/webhooks/index.ts'
import { createApp, type App } from './app.ts'
import { explain, openDatabase, systemClock } from './boot.ts'
import { refuseUnfinished } from './platform/backup/unfinished.ts'
import { loadMany } from './demo/load.ts'
import { environmentExample, loadConfig, type Config } from './platform/config.ts'
import { parseArguments, type Command } from './platform/console.ts'
import { describeDatabase } from './platform/db/generate.ts'
import { migrate } from './platform/db/migrate.ts'
import type { EmbeddedServer } from './platform/embedded/index.ts'
import { AppError, invalid } from './platform/errors.ts'
import { copyFiles } from './platform/files/copy.ts'
import { directoryStoreOf, s3StoreOf } from './platform/files/open.ts'
import { said } from './platform/http/envelope.ts'
import { translate } from './platform/i18n/index.ts'
import { createLogger, type Logger } from './platform/log.ts'

const root = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

/** Writes what is generated, or with `--check` tells what is stale and ends with 1. */
async function generate(databaseUrl: string, check: boolean): Promise<number> {
  const { schema, types } = await describeDatabase(databaseUrl)
  const files = {
    'db/schema.sql': schema,
    'server/platform/db/tables.generated.ts': types,
    '.env.example': environmentExample(),
  }
  const stale = Object.entries(files).filter(([name, text]) => {
    try {
      return readFileSync(root(name), 'utf8') !== text
    } catch {
      return true
    }
  })
  for (const [name, text] of stale) {
    if (!check) writeFileSync(root(name), text)
    console.log(check ? `${name} is stale: run npx banister generate` : `wrote ${name}`)
  }
  return check && stale.length > 0 ? 1 : 0
}

const houseCommands: Record<string, Command> = {
  'jobs-list': {
    summary: 'the jobs that run by themselves, and when',
    run: async ({ house }) => house.jobs.scheduled().map(({ name, cron }) => `${name}  ${cron}`),
  },
  'jobs-run': {
    summary: 'run one job now: jobs-run NAME',
    run: async ({ house }, { positionals: [name] }) => {
      if (!name) throw new AppError('VALIDATION_ERROR', 'Name the job; jobs-list tells them')
      await house.jobs.run(name)
      return [`${name} is done.`]
    },
  },
  'jobs-dead': {
    summary: 'dead letters: what was given up',
    run: async ({ house }) =>
      (await house.jobs.dead()).map(({ id, name, created, error }) => `${id}  ${created}  ${name}  ${error}`),
  },
  'jobs-replay': {
    summary: 'put dead letters back: jobs-replay [ID ...], all of them without an id',
    run: async ({ house }, { positionals }) => [
      `${await house.jobs.replay(positionals.length > 0 ? positionals : undefined)} put back.`,
    ],
  },
  'demo-load': {
    summary: 'make a large marketplace for measuring: --services 100000 --bookings 1000000',
    run: async (ctx, { options }) => {
      const number = (name: string, fallback: number): number => {
        const value = options[name] === undefined ? fallback : Number(options[name])
        if (!Number.isInteger(value) || value < 1 || value > 10_000_000)
          throw invalid(name, 'This must be a whole number from 1 to 10000000')
        return value
      }
      if (ctx.house.config.ENVIRONMENT === 'production')
        throw new AppError('CONFLICT', 'There is no demo in production')
      const size = { services: number('services', 1000), bookings: number('bookings', 10_000) }
      const made = await loadMany(ctx.house.pool.options.connectionString!, size, ctx.now)
      await catalog.reindexCatalog(ctx)
      await insights.rebuildFigures(ctx)
      return made
    },
  },
  'create-buckets': {
    summary: 'make the buckets of the file store',
    run: async ({ house, now }) => {
      await house.files.prepare(now)
      return ['The buckets are there.']
    },
  },
  'files-copy': {
    summary: 'copy every file from the directory to S3, or back: --to s3 or --to directory',
    run: async ({ house, now }, { options: { to, ...others } }) => {
      if ((to !== 's3' && to !== 'directory') || Object.keys(others).length > 0)
        throw invalid('to', 'Say --to s3 or --to directory, and nothing else')
      const s3 = await s3StoreOf(house.config, house.log, house.clock)
      if (s3 === null) throw new AppError('CONFLICT', 'MINIO_ENDPOINT is not set')
      const directory = directoryStoreOf(house.config)
      const [from, target] = to === 's3' ? [directory, s3] : [s3, directory]
      const { copied, skipped, bytes } = await copyFiles(from, target, now)
      return [`${copied} files copied (${bytes} bytes), ${skipped} were there already. Nothing was deleted.`]
    },
  },
}

const commands: Record<string, Command> = {
  ...houseCommands,
  ...catalog.commands,
  ...payments.commands,
  ...insights.commands,
  ...reviews.commands,
  ...webhooks.commands,
  ...backups.commands,
  ...administration.commands,
}

/** What the launcher starts itself, and what needs no house. */
const own = [
  ['start', 'everything in one process: the API, its documentation and the jobs'],
  ['serve', 'the API alone; a worker does the jobs'],
  ['worker', 'the jobs alone'],
  ['migrate', 'bring the database up to date and end; every start does it too'],
  ['restore', 'bring a backup back: restore FILE | NAME | latest [--verify-only] [--force]'],
  ['generate', 'write anew what is generated: schema, types of tables, .env.example'],
] as const

function help(): string {
  const all = [...own, ...Object.entries(commands).map(([name, { summary }]) => [name, summary] as const)]
  const lines = all.map(([name, summary]) => `  ${name.padEnd(22)} ${summary}`)
  return `npx banister COMMAND\n\n${lines.join('\n')}`
}

/** Brings a backup back. It needs no house: neither a database that is migrated nor, where it is told another one, the one of the settings. */
async function restore(config: Config, log: Logger, args: string[]): Promise<number> {
  let embedded: EmbeddedServer | null = null
  try {
    const lines = await backups.restore(
      {
        config,
        log,
        clock: systemClock,
        openDatabase: async () => {
          const opened = await openDatabase(config, log)
          embedded = opened.embedded
          return opened.url
        },
        inHouse: async (url, work) => {
          const app = await createApp({ config, databaseUrl: url, log, clock: systemClock })
          try {
            await app.house.jobs.start(false)
            return await work(app.contextFor('restore'))
          } finally {
            await app.stop()
          }
        },
      },
      args,
    )
    console.log(lines.join('\n'))
    return 0
  } finally {
    await (embedded as EmbeddedServer | null)?.stop()
  }
}

async function main(): Promise<number> {
  const [given = 'help', ...args] = process.argv.slice(2)
  const name = given.replaceAll('_', '-')
  if (name === 'help' || name === '--help') {
    console.log(help())
    return 0
  }
  const command = commands[name]
  if (!command && !['migrate', 'generate', 'restore'].includes(name)) {
    console.error(`There is no command ${given}.\n\n${help()}`)
    return 1
  }
  const config = loadConfig(process.env, process.cwd())
  const log = createLogger(config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL, process.stdout.isTTY)
  if (name === 'restore') return await restore(config, log, args)
  const { url, embedded } = await openDatabase(config, log)
  let app: App | null = null
  try {
    await refuseUnfinished(url)
    const applied = await migrate(url)
    if (name === 'migrate')
      console.log(applied.length > 0 ? `Applied ${applied.join(', ')}` : 'The database is up to date.')
    if (name === 'generate') return await generate(url, args.includes('--check'))
    if (!command) return 0
    app = await createApp({ config, databaseUrl: url, log, clock: systemClock })
    await app.house.jobs.start(false)
    const lines = await command.run(app.contextFor(name), parseArguments(args))
    if (lines.length > 0) console.log(lines.join('\n'))
    return 0
  } finally {
    await app?.stop()
    await embedded?.stop()
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof AppError) {
      const details = error.details
        ?.map((detail) => said(detail, 'en'))
        .map(({ field, message }) => `\n  ${field ? `--${field.replaceAll('_', '-')}: ` : ''}${message}`)
        .join('')
      console.error(`${translate('en', error.message, error.params)}${details ?? ''}`)
    } else console.error(explain(error))
    process.exit(1)
  },
)
