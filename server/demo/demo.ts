import { Client } from 'pg'
import { createApp } from '../app.ts'
import { hashPassword } from '../modules/accounts/index.ts'
import type { Config } from '../platform/config.ts'
import { migrate } from '../platform/db/migrate.ts'
import { prepareFiles } from '../platform/files/open.ts'
import { errorFields, type Logger } from '../platform/log.ts'
import { employees } from './company.ts'
import { bookSome, comeOrNot, openMarketplace } from './marketplace.ts'
import { administrators, customers, demoPassword, providers, salon } from './people.ts'
import { askForHelp, foundCompany, plan } from './planner.ts'
import { sayHowItWas } from './reviews.ts'
import { bookWeekly } from './series.ts'
import { forgetWhatIsLongAgo, note, storyOf, type Story } from './story.ts'
import { grantPermissions, showPapers, talk } from './talk.ts'

/** One number for all processes: whoever makes the demo holds this advisory lock. */
const lock = 7_216_532
/** Everybody came so many days ago; bookings begin later, and go on into the days ahead. */
const daysSinceOpening = 32
const daysBack = 20
const daysAhead = 14

/** What became of it: `stands` where an earlier start made it, `none` where somebody else lives already, `unfinished` where a part of it is missing. */
export type Demo = 'made' | 'stands' | 'none' | 'unfinished'

/**
 * Fills a new database with a believable marketplace, a salon and a company: lived through the API itself, under a clock that begins a month ago, with the mails
 * kept in the outbox. Does nothing in a database where somebody lives already. A demo that was interrupted while it was made is made anew, unless somebody has
 * come to it meanwhile: then, or when it fails, the house opens with what is there.
 */
export async function makeDemo(config: Config, databaseUrl: string, log: Logger): Promise<Demo> {
  const guard = new Client({ connectionString: databaseUrl })
  await guard.connect()
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [lock])
    const { rows: notes } = await guard.query<{ action: string }>(
      `SELECT action FROM audit_log WHERE action IN ('demo.begun', 'demo.made') ORDER BY id DESC LIMIT 1`,
    )
    if (notes[0]?.action === 'demo.begun') {
      if (!(await isAlone(guard))) return 'unfinished'
      await beginAnew(guard, databaseUrl)
    }
    const { rows: people } = await guard.query('SELECT FROM users LIMIT 1')
    if (people.length > 0) return notes[0]?.action === 'demo.made' ? 'stands' : 'none'
    await make(config, withoutWaiting(databaseUrl), log)
    return 'made'
  } catch (error) {
    log.error(errorFields(error), 'the demo could not be made whole')
    return 'unfinished'
  } finally {
    await guard.end()
  }
}

async function make(config: Config, databaseUrl: string, log: Logger): Promise<void> {
  const present = Temporal.Now.instant().round({ smallestUnit: 'minute', roundingMode: 'floor' })
  let now = present.subtract({ hours: 24 * daysSinceOpening })
  const app = await createApp({
    config: { ...config, ...quiet },
    databaseUrl,
    log: log.child({ part: 'demo' }),
    clock: () => now,
  })
  app.house.log.info = () => undefined
  forgetWhatIsLongAgo(app, present)
  try {
    await prepareFiles(app.house.files, present, log)
    await app.house.jobs.start(false)
    await app.http.ready()
    const setNow = (moment: Temporal.Instant): void => {
      now = moment
    }
    await live(storyOf(app, present, await hashPassword(demoPassword), setNow))
  } finally {
    await app.stop()
  }
}

const everybody = [...customers, ...providers, salon.owner, ...salon.masters, ...administrators, ...employees]

/** Is nobody here but who lives in the demo, and has nobody signed in to them? Whoever does so on the way in has an address. */
async function isAlone(guard: Client): Promise<boolean> {
  const { rows } = await guard.query<{ alone: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM users WHERE email <> ALL ($1)) AND NOT EXISTS (SELECT FROM sessions WHERE address <> '')
      AND NOT EXISTS (SELECT FROM bookings WHERE customer_id IS NULL) AS alone`,
    [everybody.map(({ email }) => email)],
  )
  return rows[0]!.alone
}

/** Begins the database anew: rows of ledgers and logs can only be added. A crash in between leaves an empty one, which the next start fills. */
async function beginAnew(guard: Client, databaseUrl: string): Promise<void> {
  await guard.query('BEGIN')
  await guard.query('DROP SCHEMA IF EXISTS pgboss CASCADE')
  await guard.query('DROP SCHEMA public CASCADE')
  await guard.query('CREATE SCHEMA public')
  await guard.query('COMMIT')
  await migrate(databaseUrl)
}

/** Thousands of transactions need not wait for the disk one by one: `note` sees to it that what is noted is there. */
function withoutWaiting(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  const given = url.searchParams.get('options') ?? ''
  // What a URL says takes the place of what the pool says.
  url.searchParams.set(
    'options',
    `${given} -c TimeZone=UTC -c DateStyle=ISO -c synchronous_commit=off -c plan_cache_mode=force_generic_plan`,
  )
  return url.toString()
}

/** Nothing of the demo leaves the house, nobody is slowed down, and nobody needs a telephone. */
const quiet = {
  EMAIL_HOST: null,
  CLAMD_HOST: null,
  FIREBASE_CREDENTIALS_FILE: null,
  TWO_FACTOR_REQUIRED_FOR: 'none',
  RATE_LIMIT_PER_MINUTE: 10_000_000,
  AUTH_RATE_LIMIT_PER_MINUTE: 10_000_000,
  INVITATIONS_PER_DAY: 1_000_000,
} as const

async function live(story: Story): Promise<void> {
  const { present, setNow, settle } = story
  const daysAgo = (days: number): Temporal.Instant => present.subtract({ hours: 24 * days })
  await note(story, 'demo.begun')
  await openMarketplace(story)
  for (const person of administrators) await story.join({ ...person, time_zone: 'UTC' }, person.role)
  const from = daysAgo(daysBack).toZonedDateTimeISO('UTC').toPlainDate()
  await bookSome(story, { from, days: daysBack + daysAhead }, 2, 4)
  const company = await foundCompany(story)
  await settle()
  setNow(daysAgo(28))
  await grantPermissions(story)
  await plan(story, company)
  await settle()
  for (const days of [14, 7]) {
    setNow(daysAgo(days))
    await comeOrNot(story)
    await sayHowItWas(story, 3)
  }
  await showPapers(story)
  await askForHelp(story, company)
  setNow(daysAgo(1))
  await comeOrNot(story)
  await sayHowItWas(story, 4)
  const tomorrow = present.toZonedDateTimeISO('UTC').toPlainDate().add({ days: 1 })
  await bookSome(story, { from: tomorrow, days: daysAhead }, 1, 1, 4)
  await bookWeekly(story)
  await talk(story)
  await readNotifications(story)
  setNow(present)
  await comeOrNot(story)
  await settle()
  await note(story, 'demo.made')
}

/** Whose eyes one looks through: a customer, a provider, the owner of the salon; admin, IT and employee of the company. */
const visitors = [customers[0]!, providers[0]!, salon.owner, ...employees.slice(0, 3)].map(({ email }) => email)

/** What was told a while ago has been read. */
async function readNotifications({ ask }: Story): Promise<void> {
  for (const email of visitors) await ask('POST', '/notifications/mark-read/', email, {})
}

/** What a person at the terminal needs to try it. */
export const demoAccounts = (): string =>
  `${visitors.join(', ')}, ${administrators.map(({ email }) => email).join(', ')}`
