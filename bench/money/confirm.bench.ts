import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { createApp } from '../../server/app.ts'
import { createLogger } from '../../server/platform/log.ts'
import { createDatabase } from '../../test/postgres.ts'
import { cpuOfProcess } from '../http/replay.ts'
import { benchConfig, benchNow } from '../http/settings.ts'
import type { Bench, Remote } from '../run.ts'

/** So many booked and unpaid hours wait to be paid, each once; a round pays `repeats` of them. */
const bookings = 320
const repeats = 8

type House = { confirm: Remote; posting: Remote }
const ends: (() => Promise<unknown>)[] = []

/** A provider with an hour on sale at every hour, a customer, and intents for all of it, made through the API. */
async function open(): Promise<House> {
  const database = await createDatabase()
  const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-bench-confirm-'))
  const config = { ...benchConfig(dataDir), HOLD_MINUTES: 1_000_000 }
  const app = await createApp({
    config,
    databaseUrl: database.url,
    log: createLogger('silent', false),
    clock: () => benchNow,
  })
  await app.house.jobs.start(false)
  await app.http.ready()
  ends.push(app.stop, database.drop, async () => rmSync(dataDir, { recursive: true, force: true }))
  const call = async <T>(url: string, json: object, token?: string): Promise<T> => {
    const answer = await app.http.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      payload: json,
      ...(token ? { headers: { authorization: token } } : {}),
    })
    if (answer.statusCode >= 300) throw new Error(`${url} answers ${answer.statusCode}: ${answer.payload}`)
    return answer.json<{ data: T }>().data
  }
  const person = async (role: string): Promise<string> => {
    const account = { email: `${role}@example.com`, password: 'password123' }
    const names = { confirm_password: 'password123', first_name: 'Jane', last_name: 'Smith', phone: '(555) 123-4567' }
    await call(`/auth/register/${role}/`, { ...account, ...names })
    return (await call<{ access: string }>('/auth/login/', account)).access
  }
  const [seller, buyer] = [await person('provider'), await person('customer')]
  const hours = { start_time: '00:00', end_time: '24:00', time_zone: 'UTC' }
  for (let weekday = 1; weekday <= 7; weekday++)
    await call('/schedules/', { kind: 'weekly', weekday, ...hours }, seller)
  const fields = { title: 'An hour', description: 'To be paid', price: 100, payment: 'online', slot_step_minutes: 60 }
  const service = (await call<{ id: number }>('/services/', fields, seller)).id
  const intents: string[] = []
  for (let i = 0; i < bookings; i++) {
    const date = benchNow
      .round({ smallestUnit: 'hour', roundingMode: 'ceil' })
      .add({ hours: 1 + i })
      .toString()
    const { id } = await call<{ id: number }>('/bookings/', { service, date }, buyer)
    intents.push(
      (await call<{ payment_intent_id: string }>('/payments/stripe/create-intent/', { booking_id: id }, buyer))
        .payment_intent_id,
    )
  }
  const { db } = app.house
  await sql`CREATE TABLE bench_payments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL)`.execute(
    db,
  )
  await sql`CREATE TABLE bench_entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payment_id bigint NOT NULL, amount bigint NOT NULL)`.execute(
    db,
  )
  const cpu = async (): Promise<number> => {
    const { rows } = await sql<{
      pid: number
    }>`SELECT pid FROM pg_stat_activity WHERE datname = current_database()`.execute(db)
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000 + rows.reduce((sum, { pid }) => sum + cpuOfProcess(pid), 0)
  }
  return {
    confirm: {
      cpu,
      run: async () => {
        const payment_intent_id = intents.pop()
        if (payment_intent_id === undefined) throw new Error('every booking is paid: ask for fewer rounds')
        return call('/payments/stripe/confirm-payment/', { payment_intent_id, payment_method: 'pm_card_visa' }, buyer)
      },
    },
    posting: {
      cpu,
      run: () =>
        db.transaction().execute(async (tx) => {
          await sql`INSERT INTO bench_payments (status) VALUES (${'succeeded'})`.execute(tx)
          await sql`INSERT INTO bench_entries (payment_id, amount) VALUES (1, 10000), (1, -1000), (1, -9000)`.execute(
            tx,
          )
        }),
    },
  }
}

/** All that confirming takes (the operation written down, the sandbox, the transition, the ledger, the events), next to the least that it can leave behind. */
const bench: Bench = {
  name: 'money confirmation',
  rows: [
    {
      name: 'confirm a payment with the sandbox',
      base: 'a payment and three entries',
      repeats,
      limits: { Banister: 25 },
      prepare: async () => {
        const { confirm, posting } = await open()
        return { 'a payment and three entries': posting, Banister: confirm }
      },
    },
  ],
  end: async () => {
    for (const end of ends.splice(0)) await end()
  },
}

export default bench
