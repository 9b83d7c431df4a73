import { Client } from 'pg'
import { createApp, type App } from '../app.ts'
import { createAccount } from '../modules/accounts/index.ts'
import type { Config } from '../platform/config.ts'
import type { Logger } from '../platform/log.ts'
import {
  administrators,
  customers,
  demoPassword,
  providers,
  salon,
  type DemoPerson,
  type DemoProvider,
} from './people.ts'

/** One number for all processes: whoever makes the demo holds this advisory lock. */
const lock = 7_216_532
/** The story begins so many days ago and is booked as far ahead. */
const daysBack = 21
const daysAhead = 14

type Json = Record<string, never>
type Call = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  url: string,
  token?: string,
  json?: object,
) => Promise<{ status: number; data: Json }>
type Story = {
  app: App
  call: Call
  random: () => number
  setNow: (now: Temporal.Instant) => void
  tokens: Map<string, string>
}

/** A seeded generator: every demo is the same one (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * Fills a new database with a believable marketplace and a salon: lived through the API itself, under a clock that begins three weeks ago, with the mails kept in
 * the outbox. Does nothing in a database where somebody lives already. Answers whether it was made.
 */
export async function makeDemo(config: Config, databaseUrl: string, log: Logger): Promise<boolean> {
  const guard = new Client({ connectionString: databaseUrl })
  await guard.connect()
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [lock])
    const { rows } = await guard.query('SELECT 1 FROM users LIMIT 1')
    if (rows.length > 0) return false
    const today = Temporal.Now.instant().toZonedDateTimeISO('UTC').startOfDay().add({ hours: 6 })
    let now = today.subtract({ days: daysBack }).toInstant()
    // Nothing of the demo leaves the house, and nobody is slowed down.
    const quiet = {
      ...config,
      EMAIL_HOST: null,
      RATE_LIMIT_PER_MINUTE: 10_000_000,
      AUTH_RATE_LIMIT_PER_MINUTE: 10_000_000,
    }
    const app = await createApp({ config: quiet, databaseUrl, log: log.child({ part: 'demo' }), clock: () => now })
    app.house.log.info = () => undefined
    try {
      await app.house.jobs.start(false)
      await app.http.ready()
      const call: Call = async (method, url, token, json) => {
        const answer = await app.http.inject({
          method,
          url: `/api/v1${url}`,
          ...(token ? { headers: { authorization: token } } : {}),
          ...(json ? { payload: json } : {}),
        })
        return { status: answer.statusCode, data: answer.json<{ data: Json }>().data }
      }
      const setNow = (moment: Temporal.Instant): void => {
        now = moment
      }
      await live({ app, call, random: seeded(2026), setNow, tokens: new Map() }, today.toInstant())
      return true
    } finally {
      await app.stop()
    }
  } finally {
    await guard.end()
  }
}

async function live(story: Story, today: Temporal.Instant): Promise<void> {
  await Promise.all(customers.map((person) => register(story, person, 'customer')))
  await Promise.all(providers.map((person) => openShop(story, person)))
  await openSalon(story)
  for (const { email, role, first_name, last_name } of administrators)
    await createAccount(story.app.contextFor('demo'), { email, role, first_name, last_name, password: demoPassword })
  await bookSome(story, today.subtract({ hours: 24 * (daysBack - 1) }), daysBack - 1 + daysAhead)
  await story.app.house.jobs.drain(true)
  // What lies behind has happened: completed by time, but for some to which nobody came.
  story.setNow(today)
  await someDidNotCome(story)
  await story.app.house.jobs.run('bookings.complete')
  await story.app.house.jobs.drain(true)
}

async function register({ call, tokens }: Story, person: DemoPerson, role: 'customer' | 'provider'): Promise<number> {
  const { email, first_name, last_name, time_zone } = person
  await call('POST', `/auth/register/${role}/`, undefined, {
    email,
    first_name,
    last_name,
    time_zone,
    password: demoPassword,
    confirm_password: demoPassword,
    phone: '(555) 123-4567',
  })
  return signIn({ call, tokens }, email)
}

async function signIn({ call, tokens }: Pick<Story, 'call' | 'tokens'>, email: string): Promise<number> {
  const { data } = await call('POST', '/auth/login/', undefined, { email, password: demoPassword })
  const { access, user } = data as unknown as { access: string; user: { id: number } }
  tokens.set(email, access)
  return user.id
}

async function openHours(
  { call, tokens }: Story,
  person: DemoPerson,
  [start_time, end_time]: [string, string],
  weekdays: number[],
): Promise<void> {
  for (const weekday of weekdays)
    await call('POST', '/schedules/', tokens.get(person.email), {
      kind: 'weekly',
      weekday,
      start_time,
      end_time,
      time_zone: person.time_zone,
    })
}

async function openShop(story: Story, provider: DemoProvider): Promise<void> {
  await register(story, provider, 'provider')
  const token = story.tokens.get(provider.email)
  const { headline, bio, city, languages, hourly_rate, slug, services, hours } = provider
  await story.call('PATCH', '/auth/profile/', token, {
    profile: { bio },
    provider_profile: {
      headline,
      city,
      languages,
      hourly_rate,
      slug,
      experience_years: 3 + Math.floor(story.random() * 12),
    },
  })
  await openHours(story, provider, hours, [1, 2, 3, 4, 5])
  for (const one of services) await story.call('POST', '/services/', token, one)
}

