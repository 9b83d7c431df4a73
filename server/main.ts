import { createApp, warm, type App } from './app.ts'
import { demoAccounts, makeDemo, type Demo } from './demo/demo.ts'
import { demoPassword } from './demo/people.ts'
import { explain, openDatabase, systemClock } from './boot.ts'
import { refuseUnfinished } from './platform/backup/unfinished.ts'
import { loadConfig } from './platform/config.ts'
import { migrate } from './platform/db/migrate.ts'
import { prepareFiles } from './platform/files/open.ts'
import type { EmbeddedServer } from './platform/embedded/index.ts'
import { createLogger, errorFields, type Logger } from './platform/log.ts'

/** What this process does: `start` all of it, `serve` only HTTP, `worker` only jobs. */
type Part = 'start' | 'serve' | 'worker'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

async function start(part: Part): Promise<void> {
  const config = loadConfig(process.env, process.cwd())
  const log = createLogger(config.LOG_LEVEL, process.stdout.isTTY)
  const { url, embedded } = await openDatabase(config, log)
  await refuseUnfinished(url)
  const applied = await migrate(url)
  const demo = config.DEMO && part !== 'serve' ? await makeDemo(config, url, log) : 'none'
  const app = await createApp({ config, databaseUrl: url, log, clock: systemClock })
  await app.house.realtime.start()
  await prepareFiles(app.house.files, app.house.clock(), log)
  await app.house.jobs.start(part !== 'serve')
  if (part !== 'worker') await app.http.listen({ host: config.HOST, port: config.PORT })
  const at = part === 'worker' ? config.WORKER_LISTEN : null
  if (at) await (await app.watch()).listen(at)
  endOnSignal(app, embedded, log)
  introduce(app, part, embedded, applied.length, demo)
  await warm()
}

function introduce(
  { house: { config } }: App,
  part: Part,
  embedded: EmbeddedServer | null,
  migrations: number,
  demo: Demo,
): void {
  say(
    `Banister ${part === 'worker' ? 'works on jobs' : `serves on ${config.PUBLIC_URL}`} (Node ${process.version}, tz data ${process.versions.tz})`,
  )
  if (part !== 'worker') say(`  API documentation  ${config.PUBLIC_URL}/docs/ and ${config.PUBLIC_URL}/redoc/`)
  if (part === 'worker' && config.WORKER_LISTEN)
    say(
      `  Health             port ${config.WORKER_LISTEN.port} of ${config.WORKER_LISTEN.host}: /api/v1/health/ and /metrics`,
    )
  say(
    `  Database           ${embedded ? `embedded PostgreSQL in ${config.DATA_DIR}` : 'the one of DATABASE_URL'}${migrations > 0 ? `, ${migrations} migrations applied` : ''}`,
  )
  say(`  Files              ${config.MINIO_ENDPOINT ? `in S3 at ${config.MINIO_ENDPOINT}` : `in ${config.DATA_DIR}`}`)
  if (config.EMAIL_HOST === null) say(`  Mails              are kept in the outbox: ${config.PUBLIC_URL}/dev/mail`)
  if (demo === 'made' || demo === 'stands') say(`  Demo accounts      ${demoAccounts()} (password ${demoPassword})`)
  if (demo === 'unfinished')
    say('  Demo               is not whole: making it was interrupted or failed. An empty database brings a new one')
  say(
    `  Make a super admin npx banister create-superadmin --email you@example.com --first-name You --last-name Yourself`,
  )
}

/** Finishes the requests and jobs under way, closes everything in its order, and ends. A second signal, or 12 s, end it at once. */
function endOnSignal(app: App, embedded: EmbeddedServer | null, log: Logger): void {
  let since: number | null = null
  const stop = async (): Promise<void> => {
    await app.stop()
    await embedded?.stop()
  }
  const end = (signal: string): void => {
    // Ctrl-C reaches the whole group, and npm and the launcher pass it on: the same wish, heard up to three times.
    if (since !== null && performance.now() - since > 1000) process.exit(1)
    if (since !== null) return
    since = performance.now()
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), 12_000).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(errorFields(error), 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', () => end('SIGINT'))
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGHUP', () => end('SIGHUP'))
}

const part = process.argv[2] ?? 'start'
if (part !== 'start' && part !== 'serve' && part !== 'worker')
  fail(`There is no way to start called ${part}: start, serve or worker`)
start(part as Part).catch((error: unknown) => fail(explain(error)))
