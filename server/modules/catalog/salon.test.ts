import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { findServicesOffered, getServiceForBooking } from './index.ts'

const house = await openHouse()
type Salon = { id: string; admin: Person; masters: Person[]; rooms: string[] }

async function join(organization_id: string, user_id: number): Promise<void> {
  const { db, now } = house.ctx()
  await db.insertInto('memberships').values({ organization_id, user_id, role: 'employee', joined_at: now }).execute()
}

/** A salon with an admin, two masters and two rooms. */
async function openSalon(name: string, extra: object = {}): Promise<Salon> {
  const admin = await house.person()
  const { token } = admin
  const made = await house.call('POST', '/api/v1/organizations/', { token, json: { name, city: 'Lviv', ...extra } })
  const id: string = made.body['data'].id
  const masters = [await house.person(), await house.person('provider')]
  for (const master of masters) await join(id, master.id)
  const rooms: string[] = []
  for (const room of ['Rose', 'Mint']) {
    const json = { name: room, capacity: 2, organization_id: id }
    rooms.push((await house.call('POST', '/api/v1/rooms/', { token, json })).body['data'].id)
  }
  return { id, admin, masters, rooms }
}

const lavender = await openSalon('Lavender Spa', { currency: 'UAH' })
const rival = await openSalon('Cedar Baths')
const massage = { title: 'Salon massage', description: 'With oils', price: 800 }
const offer = (token: string, json: object) =>
  house.call('POST', '/api/v1/services/', { token, json: { ...massage, ...json } })
const offered = async (salon: Salon, json: object = {}): Promise<number> => {
  const answer = await offer(salon.admin.token, {
    organization_id: salon.id,
    staff: salon.masters.map(({ id }) => id),
    room_ids: salon.rooms,
    ...json,
  })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}

test('a salon’s admin offers a service with its masters and rooms, in the salon’s currency', async () => {
  const id = await offered(lavender)

  const { body, text } = await house.call('GET', `/api/v1/services/${id}/`)

  const service = body['data']
  assert.equal(service.organization.name, 'Lavender Spa')
  assert.equal(service.organization_id, lavender.id)
  assert.equal(service.provider, null)
  assert.equal(service.currency, 'UAH')
  assert.deepEqual(service.room_ids.toSorted(), lavender.rooms.toSorted())
  assert.deepEqual(
    service.staff.map((person: { id: number }) => person.id),
    lavender.masters.map(({ id: user }) => user),
  )
  assert.ok(!/@example\.com|\(555\)|5551234567/.test(text))
})

test('neither a master, nor a provider from outside, nor another salon’s admin offers in its name', async () => {
  const json = { organization_id: lavender.id }

  const tries = [
    await offer(lavender.masters[0]!.token, json),
    await offer((await house.person('provider')).token, json),
    await offer(rival.admin.token, json),
  ]

  assert.deepEqual(
    tries.map(({ status }) => status),
    // A provider of another place and a salon's admin may offer, so they are told that this organization does not exist; a master may not offer at all.
    [403, 404, 404],
  )
})

test('people and rooms of others are refused by the field that names them', async () => {
  const own = { organization_id: lavender.id, staff: [lavender.masters[0]!.id], room_ids: [lavender.rooms[0]] }
  const fields = async (json: object): Promise<string[]> => {
    const answer = await offer(lavender.admin.token, { ...own, ...json })
    assert.equal(answer.status, 400)
    return answer.body['error'].details.map((detail: { field: string }) => detail.field)
  }

  assert.deepEqual(await fields({ staff: [rival.masters[0]!.id] }), ['staff'])
  assert.deepEqual(await fields({ room_ids: [...lavender.rooms, rival.rooms[0]] }), ['room_ids'])
  assert.deepEqual(await fields({ staff: [999_999], room_ids: [rival.id] }), ['staff', 'room_ids'])
})

test('a salon’s service is changed by its admins, and by no one of its masters or of another salon', async () => {
  const id = await offered(lavender)
  const change = (token: string, json: object) => house.call('PUT', `/api/v1/services/${id}/`, { token, json })

  const done = await change(lavender.admin.token, { staff: [lavender.masters[1]!.id], room_ids: [] })

  assert.equal(done.status, 200, done.text)
  assert.deepEqual(
    [done.body['data'].staff.map((person: { id: number }) => person.id), done.body['data'].room_ids],
    [[lavender.masters[1]!.id], []],
  )
  assert.equal((await change(lavender.masters[0]!.token, { price: 1 })).status, 403)
  assert.equal((await change(rival.admin.token, { price: 1 })).status, 403)
  assert.equal((await change(lavender.admin.token, { staff: [rival.masters[0]!.id] })).status, 400)
})

