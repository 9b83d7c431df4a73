import assert from 'node:assert/strict'
import { test } from 'node:test'
import { found, join } from '../../../test/company.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice, standingClaims } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house, 2)
const { ask, admin, others, organization, event, rows } = office
const [jane, john] = others as [Person, Person]
const archive = (id: string, who: Person) => ask('DELETE', `organizations/${id}/`, who)
const claimsOf = async ({ id }: Person): Promise<number> =>
  (await standingClaims(house)).filter((claim) => claim.startsWith(`${id} `)).length

test('when an organization is archived its members leave each other’s meetings, and keep their own', async () => {
  const meeting = idOf(
    await event(jane, { participants: [{ user_id: john.id }], recurrence_rule: 'FREQ=WEEKLY;COUNT=10' }),
  )
  const calendar = idOf(
    await ask('POST', 'calendars/', jane, { name: 'Public', is_public: true, organization_id: organization }),
  )
  await ask('POST', `calendars/${calendar}/shares/`, jane, { user_id: john.id, access: 'write' })
  const lent = idOf(await event(john, { calendar_id: calendar, start_time: at('14T10:00'), end_time: at('14T11:00') }))
  const mine = idOf(await event(john, { start_time: at('15T10:00'), end_time: at('15T11:00') }))
  assert.deepEqual([await claimsOf(jane), await claimsOf(john)], [10, 12])

  assert.equal((await archive(organization, admin)).status, 200)
  await house.drain()

  assert.deepEqual([await claimsOf(jane), await claimsOf(john)], [11, 1])
  assert.deepEqual(
    (await rows(john)).map(({ id }) => id),
    [mine],
  )
  for (const id of [meeting, lent]) assert.equal((await ask('GET', `events/${id}/`, john)).status, 404)
  assert.equal((await ask('GET', `events/${lent}/`, jane)).status, 200)
  assert.deepEqual((await ask('GET', `calendars/${calendar}/shares/`, jane)).body['data'].results, [])
  assert.equal((await ask('GET', `calendars/${calendar}/`, office.stranger)).status, 404)
  assert.equal((await ask('GET', `calendars/${calendar}/`, jane)).body['data'].is_public, false)
  const told = (await ask('GET', 'notifications/', john)).body['data'].results
  assert.ok(told.some(({ kind }: { kind: string }) => kind === 'event_cancelled'))
})

test('who shares another organization stays in the meeting', async () => {
  const first = await found(house, admin, 'First')
  const second = await found(house, admin, 'Second')
  const [ann, bob] = [await join(house, first, admin, 'employee'), await join(house, first, admin, 'employee')]
  for (const { id } of [ann, bob])
    await house.house.db
      .insertInto('memberships')
      .values({ organization_id: second, user_id: id, role: 'employee', joined_at: house.ctx().now })
      .execute()
  idOf(await event(ann, { participants: [{ user_id: bob.id }] }))

  await archive(first, admin)
  await house.drain()

  assert.deepEqual([await claimsOf(ann), await claimsOf(bob)], [1, 1])
})

test('an archiving that is told twice changes nothing more', async () => {
  const before = await standingClaims(house)

  await house.house.jobs.enqueue(house.ctx(), 'calendars.leave_archived', { organization_id: organization })
  await house.drain()

  assert.deepEqual(await standingClaims(house), before)
})
