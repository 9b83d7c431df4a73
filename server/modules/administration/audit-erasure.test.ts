import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Person } from '../../../test/support.ts'

const house = await openHouse()
const boss = await house.person('super_admin')
const { db } = house.house

const entries = async (query: string) => {
  const { body } = await house.call('GET', `/api/v1/admin/audit-log/${query}`, { token: boss.token })
  return body['data'].results as { action: string; actor: unknown; before: unknown; after: unknown }[]
}
const put = (id: number, json: object) => house.call('PUT', `/api/v1/users/${id}/`, { token: boss.token, json })
const remove = async ({ id }: Person): Promise<void> => {
  const gone = await house.call('DELETE', `/api/v1/users/${id}/`, { token: boss.token })
  assert.equal(gone.status, 200, gone.text)
  await house.drain()
}
const raw = async (): Promise<string> => {
  const { rows } = await sql`SELECT a.*, p.* FROM audit_log a LEFT JOIN audit_people p ON p.audit_id = a.id`.execute(db)
  return JSON.stringify(rows)
}

test('What the log says of a person goes with their account; that something was done, by whom and to whom, stays', async () => {
  const jane = await house.person('customer', { first_name: 'Zoryana' })
  await put(jane.id, { first_name: 'Zlata', is_active: false })
  const [before] = await entries(`?target=user:${jane.id}`)

  await remove(jane)
  const [deleted, after] = await entries(`?target=user:${jane.id}`)

  assert.deepEqual(
    [before!.before, before!.after],
    [
      { first_name: 'Zoryana', is_active: true },
      { first_name: 'Zlata', is_active: false },
    ],
  )
  assert.deepEqual(
    [after!.action, after!.before, after!.after],
    ['users.update', { is_active: true }, { is_active: false }],
  )
  assert.deepEqual(
    [deleted!.action, deleted!.actor],
    ['users.delete', { id: boss.id, email: boss.email, role: 'super_admin' }],
  )
  assert.doesNotMatch(await raw(), /Zoryana|Zlata/)
})

test('The e-mail of an erased administrator leaves what they did, and theirs alone', async () => {
  const admin = await house.person('admin')
  const [jane, other] = [await house.person(), await house.person('admin')]
  for (const { token } of [admin, other]) {
    await house.call('PATCH', '/api/v1/auth/profile/', { token, json: { profile: { bio: 'Night watch' } } })
    await house.call('PUT', `/api/v1/users/${jane.id}/`, { token, json: {} })
  }

  await remove(admin)
  const [own] = await entries(`?actor_id=${admin.id}&action=profile.update`)
  const [others] = await entries(`?actor_id=${other.id}&action=profile.update`)

  assert.deepEqual(own!.actor, { id: admin.id, email: null, role: 'admin' })
  assert.doesNotMatch(JSON.stringify(own), /Night watch/)
  assert.deepEqual(others!.actor, { id: other.id, email: other.email, role: 'admin' })
  assert.match(JSON.stringify(others!.after), /Night watch/)
  assert.doesNotMatch(await raw(), new RegExp(admin.email.replace('.', '\\.')))
})

test('What is held apart cannot be changed either, and goes only with the account', async () => {
  const jane = await house.person()
  await put(jane.id, { first_name: 'Zoryana' })

  const attempts = [
    sql`UPDATE audit_people SET value = '{}'`,
    sql`TRUNCATE audit_people`,
    sql`DELETE FROM audit_people WHERE user_id = ${jane.id}`,
  ]

  for (const attempt of attempts) await assert.rejects(attempt.execute(db), /append-only|goes only with their account/)
})
