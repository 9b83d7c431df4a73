import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, openHours, slotsOf } from './support.fixture.ts'

const house = await openHouse()
const owner = await house.person('customer')
const made = await house.call('POST', '/api/v1/organizations/', {
  token: owner.token,
  json: { name: 'Lavender Spa', time_zone: 'UTC' },
})
const organization_id: string = made.body['data'].id

async function join(): Promise<Person> {
  const person = await house.person('provider')
  await house.call('POST', `/api/v1/organizations/${organization_id}/invitations/`, {
    token: owner.token,
    json: { email: person.email },
  })
  await house.drain()
  const mail = (await house.mails(person.email)).find(({ text }) => text.includes('/invitations/'))!
  const token = decodeURIComponent(/invitations\/\?token=([^\s"&<]+)/.exec(mail.text)![1]!)
  const accepted = await house.call('POST', '/api/v1/organizations/invitations/accept/', {
    token: person.token,
    json: { token },
  })
  assert.equal(accepted.status, 200, accepted.text)
  await openHours(house, person)
  return person
}

const masters = [await join(), await join(), await join()]
const roomOf = async (name: string): Promise<string> =>
  (await house.call('POST', '/api/v1/rooms/', { token: owner.token, json: { name, capacity: 2, organization_id } }))
    .body['data'].id
const rooms = [await roomOf('Lilac'), await roomOf('Mint')]
const serviceOf = async (fields: object): Promise<number> => {
  const answer = await house.call('POST', '/api/v1/services/', {
    token: owner.token,
    json: {
      title: 'Massage',
      description: 'An hour',
      price: 40,
      organization_id,
      staff: masters.map((master) => master.id),
      room_ids: rooms,
      ...fields,
    },
  })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
const service = await serviceOf({})
const customers = await Promise.all(Array.from({ length: 4 }, () => house.person('customer')))

test('a salon takes any free master and any free allowed room, so rooms bound how many there are at once', async () => {
  const date = '2026-01-14T10:00:00Z'
  const answers = []
  for (const customer of customers.slice(0, 3)) answers.push(await book(house, customer, service, date))

  assert.deepEqual(
    answers.map((answer) => answer.status),
    [201, 201, 409],
  )
  assert.equal(answers[2]!.body['error'].details[0].rule, 'D11')
  const [first, second] = answers.map((answer) => answer.body['data'])
  assert.notEqual(first.provider.id, second.provider.id)
  assert.notEqual(first.room.id, second.room.id)
})

const ascending = (ids: number[]): number[] => ids.toSorted((a, b) => a - b)

test('masters are chosen fairly: who has the fewest minutes that day comes first', async () => {
  const taken: number[] = []
  for (const hour of ['10', '12', '14'])
    taken.push((await book(house, customers[0]!, service, `2026-01-15T${hour}:00:00Z`)).body['data'].provider.id)

  assert.deepEqual(ascending(taken), ascending(masters.map((master) => master.id)))
})

test('the wished master and room are taken, or the booking is refused', async () => {
  const date = '2026-01-16T10:00:00Z'
  const wish = { provider_id: masters[2]!.id, room_id: rooms[1]! }

  const first = await book(house, customers[0]!, service, date, wish)
  const sameMaster = await book(house, customers[1]!, service, date, { provider_id: masters[2]!.id })
  const sameRoom = await book(house, customers[1]!, service, date, { room_id: rooms[1]! })
  const nobody = await book(house, customers[1]!, service, date, { provider_id: owner.id })

  assert.deepEqual([first.body['data'].provider.id, first.body['data'].room.id], [masters[2]!.id, rooms[1]])
  assert.deepEqual([sameMaster.status, sameRoom.status, nobody.status], [409, 409, 400])
})

test('a master who wishes for nobody but themself is told why not', async () => {
  const answer = await book(house, masters[0]!, service, '2026-01-23T10:00:00Z', { provider_id: masters[0]!.id })

  assert.equal(answer.status, 403, answer.text)
  assert.equal(answer.body['error'].error_message, 'Nobody books their own service')
})

test('a room is one thing for all services that use it', async () => {
  const other = await serviceOf({ title: 'Facial', room_ids: [rooms[0]!], staff: [masters[0]!.id] })
  const date = '2026-01-17T10:00:00Z'
  await book(house, customers[0]!, service, date, { room_id: rooms[0]!, provider_id: masters[1]!.id })

  const clash = await book(house, customers[1]!, other, date)

  assert.equal(clash.status, 409)
  const slots = await slotsOf(house, other, '2026-01-17')
  assert.ok(!slots.some((slot) => slot['start'] === date))
})

test('200 at once for three masters in two rooms: two win, the others are told 409, nothing else', async () => {
  const date = '2026-01-19T10:00:00Z'
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => book(house, customers[i % 4]!, service, date)),
  )

  const count = (status: number) => answers.filter((answer) => answer.status === status).length
  assert.deepEqual([count(201), count(409)], [2, 198])
})

test('the admin of the salon sees and runs its bookings, an admin of another salon does not', async () => {
  const rival = await house.person('provider')
  await house.call('POST', '/api/v1/organizations/', { token: rival.token, json: { name: 'Rival' } })
  const { id } = (await book(house, customers[0]!, service, '2026-01-20T10:00:00Z')).body['data']

  const list = await house.call('GET', `/api/v1/bookings/?organization_id=${organization_id}`, { token: owner.token })
  const nosy = await house.call('GET', `/api/v1/bookings/?organization_id=${organization_id}`, { token: rival.token })
  const peek = await house.call('GET', `/api/v1/bookings/${id}/`, { token: rival.token })
  const cancelled = await house.call('DELETE', `/api/v1/bookings/${id}/`, {
    token: owner.token,
    json: { reason: 'Flood' },
  })

  assert.ok(list.body['data'].results.some((row: { id: number }) => row.id === id))
  assert.deepEqual([nosy.status, peek.status], [404, 404])
  assert.equal(cancelled.body['data'].cancelled_by, 'provider')
})

test('a service, a room and an organization with future bookings are not archived, and the bookings are named', async () => {
  const { id } = (await book(house, customers[1]!, service, '2026-01-21T10:00:00Z')).body['data']
  const tries = await Promise.all([
    house.call('DELETE', `/api/v1/services/${service}/`, { token: owner.token }),
    house.call('DELETE', `/api/v1/organizations/${organization_id}/`, { token: owner.token }),
  ])

  assert.deepEqual(
    tries.map((answer) => answer.status),
    [409, 409],
  )
  for (const answer of tries)
    assert.ok(
      answer.body['error'].details.some(
        (detail: { params: { booking_id: number } }) => detail.params.booking_id === id,
      ),
    )
})