async function openSalon(story: Story): Promise<void> {
  const { call, tokens, app, random } = story
  await register(story, salon.owner, 'customer')
  const owner = tokens.get(salon.owner.email)
  const { name, city, address, slug, time_zone } = salon
  const { id: organization_id } = (
    await call('POST', '/organizations/', owner, { name, city, address, slug, time_zone, currency: 'UAH' })
  ).data as unknown as { id: string }
  const masters = await Promise.all(salon.masters.map((master) => register(story, master, 'provider')))
  for (const master of salon.masters)
    await call('POST', `/organizations/${organization_id}/invitations/`, owner, {
      email: master.email,
      position: 'Майстер',
    })
  await app.house.jobs.drain()
  for (const [i, master] of salon.masters.entries()) {
    await app.house.db
      .updateTable('users')
      .set({ email_confirmed_at: app.house.clock() })
      .where('id', '=', masters[i]!)
      .execute()
    const { data } = await call('GET', '/organizations/invitations/', tokens.get(master.email))
    const [invitation] = (data as unknown as { results: { id: string }[] }).results
    await call('POST', '/organizations/invitations/accept/', tokens.get(master.email), {
      invitation_id: invitation!.id,
    })
    await openHours(
      story,
      master,
      i % 2 === 0 ? ['09:00', '17:00'] : ['12:00', '20:00'],
      i % 3 === 0 ? [1, 2, 3, 4, 5] : [2, 3, 4, 5, 6],
    )
  }
  const rooms: string[] = []
  for (const room of salon.rooms)
    rooms.push(
      ((await call('POST', '/rooms/', owner, { ...room, organization_id })).data as unknown as { id: string }).id,
    )
  for (const [title, price, duration_minutes, where, many] of salon.services) {
    const first = Math.floor(random() * masters.length)
    const staff = Array.from({ length: many }, (_, i) => masters[(first + i * 2) % masters.length]!)
    await call('POST', '/services/', owner, {
      title,
      description: `${title}: ${duration_minutes} хвилин турботи`,
      price,
      currency: 'UAH',
      duration_minutes,
      category: 'SPA',
      organization_id,
      staff: [...new Set(staff)],
      room_ids: where.map((i) => rooms[i]!),
      buffer_after_minutes: 10,
      payment: 'on_site',
      cancellation_policy: [{ hours_before: 12, refund_percent: 100 }],
      ...(title === 'Сауна' ? { capacity: 6 } : {}),
    })
  }
}

/** Some weeks of bookings, taken from what is listed free. */
async function bookSome({ call, tokens, random, app }: Story, from: Temporal.Instant, days: number): Promise<void> {
  const first = from.toZonedDateTimeISO('UTC').toPlainDate()
  const services = await app.house.db.selectFrom('services').select('id').orderBy('id').execute()
  for (const { id } of services) {
    const { data } = await call(
      'GET',
      `/services/${id}/slots/?from=${first.toString()}&to=${first.add({ days }).toString()}&time_zone=UTC`,
    )
    const { results } = data as unknown as { results: { start: string }[] }
    const wanted = Math.min(results.length, 4 + Math.floor(random() * 5))
    for (let i = 0; i < wanted; i++) {
      const { start } = results[Math.floor(random() * results.length)]!
      const buyer = customers[Math.floor(random() * customers.length)]!
      // Another may have taken the master or the room meanwhile: that is what the demo is about.
      const booked = await call('POST', '/bookings/', tokens.get(buyer.email), {
        service: id,
        date: start,
        ...(random() < 0.3 ? { note: 'Перший візит' } : {}),
      })
      if (booked.status !== 201) continue
      const { id: booking_id, payment_status } = booked.data as unknown as { id: number; payment_status: string }
      if (payment_status === 'unpaid') await pay({ call, tokens }, buyer.email, booking_id)
    }
  }
}

/** Pays in the sandbox, as a customer would. */
async function pay({ call, tokens }: Pick<Story, 'call' | 'tokens'>, email: string, booking_id: number): Promise<void> {
  const token = tokens.get(email)
  const { data } = await call('POST', '/payments/stripe/create-intent/', token, { booking_id })
  const { payment_intent_id } = data as unknown as { payment_intent_id: string }
  await call('POST', '/payments/stripe/confirm-payment/', token, { payment_intent_id, payment_method: 'pm_card_visa' })
}

async function someDidNotCome(story: Story): Promise<void> {
  const past = await story.app.house.db
    .selectFrom('bookings')
    .innerJoin('users', 'users.id', 'bookings.provider_id')
    .where('status', '=', 'confirmed')
    .where('ends_at', '<', story.app.house.clock())
    .select(['bookings.id', 'email'])
    .orderBy('bookings.id')
    .execute()
  for (const [i, { id, email }] of past.entries()) {
    if (i % 17 !== 0) continue
    await signIn(story, email)
    await story.call('POST', `/bookings/status/${id}/`, story.tokens.get(email), { status: 'no_show' })
  }
}

/** What a person at the terminal needs to try it. */
export const demoAccounts = (): string =>
  `${customers[0]!.email}, ${providers[0]!.email}, ${salon.owner.email}, ${administrators.map(({ email }) => email).join(', ')}`
