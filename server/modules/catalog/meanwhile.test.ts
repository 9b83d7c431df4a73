import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actingAs, meanwhile } from '../../../test/meanwhile.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { accountChanged } from './service/listings.ts'
import { createService, updateService } from './service/services.ts'

/** Two at once, where the second has looked before the first has written. */

const house = await openHouse()
const admin = await house.person()
const { token } = admin
const founded = await house.call('POST', '/api/v1/organizations/', { token, json: { name: 'Lavender Spa' } })
const organization_id: string = founded.body['data'].id

async function master(first_name: string): Promise<Person> {
  const person = await house.person('customer', { first_name })
  const { db, now } = house.ctx()
  await db
    .insertInto('memberships')
    .values({ organization_id, user_id: person.id, role: 'employee', joined_at: now })
    .execute()
  return person
}

const massage = (...staff: Person[]) => ({
  organization_id,
  title: 'Massage',
  description: 'With oils',
  price: 800,
  duration_minutes: 60,
  staff: staff.map(({ id }) => id),
})
const offer = (...staff: Person[]) => house.call('POST', '/api/v1/services/', { token, json: massage(...staff) })
const found = async (what: 'providers' | 'services', search: string): Promise<number[]> =>
  (await house.call('GET', `/api/v1/${what}/?search=${search}`, { token })).body['data'].results.map(
    ({ id }: { id: number }) => id,
  )

test('a master who is named in one service while their only other one is archived is still listed', async () => {
  const one = await master('Wilhelmina')
  const first = (await offer(one)).body['data'].id

  const archived = await meanwhile(
    house,
    async (tx) => createService(await actingAs(tx, admin), massage(one)),
    () => house.call('DELETE', `/api/v1/services/${first}/`, { token }),
  )

  assert.equal(archived.status, 200, archived.text)
  assert.deepEqual(await found('providers', 'Wilhelmina'), [one.id])
})

test('a service whose staff is replaced while one of them changes their name is found by those who give it now', async () => {
  const [before, after] = [await master('Bartholomew'), await master('Constantine')]
  const id = (await offer(before)).body['data'].id

  await meanwhile(
    house,
    async (tx) => updateService(await actingAs(tx, admin), id, { staff: [after.id] }, async () => undefined),
    () => inTransaction(house.ctx(), (tx) => accountChanged(tx, { user_id: before.id })),
  )

  assert.deepEqual(await found('services', 'Constantine'), [id])
  assert.deepEqual(await found('services', 'Bartholomew'), [])
})

test('who leaves the organization while a service is made that names them gives none of its services', async () => {
  const leaving = await master('Maximiliana')

  const made = await meanwhile(
    house,
    (tx) => tx.db.deleteFrom('memberships').where('user_id', '=', leaving.id).execute(),
    () => offer(leaving),
  )

  assert.equal(made.status, 400, made.text)
  assert.equal(made.body['error'].details[0].rule, 'member')
})
