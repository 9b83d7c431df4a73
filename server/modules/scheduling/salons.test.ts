import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { factsOf, findResources } from './index.ts'

const house = await openHouse()

type Body = Record<string, unknown>
const monday = { kind: 'weekly', weekday: 1, start_time: '09:00', end_time: '17:00' }
const slot = { kind: 'slot', starts_at: '2026-03-20T18:15', ends_at: '2026-03-20T19:00' }
const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, person: Person, json?: Body): Promise<Answer> =>
  house.call(method, `/api/v1/${path}`, { token: person.token, ...(json ? { json } : {}) })
const statusOf = async (answer: Promise<Answer>): Promise<number> => (await answer).status

/** A salon with its admin, and a way to take people in. */
async function openSalon() {
  const admin = await house.person('customer')
  const made = await call('POST', 'organizations/', admin, { name: 'Lavender Spa', time_zone: 'Europe/Lisbon' })
  assert.equal(made.status, 201, made.text)
  const id: string = made.body['data'].id
  const join = async (person: Person, role = 'employee', slots = false): Promise<void> => {
    await house.house.db
      .insertInto('memberships')
      .values({
        organization_id: id,
        user_id: person.id,
        role,
        access_availability_slots: slots,
        joined_at: house.ctx().now,
      })
      .execute()
  }
  const room = await call('POST', 'rooms/', admin, { organization_id: id, name: 'Blue room', capacity: 2 })
  assert.equal(room.status, 201, room.text)
  return { id, admin, join, roomId: room.body['data'].id as string }
}

test('a master with the role of a customer keeps working hours, and the admin keeps them too', async () => {
  const salon = await openSalon()
  const master = await house.person('customer', { time_zone: 'Europe/Kyiv' })
  await salon.join(master)

  const own = await call('POST', 'schedules/', master, monday)
  const byAdmin = await call('POST', 'schedules/', salon.admin, { ...monday, weekday: 2, user_id: master.id })

  assert.equal(own.status, 201, own.text)
  assert.equal(byAdmin.status, 201, byAdmin.text)
  assert.equal(byAdmin.body['data'].user_id, master.id)
  assert.equal(byAdmin.body['data'].time_zone, 'Europe/Kyiv')
  const listed = await call('GET', `schedules/?user_id=${master.id}`, salon.admin)
  assert.equal(listed.body['data'].count, 2)
  const path = `schedules/${own.body['data'].id}/`
  assert.equal(await statusOf(call('PUT', path, salon.admin, { ...monday, end_time: '12:00' })), 200)
  assert.equal(await statusOf(call('DELETE', path, salon.admin)), 200)
})

test('colleagues, IT and the admins of other salons do not see a master’s schedule', async () => {
  const [salon, other] = [await openSalon(), await openSalon()]
  const [master, colleague, it] = [
    await house.person('customer'),
    await house.person('customer'),
    await house.person('customer'),
  ]
  await salon.join(master)
  await salon.join(colleague)
  await salon.join(it, 'it')
  const { id } = (await call('POST', 'schedules/', master, monday)).body['data']

  for (const stranger of [colleague, it, other.admin]) {
    assert.equal(await statusOf(call('GET', `schedules/${id}/`, stranger)), 404)
    assert.equal(await statusOf(call('DELETE', `schedules/${id}/`, stranger)), 404)
    assert.equal(await statusOf(call('GET', `schedules/?user_id=${master.id}`, stranger)), 404)
    assert.equal(await statusOf(call('POST', 'schedules/', stranger, { ...slot, user_id: master.id })), 404)
  }
})

test('a room’s schedule is kept by admins and IT, refused to employees, and unknown to everybody else', async () => {
  const [salon, other] = [await openSalon(), await openSalon()]
  const [employee, it] = [await house.person('customer'), await house.person('customer')]
  await salon.join(employee)
  await salon.join(it, 'it')
  const hours = { ...monday, room_id: salon.roomId }

  const made = await call('POST', 'schedules/', it, hours)

  assert.equal(made.status, 201, made.text)
  const { id, room_id, user_id, time_zone } = made.body['data']
  assert.deepEqual(
    { room_id, user_id, time_zone },
    { room_id: salon.roomId, user_id: null, time_zone: 'Europe/Lisbon' },
  )
  assert.equal((await call('GET', `schedules/?room_id=${salon.roomId}`, salon.admin)).body['data'].count, 1)
  assert.equal(await statusOf(call('GET', `schedules/${id}/`, salon.admin)), 200)
  assert.equal(await statusOf(call('POST', 'schedules/', employee, hours)), 403)
  assert.equal(await statusOf(call('GET', `schedules/${id}/`, employee)), 403)
  assert.equal(await statusOf(call('POST', 'schedules/', other.admin, hours)), 404)
  assert.equal(await statusOf(call('GET', `schedules/${id}/`, other.admin)), 404)
  assert.equal(await statusOf(call('POST', 'schedules/', it, { ...hours, user_id: it.id })), 400)
  assert.equal(await statusOf(call('POST', 'schedules/', it, { ...slot, room_id: salon.roomId })), 400)
})

test('a slot is published by providers, and by members whose membership allows it', async () => {
  const salon = await openSalon()
  const [plain, allowed, provider] = [
    await house.person('customer'),
    await house.person('customer'),
    await house.person('provider'),
  ]
  await salon.join(plain)
  await salon.join(allowed, 'employee', true)

  const statuses = []
  for (const person of [plain, allowed, provider])
    statuses.push(await statusOf(call('POST', 'schedules/', person, slot)))
  const { id } = (await call('POST', 'schedules/', plain, monday)).body['data']

  assert.deepEqual(statuses, [403, 201, 201])
  assert.equal(await statusOf(call('PUT', `schedules/${id}/`, plain, slot)), 403)
})

test('a room without weekly hours is open around the clock but for its holidays; a person without hours never', async () => {
  const salon = await openSalon()
  const holiday = { kind: 'override', date: '2026-12-25', intervals: [], room_id: salon.roomId }
  const [from, to] = ['2026-12-24T00:00:00Z', '2026-12-27T00:00:00Z'].map((time) => Temporal.Instant.from(time))
  const scheduleOfRoom = async () => {
    const [id] = await findResources(house.ctx(), [{ roomId: salon.roomId, organizationId: salon.id }])
    return (await factsOf(house.ctx(), [id!], from!, to!)).get(id!)!.schedule
  }

  const made = await call('POST', 'schedules/', salon.admin, holiday)
  const withHoliday = await scheduleOfRoom()
  await call('DELETE', `schedules/${made.body['data'].id}/`, salon.admin)
  const without = await scheduleOfRoom()

  assert.equal(without, null)
  assert.deepEqual(withHoliday?.weekly.length, 7)
  assert.deepEqual(
    withHoliday?.overrides.map(({ intervals }) => intervals),
    [[]],
  )
  await call('POST', 'schedules/', salon.admin, { ...monday, room_id: salon.roomId })
  assert.deepEqual((await scheduleOfRoom())?.weekly, [{ weekday: 1, from: 540, to: 1020 }])
})
