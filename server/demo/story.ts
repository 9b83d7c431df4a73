import { sql } from 'kysely'
import type { App } from '../app.ts'
import { createAccount, openSession } from '../modules/accounts/index.ts'
import { audit } from '../platform/audit.ts'
import type { Role } from '../platform/context.ts'
import { inTransaction } from '../platform/db/transaction.ts'
import { demoPassword, type DemoPerson } from './people.ts'

/** What things are called in URLs and fields. */
export type Id = string | number
/** An answer's data; the demo knows what it asked for. */
export type Told = Record<string, unknown> & { id: Id }
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH'
type Sent = { json?: object; payload?: Buffer; headers?: Record<string, string> }

/** How the demo is lived: people, a clock that the story sets, and the product's own operations. */
export type Story = {
  app: App
  random: () => number
  /** The moment at which the story ends: now, to the minute. */
  present: Temporal.Instant
  /** Turns the clock of the house. */
  setNow: (now: Temporal.Instant) => void
  /** Makes an account, with its address confirmed; answers its id. */
  join: (person: DemoPerson, role?: Role) => Promise<number>
  idOf: (email: string) => number
  /** Asks the API as somebody. @throws Error for a refusal, with the whole answer: the demo asks for nothing that is refused */
  ask: (method: Method, url: string, email: string, json?: object) => Promise<Told>
  /** The same where others may have been first: answers null when it is refused. */
  attempt: (method: Method, url: string, email: string, sent: Sent) => Promise<Told | null>
  /** Does what waits; what is to begin later than the clock of the world waits for the house that is started. */
  settle: () => Promise<void>
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

/** One of them, by the story's chance. */
export const pick = <T>({ random }: Pick<Story, 'random'>, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)]!

/** Some at once: the database and this process work side by side, and no more connections are taken than the pool has. */
export async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  await Promise.all(
    Array.from({ length: 2 }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
    }),
  )
}

/** A story told in this house, whose clock `setNow` turns. The password of all is hashed once, and nobody types it: sessions are opened. */
export function storyOf(app: App, present: Temporal.Instant, passwordHash: string, setNow: Story['setNow']): Story {
  const ids = new Map<string, number>()
  const tokens = new Map<string, { at: Temporal.Instant; token: Promise<string> }>()
  const idOf = (email: string): number => ids.get(email)!
  const tokenOf = (email: string): Promise<string> => {
    const at = app.house.clock()
    const known = tokens.get(email)
    // A token lives half an hour and the story leaps over days.
    if (known?.at.equals(at)) return known.token
    const token = openSession(app.contextFor('demo'), idOf(email)).then(({ access }) => `Bearer ${access}`)
    tokens.set(email, { at, token })
    return token
  }
  const inject = async (method: Method, url: string, email: string, { json, payload, headers = {} }: Sent) => {
    const answer = await app.http.inject({
      method,
      url: `/api/v1${url}`,
      headers: { ...headers, authorization: await tokenOf(email) },
      ...(json ? { payload: json } : payload ? { payload } : {}),
    })
    return { ok: answer.statusCode < 300, answer }
  }
  return {
    app,
    random: seeded(2026),
    present,
    setNow,
    idOf,
    join: async ({ email, first_name, last_name, time_zone }, role = 'customer') => {
      const account = { email, role, first_name, last_name, time_zone, password: demoPassword, phone: '(555) 123-4567' }
      const { id } = await createAccount(app.contextFor('demo'), account, { passwordHash })
      // As if the link of the mail had been followed, which only invitations ask for.
      await app.house.db
        .updateTable('users')
        .set({ email_confirmed_at: app.house.clock() })
        .where('id', '=', id)
        .execute()
      ids.set(email, id)
      return id
    },
    ask: async (method, url, email, json) => {
      const { ok, answer } = await inject(method, url, email, json ? { json } : {})
      if (!ok) throw new Error(`The demo was refused ${method} ${url} for ${email}: ${answer.payload}`)
      return answer.json<{ data: Told }>().data
    },
    attempt: async (method, url, email, sent) => {
      const { ok, answer } = await inject(method, url, email, sent)
      return ok ? answer.json<{ data: Told }>().data : null
    },
    settle: async () => {
      await app.house.jobs.drain(false, true)
    },
  }
}

/**
 * Leaves out what the nightly clean-up would have deleted by the end of the story: mails, and what was told to open sockets, of more than 30 days ago. Two thirds
 * of the work of a demo would be for it.
 */
export function forgetWhatIsLongAgo({ house }: App, present: Temporal.Instant): void {
  const { enqueue, publish } = house.jobs
  const isLongAgo = (now: Temporal.Instant): boolean => now.until(present).total('hours') > 30 * 24
  house.jobs.enqueue = async (ctx, name, data, options) => {
    if (/[._]mail(?:_|$)/.test(name) && isLongAgo(ctx.now)) return
    // Who has not said how it was by now was asked long ago.
    if (name === 'reviews.invite') return
    await enqueue(ctx, name, data, options)
  }
  house.jobs.publish = async (ctx, name, event) => {
    if (name === 'notification.created' && isLongAgo(ctx.now)) return
    await publish(ctx, name, event)
  }
}

/** Writes a line of the audit log, by which the next start sees how far the demo came; what was written before it is on the disk with it. */
export async function note({ app }: Pick<Story, 'app'>, action: 'demo.begun' | 'demo.made'): Promise<void> {
  await inTransaction(app.contextFor('demo'), async (tx) => {
    await sql`SET LOCAL synchronous_commit = on`.execute(tx.db)
    await audit(tx, { action })
  })
}
