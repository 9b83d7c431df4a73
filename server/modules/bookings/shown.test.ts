import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join } from '../../../test/company.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, openHours } from './support.fixture.ts'

const house = await openHouse()
const ask = askerOf(house)
const admin = await house.person()
const organization_id = await found(house, admin, 'Salon')
const master = await join(house, organization_id, admin, 'employee', {}, await house.person('provider'))
const colleague = await join(house, organization_id, admin, 'employee')
const customer = await house.person()
await openHours(house, master)

const offer = async (who: Person, fields: object): Promise<number> => {
  const json = { description: 'An hour', price: 10, payment: 'on_site', ...fields }
  const made = await ask('POST', 'services/', who, json)
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}
const seen = async (who: Person) => {
  const query = `user_id=${master.id}&from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00Z`
  const answer = await ask('GET', `events/free-busy/?${query}`, who)
  const [person] = answer.body['data'].people
  return {
    busy: person.busy.length as number,
    titles: person.bookings.map((one: { title: string }) => one.title) as string[],
    text: answer.text,
  }
}

test('a booking shows as busy to colleagues, and with its title to whom it concerns alone', async () => {
  const salons = await offer(admin, { title: 'Massage', organization_id, staff: [master.id] })
  const own = await offer(master, { title: 'Private lesson' })
  const made = [
    await book(house, customer, salons, '2026-01-15T09:00:00Z'),
    await book(house, customer, own, '2026-01-15T12:00:00Z'),
  ]
  assert.deepEqual(
    made.map(({ status }) => status),
    [201, 201],
    made.map(({ text }) => text).join(),
  )

  const [byMaster, byAdmin, byColleague] = [await seen(master), await seen(admin), await seen(colleague)]

  assert.deepEqual([byMaster.busy, byAdmin.busy, byColleague.busy], [2, 2, 2])
  assert.deepEqual(byMaster.titles, ['Massage', 'Private lesson'])
  assert.deepEqual(byAdmin.titles, ['Massage'])
  assert.deepEqual(byColleague.titles, [])
  assert.ok(!/Massage|lesson/.test(byColleague.text))
})
