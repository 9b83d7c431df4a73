import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { moveToPast } from '../../../test/past.ts'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { openHours, type Json } from './support.fixture.ts'

const house = await openHouse()
const owner = await house.person('customer')
const customer = await house.person('customer')
const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, who: Person, json?: Json) =>
  house.call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })

const refusal = ({ status, body }: Answer): string => `${status} ${body['error']?.error_number}`

const made = await ask('POST', 'organizations/', owner, { name: 'Lavender Spa', time_zone: 'UTC' })
const organization_id: string = made.body['data'].id

async function hire(): Promise<Person> {
  const person = await house.person('provider')
  await ask('POST', `organizations/${organization_id}/invitations/`, owner, { email: person.email })
  await house.drain()
  const mail = (await house.mails(person.email)).find(({ text }) => text.includes('/invitations/'))!
  const token = decodeURIComponent(/invitations\/\?token=([^\s"&<]+)/.exec(mail.text)![1]!)
  await ask('POST', 'organizations/invitations/accept/', person, { token })
  await openHours(house, person)
  return person
}

/** As salons have it from before nobody could leave with bookings to come: their master is gone, and the bookings stand. */
const leave = (master: Person) =>
  sql`DELETE FROM memberships WHERE organization_id = ${organization_id}::uuid AND user_id = ${master.id}`.execute(
    house.house.db,
  )

const offerAs = async (seller: Person, master: Person, fields: Json): Promise<number> => {
  const json = { title: 'Massage', description: 'An hour', price: 40, organization_id, staff: [master.id], ...fields }
  const answer = await ask('POST', 'services/', seller, json)
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}

test('a master who has left a salon sees what they gave, and decides nothing of it any more: the salon does', async () => {
  const master = await hire()
  const service = await offerAs(owner, master, { requires_approval: true })
  const { id } = (await ask('POST', 'bookings/', customer, { service, date: '2026-01-14T10:00:00Z' })).body['data']
  const wish = { service, date: '2026-01-15T10:00:00Z', recurrence_rule: 'FREQ=DAILY;COUNT=2' }
  const series: number = (await ask('POST', 'bookings/series/', customer, wish)).body['data'].id
  const acts = [
    () => ask('POST', `bookings/status/${id}/`, master, { status: 'confirmed' }),
    () => ask('PUT', `bookings/${id}/`, master, { date: '2026-01-14T12:00:00Z' }),
    () => ask('DELETE', `bookings/${id}/no-show-fee/`, master),
    () => ask('POST', `bookings/series/${series}/confirm/`, master),
    () => ask('POST', `bookings/series/${series}/cancel/`, master, {}),
    () => ask('DELETE', `bookings/${id}/`, master),
  ]

  await leave(master)
  const refused = []
  for (const act of acts) refused.push(refusal(await act()))
  const seen = await ask('GET', `bookings/${id}/`, master)
  const decided = await ask('POST', `bookings/status/${id}/`, owner, { status: 'confirmed' })

  assert.deepEqual(
    refused,
    acts.map(() => '403 PERMISSION_DENIED'),
  )
  assert.deepEqual([seen.status, seen.body['data'].status], [200, 'pending'])
  assert.equal(decided.status, 200, decided.text)
})

test('a master who has left a salon gives back none of its money', async () => {
  const master = await hire()
  const service = await offerAs(owner, master, { payment: 'online' })
  const { id } = (await ask('POST', 'bookings/', customer, { service, date: '2026-01-14T10:00:00Z' })).body['data']
  const { payment, payment_intent_id } = (
    await ask('POST', 'payments/stripe/create-intent/', customer, { booking_id: id })
  ).body['data']
  const card = { payment_intent_id, payment_method: 'pm_card_visa' }
  const paid = await ask('POST', 'payments/stripe/confirm-payment/', customer, card)
  const refund = (who: Person) => ask('POST', 'payments/stripe/refund/', who, { payment_id: payment.id, amount: 5 })

  const before = await refund(master)
  await leave(master)
  const after = await refund(master)
  const bySalon = await refund(owner)

  assert.equal(paid.status, 200, paid.text)
  assert.deepEqual([before.status, refusal(after), bySalon.status], [201, '403 PERMISSION_DENIED', 201])
})

test('a master of a salon that is archived has not left it: what they gave before is settled', async () => {
  const boss = await house.person('customer')
  const master = await house.person('provider')
  await openHours(house, master)
  const other: string = (await ask('POST', 'organizations/', boss, { name: 'Mint', time_zone: 'UTC' })).body['data'].id
  await sql`INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES (${other}::uuid, ${master.id}, 'employee', ${house.ctx().now}::timestamptz)`.execute(
    house.house.db,
  )
  const service = await offerAs(boss, master, { organization_id: other })
  const { id } = (await ask('POST', 'bookings/', customer, { service, date: '2026-01-14T10:00:00Z' })).body['data']
  await moveToPast(house, id, 'confirmed', 1)

  const archived = await ask('DELETE', `organizations/${other}/`, boss)
  await house.drain()
  const settled = await ask('POST', `bookings/status/${id}/`, master, { status: 'completed' })

  assert.equal(archived.status, 200, archived.text)
  assert.equal(settled.status, 200, settled.text)
})