const mine = async ({ token }: Person): Promise<number[]> =>
  (await house.call('GET', '/api/v1/services/?mine=true', { token })).body['data'].results.map(
    (service: { id: number }) => service.id,
  )

test('among one’s own are the salon’s services for its admins, also the inactive ones, and not for its masters', async () => {
  const id = await offered(lavender, { is_active: false })

  assert.ok((await mine(lavender.admin)).includes(id))
  assert.deepEqual(await mine(lavender.masters[0]!), [])
  assert.ok(!(await mine(rival.admin)).includes(id))
})

test('booking is told of a salon’s service who can give it and where, and of whose it is', async () => {
  const id = await offered(lavender, { price: 800.5, buffer_after_minutes: 15, category: 'Only here' })

  const service = await getServiceForBooking(house.ctx(), id)
  const found = await findServicesOffered(house.ctx(), { category: 'ONLY here' })

  assert.deepEqual(service.seller, { organizationId: lavender.id, providerId: null })
  assert.deepEqual(
    service.providerIds,
    lavender.masters.map((master) => master.id),
  )
  assert.deepEqual(service.roomIds, lavender.rooms.toSorted())
  assert.equal(service.needsRoom, true)
  assert.deepEqual([service.priceMinor, service.currency, service.bufferAfter], [80_050, 'UAH', 15])
  assert.equal(service.names.get(lavender.masters[0]!.id), 'Jane Smith')
  assert.equal(service.isActive, true)
  assert.deepEqual(found, [service])
})

test('who leaves the salon, and a room that is archived, are no longer offered', async () => {
  const salon = await openSalon('Short Lived')
  const id = await offered(salon)
  const { token } = salon.admin
  // Still a member of another salon, which says nothing about this one.
  await join(lavender.id, salon.masters[0]!.id)

  const left = await house.call('DELETE', `/api/v1/organizations/${salon.id}/members/${salon.masters[0]!.id}/`, {
    token,
  })
  const gone = await house.call('DELETE', `/api/v1/rooms/${salon.rooms[0]}/`, { token })
  const atOnce = await getServiceForBooking(house.ctx(), id)
  await house.drain()
  const shown = await house.call('GET', `/api/v1/services/${id}/`)

  assert.deepEqual([left.status, gone.status], [200, 200])
  assert.deepEqual(atOnce.providerIds, [salon.masters[1]!.id])
  assert.deepEqual(atOnce.roomIds, [salon.rooms[1]])
  assert.deepEqual(
    shown.body['data'].staff.map((person: { id: number }) => person.id),
    [salon.masters[1]!.id],
  )
})

test('an archived salon’s services are not to be booked, and gone from the lists', async () => {
  const salon = await openSalon('Ephemeral Zzyzx')
  const id = await offered(salon)
  const search = async () => (await house.call('GET', '/api/v1/public/services/?search=zzyzx')).body['data'].count
  const master = `/api/v1/public/providers/${salon.masters[0]!.id}/`
  const isListed = async (): Promise<boolean> =>
    (await house.call('GET', '/api/v1/public/providers/?page_size=100')).body['data'].results.some(
      (person: { id: number }) => person.id === salon.masters[0]!.id,
    )
  assert.equal(await search(), 1)
  assert.equal(await isListed(), true)

  await house.call('DELETE', `/api/v1/organizations/${salon.id}/`, { token: salon.admin.token })

  assert.equal((await getServiceForBooking(house.ctx(), id)).isActive, false)
  await house.drain()
  assert.equal(await search(), 0)
  assert.equal((await house.call('GET', `/api/v1/services/${id}/`)).status, 404)
  assert.equal((await house.call('GET', master)).status, 404)
  assert.equal(await isListed(), false)
})

test('a service that never was is NOT_FOUND for booking', async () => {
  await assert.rejects(getServiceForBooking(house.ctx(), 999_999), { code: 'NOT_FOUND' })
})
