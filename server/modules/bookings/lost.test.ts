import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { Client } from 'pg'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { offer, openHours } from './support.fixture.ts'

// A booking goes out in few messages, most of its writes with the next one: wherever its connection is lost, all of it stands or nothing does.

const house = await openHouse()
const people = 5
const each = 8
let booked = 0

/**
 * Ends the connections of the product again and again, as a failover does: at any moment of whatever they do. While nobody gets through it gives them longer: on a
 * busy machine a booking takes many times what it does on another.
 */
async function hangUpOften(until: AbortSignal): Promise<void> {
  let [seen, slower] = [0, 1]
  const client = new Client({ connectionString: databaseOf(house), application_name: 'test' })
  await client.connect()
  while (!until.aborted) {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'banister' AND random() < 0.4`,
    )
    await sleep((5 + Math.random() * 40) * slower)
    slower = booked > seen ? 1 : Math.min(30, slower * 1.2)
    seen = booked
  }
  await client.end()
}

type Wish = { customer: Person; service: number; date: string; key: string }

/** Asks until it is told that it is booked, with the same key each time. Answers what it was told. */
async function bookAtLast({ customer, service, date, key }: Wish): Promise<number[]> {
  const told: number[] = []
  for (let i = 0; i < 200; i++) {
    const answer = await house.call('POST', '/api/v1/bookings/', {
      token: customer.token,
      headers: { 'idempotency-key': key },
      json: { service, date },
    })
    told.push(answer.status)
    if (answer.status === 201) booked++
    if (answer.status !== 503) return told
    await sleep(Math.random() * 20)
  }
  return told
}

test('Bookings whose connections are lost again and again are made once each, whole, and nobody is told otherwise', async () => {
  const wishes: Wish[][] = []
  for (let i = 0; i < people; i++) {
    const [provider, customer] = [await house.person('provider'), await house.person('customer')]
    await openHours(house, provider)
    const service = await offer(house, provider)
    const begin = Temporal.Instant.from('2026-01-14T09:00:00Z')
    wishes.push(
      Array.from({ length: each }, (_, n) => ({
        customer,
        service,
        date: begin.add({ hours: 24 * Math.floor(n / 6) + (n % 6) }).toString(),
        key: randomUUID(),
      })),
    )
  }
  const end = new AbortController()
  const hangingUp = hangUpOften(end.signal)

  const told = await Promise.all(
    wishes.map(async (mine) => {
      const answers: number[][] = []
      for (const wish of mine) answers.push(await bookAtLast(wish))
      return answers
    }),
  )
  end.abort()
  await hangingUp

  const statuses = told.flat(2)
  assert.deepEqual(
    statuses.filter((status) => status !== 201 && status !== 503),
    [],
  )
  assert.ok(statuses.includes(503), 'no connection was lost')
  const { rows } = await sql<{ history: number; jobs: number; sessions: number; claims: number }>`
    SELECT (SELECT count(*) FROM booking_history h WHERE h.booking_id = b.id) AS history,
      (SELECT count(DISTINCT j.data ->> 'listener') * 100 + count(*) FROM pgboss.job j
        WHERE j.data ->> 'name' = 'booking.created' AND (j.data -> 'data' ->> 'booking_id')::bigint = b.id) AS jobs,
      (SELECT count(*) FROM booking_sessions s WHERE s.id = b.session_id AND s.seats_taken = 1) AS sessions,
      (SELECT count(*) FROM claims c WHERE c.source_kind = 'booking_session' AND c.source_id = b.session_id::text) AS claims
    FROM bookings b`.execute(house.house.db)
  assert.equal(rows.length, people * each)
  const listeners = Math.floor(rows[0]!.jobs / 100)
  assert.ok(listeners > 0)
  for (const row of rows) assert.deepEqual(row, { history: 1, jobs: listeners * 101, sessions: 1, claims: 1 })
})
