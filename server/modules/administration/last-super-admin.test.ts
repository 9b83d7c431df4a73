import assert from 'node:assert/strict'
import test from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'

/** A house with one super admin, and a way for somebody to change an account. */
async function houseOfOne() {
  const house = await openHouse()
  const boss = await house.person('super_admin')
  const put = (by: Person, id: number, json: object) =>
    house.call('PUT', `/api/v1/users/${id}/`, { token: by.token, json })
  return { house, boss, put }
}

test('The last super admin can be neither demoted, deactivated nor deleted, not even by itself', async () => {
  const { house, boss, put } = await houseOfOne()

  const refused = [
    await put(boss, boss.id, { role: 'admin' }),
    await put(boss, boss.id, { role: 'customer' }),
    await put(boss, boss.id, { is_active: false }),
    await house.call('DELETE', `/api/v1/users/${boss.id}/`, { token: boss.token }),
  ]
  const allowed = await put(boss, boss.id, { first_name: 'Still', role: 'super_admin', is_active: true })

  assert.deepEqual(
    refused.map(({ status, body }) => [status, body['error'].error_message]),
    Array.from({ length: 4 }, () => [409, 'The last super admin must remain']),
  )
  assert.deepEqual([allowed.status, allowed.body['data'].role], [200, 'super_admin'])
})

test('One who cannot sign in does not count: an inactive super admin leaves the other one the last', async () => {
  const { house, boss, put } = await houseOfOne()
  const other = await house.person('super_admin')
  await put(boss, other.id, { is_active: false })

  const refused = await put(boss, boss.id, { is_active: false })

  assert.equal(refused.status, 409)
})

test('With two of them one may go, and then the other must stay', async () => {
  const { house, boss, put } = await houseOfOne()
  const other = await house.person('super_admin')

  const [first, second] = [
    await put(other, boss.id, { role: 'management' }),
    await put(other, other.id, { role: 'management' }),
  ]

  assert.deepEqual([first.status, second.status], [200, 409])
})

test('Two super admins who end each other at the same moment: one of them remains', async () => {
  const { house, boss, put } = await houseOfOne()
  let one = boss
  for (let round = 0; round < 5; round++) {
    const other = await house.person('super_admin')

    const answers = await Promise.all([
      put(one, other.id, round % 2 === 0 ? { is_active: false } : { role: 'customer' }),
      put(other, one.id, { is_active: false }),
    ])

    const left = await house.house.db
      .selectFrom('users')
      .where('role', '=', 'super_admin')
      .where('is_active', '=', true)
      .select('id')
      .execute()
    assert.equal(left.length, 1)
    // The other one comes too late: as the last one's enemy, or with a session that has ended.
    const told = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    assert.equal(told[0], 200)
    assert.ok([401, 403, 409].includes(told[1]!), String(told))
    if (left[0]!.id !== one.id) one = other
  }
})
