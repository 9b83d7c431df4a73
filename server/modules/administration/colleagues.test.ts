import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'

const house = await openHouse()
const boss = await house.person('super_admin')
const accounts = await house.person('management')
await house.call('POST', '/api/v1/auth/admin/permissions/grant/', {
  token: boss.token,
  json: { admin_user_id: accounts.id, permissions: ['user_management'] },
})
const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, { token }: Person, json?: object) =>
  house.call(method, `/api/v1/${path}`, { token, ...(json ? { json } : {}) })
const ids = ({ body }: Answer): number[] => body['data'].results.map((row: { id: number }) => row.id)
const refusal = ({ status, body }: Answer): string => `${status} ${body['error']?.error_number}`

async function found(name: string, founder: Person): Promise<string> {
  return (await ask('POST', 'organizations/', founder, { name })).body['data'].id
}

/** Lets a person join, invited by way of `users/`. */
async function join(organization_id: string, admin: Person, role: string, extra: object = {}): Promise<Person> {
  const person = await house.person('customer', extra)
  const position = `Position of ${role}`
  const invited = await ask('POST', 'users/', admin, { email: person.email, role, position, organization_id })
  assert.equal(invited.status, 201, invited.text)
  await joinInvited(person)
  return person
}

async function joinInvited(person: Person): Promise<void> {
  await house.drain()
  const mail = (await house.mails(person.email)).find(({ text }) => text.includes('/invitations/'))
  const token = decodeURIComponent(/invitations\/\?token=([^\s"&<]+)/.exec(mail!.text)![1]!)
  const accepted = await ask('POST', 'organizations/invitations/accept/', person, { token })
  assert.equal(accepted.status, 200, accepted.text)
}

const chief = await house.person('provider', { first_name: 'Olha', last_name: 'Chief' })
const salon = await found('Salon', chief)
const worker = await join(salon, chief, 'employee', { first_name: 'Ada', last_name: 'Moroz' })
const helper = await join(salon, chief, 'it', { first_name: 'Ivan', last_name: 'Helper' })
const rival = await house.person('provider', { first_name: 'Ada', last_name: 'Rival' })
const rivals = await found('Rivals', rival)
const outsider = await house.person('provider')

test('Without an organization and without an administrative role nobody sees, invites, changes or removes anybody', async () => {
  const calls = [
    await ask('GET', 'users/', outsider),
    await ask('GET', 'users/search/?q=ada', outsider),
    await ask('GET', `users/${worker.id}/`, outsider),
    await ask('GET', `users/${outsider.id}/`, outsider),
    await ask('POST', 'users/', outsider, {}),
    await ask('PUT', `users/${worker.id}/`, outsider, { role: 'it' }),
    await ask('DELETE', `users/${worker.id}/`, outsider),
  ]

  assert.deepEqual([...new Set(calls.map(refusal))], ['403 PERMISSION_DENIED'])
})

test('Every member sees all colleagues and nobody else, whatever their role', async () => {
  const seen = await Promise.all([chief, worker, helper].map(async (person) => ids(await ask('GET', 'users/', person))))
  const rivalSees = ids(await ask('GET', 'users/', rival))

  assert.deepEqual(
    seen,
    Array.from({ length: 3 }, () => [helper.id, worker.id, chief.id]),
  )
  assert.deepEqual(rivalSees, [rival.id])
})

test('A colleague is shown with name, e-mail, phone, photo and membership, and with nothing of their account or sales', async () => {
  const { body } = await ask('GET', `users/${chief.id}/`, worker)

  const { membership, ...row } = body['data']
  assert.deepEqual(row, {
    id: chief.id,
    email: chief.email,
    phone: '(555) 123-4567',
    profile: { first_name: 'Olha', last_name: 'Chief', time_zone: 'UTC', photo_url: null },
    birthday: null,
  })
  assert.deepEqual([membership.organization_id, membership.role], [salon, 'admin'])
  const own = (await ask('GET', `users/${worker.id}/`, chief)).body['data']
  assert.deepEqual([own.membership.role, own.membership.position], ['employee', 'Position of employee'])
})

test('A stranger is 404, for members and for admins of another organization, and stays as they were', async () => {
  const calls = [
    await ask('GET', `users/${rival.id}/`, chief),
    await ask('GET', `users/${outsider.id}/`, worker),
    await ask('GET', `users/${worker.id}/`, rival),
    await ask('GET', `users/${worker.id}/?organization_id=${salon}`, rival),
    await ask('GET', `users/?organization_id=${salon}`, rival),
    await ask('PUT', `users/${worker.id}/`, rival, { role: 'admin' }),
    await ask('PUT', `users/${worker.id}/`, rival, { role: 'admin', organization_id: salon }),
    await ask('PUT', `users/${worker.id}/`, rival, { role: 'admin', organization_id: rivals }),
    await ask('DELETE', `users/${worker.id}/`, rival),
    await ask('DELETE', `users/${worker.id}/?organization_id=${salon}`, rival),
    await ask('DELETE', `users/${worker.id}/?organization_id=${rivals}`, rival),
    await ask('POST', 'users/', rival, { email: 'spy@example.com', organization_id: salon }),
  ]

  assert.deepEqual([...new Set(calls.map(refusal))], ['404 NOT_FOUND'])
  assert.equal((await ask('GET', `users/${worker.id}/`, chief)).body['data'].membership.role, 'employee')
})

test('A search finds colleagues by words of name and e-mail, never anybody of another organization', async () => {
  const searches = ['ada', 'MORO', 'moroz ada', worker.email, 'rival', 'z%a'].map((q) => encodeURIComponent(q))

  const answers = await Promise.all(searches.map((q) => ask('GET', `users/search/?q=${q}`, helper)))

  assert.deepEqual(answers.map(ids), [[worker.id], [worker.id], [worker.id], [worker.id], [], []])
  assert.deepEqual(ids(await ask('GET', 'users/?search=ada&ordering=last_name', rival)), [rival.id])
})

test('The list is ordered and cut into pages, and what only accounts have filters no colleagues', async () => {
  const byName = ids(await ask('GET', 'users/?ordering=last_name', worker))
  const second = await ask('GET', 'users/?ordering=last_name&page_size=2&page=2', worker)
  const filtered = ids(await ask('GET', 'users/?is_active=false&role=provider', worker))

  assert.deepEqual([byName, ids(second)], [[chief.id, helper.id, worker.id], [worker.id]])
  assert.equal(second.body['data'].count, 3)
  assert.deepEqual(filtered, [helper.id, worker.id, chief.id])
})

test('Only an admin of the organization invites, changes and removes', async () => {
  const calls = []
  for (const person of [worker, helper]) {
    calls.push(
      await ask('POST', 'users/', person, { email: 'friend@example.com' }),
      await ask('POST', 'users/', person, {}),
      await ask('PUT', `users/${person.id}/`, person, { role: 'admin' }),
      await ask('DELETE', `users/${chief.id}/`, person),
    )
  }

  assert.deepEqual([...new Set(calls.map(refusal))], ['403 PERMISSION_DENIED'])
})

test('An admin’s invitation says the same of an address with an account and one without', async () => {
  const answers = [outsider.email, 'nobody.yet@example.com'].map((email) =>
    ask('POST', 'users/', chief, { email, role: 'it', position: 'Support' }),
  )

  for (const { status, body } of await Promise.all(answers)) {
    const { email, invitation, ...rest } = body['data']
    assert.deepEqual([status, body['message'], rest], [201, 'Invitation sent successfully', {}])
    assert.deepEqual(
      [invitation.email, invitation.organization_id, invitation.role, invitation.position],
      [email, salon, 'it', 'Support'],
    )
  }
  const again = await ask('POST', 'users/', chief, { email: worker.email })
  assert.deepEqual([again.status, again.body['error'].details[0].rule], [409, 'is_member'])
})

test('An admin changes the membership, and never the account', async () => {
  const changed = await ask('PUT', `users/${worker.id}/`, chief, {
    role: 'it',
    position: 'Senior',
    manager_id: helper.id,
    access_availability_slots: true,
  })
  const refused = [
    await ask('PUT', `users/${worker.id}/`, chief, { is_active: false }),
    await ask('PUT', `users/${worker.id}/`, chief, { email: 'taken.over@example.com', position: 'Boss' }),
    await ask('PUT', `users/${worker.id}/`, chief, { first_name: 'Renamed' }),
    await ask('PUT', `users/${worker.id}/`, chief, { phone: null }),
  ]
  const wrongRole = await ask('PUT', `users/${worker.id}/`, chief, { role: 'super_admin' })

  const { membership } = changed.body['data']
  assert.deepEqual(
    [changed.status, membership.role, membership.position, membership.manager_id, membership.access_availability_slots],
    [200, 'it', 'Senior', helper.id, true],
  )
  assert.deepEqual([...new Set(refused.map(refusal))], ['403 PERMISSION_DENIED'])
  assert.deepEqual([refusal(wrongRole), wrongRole.body['error'].details[0].field], ['400 VALIDATION_ERROR', 'role'])
  assert.deepEqual((await ask('GET', `users/${worker.id}/`, accounts)).body['data'].is_active, true)
  assert.deepEqual((await ask('GET', `users/${worker.id}/`, chief)).body['data'].membership.position, 'Senior')
})

test('Removing a colleague ends the membership; the account stays, and the last admin cannot go', async () => {
  const leaver = await join(salon, chief, 'employee')

  const removed = await ask('DELETE', `users/${leaver.id}/`, chief)
  const after = [
    await ask('GET', `users/${leaver.id}/`, chief),
    await ask('GET', 'users/', leaver),
    await ask('DELETE', `users/${leaver.id}/`, chief),
    await ask('DELETE', `users/${chief.id}/`, chief),
  ]

  assert.deepEqual([removed.status, removed.body['data']], [200, null])
  assert.deepEqual(after.map(refusal), ['404 NOT_FOUND', '403 PERMISSION_DENIED', '404 NOT_FOUND', '409 CONFLICT'])
  assert.equal((await ask('GET', 'auth/me/', leaver)).status, 200)
})

test('Who belongs to several organizations sees each person once, and names the one that a change is meant for', async () => {
  const both = await join(salon, chief, 'admin')
  await ask('POST', 'users/', rival, { email: both.email, role: 'admin', organization_id: rivals })
  await joinInvited(both)
  await ask('POST', 'users/', rival, { email: worker.email, organization_id: rivals })
  await joinInvited(worker)

  const all = ids(await ask('GET', 'users/', both))
  const there = await ask('GET', `users/${worker.id}/?organization_id=${rivals}`, both)
  const unnamed = [
    await ask('PUT', `users/${worker.id}/`, both, { position: 'Which?' }),
    await ask('DELETE', `users/${worker.id}/`, both),
    await ask('POST', 'users/', both, { email: 'which@example.com' }),
  ]
  const named = await ask('PUT', `users/${worker.id}/`, both, { position: 'Guest', organization_id: rivals })

  assert.deepEqual(all, [both.id, rival.id, helper.id, worker.id, chief.id])
  assert.equal(there.body['data'].membership.organization_id, rivals)
  assert.deepEqual(
    unnamed.map((answer) => [answer.status, answer.body['error'].details[0].field]),
    Array.from({ length: 3 }, () => [400, 'organization_id']),
  )
  assert.deepEqual([named.status, named.body['data'].membership.position], [200, 'Guest'])
  assert.equal((await ask('GET', `users/${worker.id}/`, chief)).body['data'].membership.position, 'Senior')
  await ask('DELETE', `users/${worker.id}/?organization_id=${rivals}`, rival)
  await ask('DELETE', `users/${both.id}/?organization_id=${salon}`, chief)
  assert.equal((await ask('GET', `users/${worker.id}/`, chief)).status, 200)
})

test('An administrator without the permission is refused, and sees colleagues alone once they belong to an organization', async () => {
  const manager = await house.person('management')
  const before = await ask('GET', 'users/', manager)
  await ask('POST', 'users/', chief, { email: manager.email })
  await joinInvited(manager)

  const seen = ids(await ask('GET', 'users/', manager))

  assert.equal(refusal(before), '403 PERMISSION_DENIED')
  assert.ok(seen.includes(chief.id) && !seen.includes(rival.id) && !seen.includes(boss.id))
  assert.equal(refusal(await ask('POST', 'users/', manager, { email: 'x@example.com' })), '403 PERMISSION_DENIED')
})

test('Whoever holds user_management meets accounts, also as a member, and must name a new person', async () => {
  await ask('POST', 'users/', chief, { email: accounts.email })
  await joinInvited(accounts)

  const stranger = await ask('GET', `users/${rival.id}/`, accounts)
  const nameless = await ask('POST', 'users/', accounts, { email: 'nameless@example.com', role: 'employee' })
  const changed = await ask('PUT', `users/${worker.id}/`, accounts, { first_name: 'Adele', position: 'Unheard' })

  assert.deepEqual([stranger.body['data'].role, 'membership' in stranger.body['data']], ['provider', false])
  assert.deepEqual(
    nameless.body['error'].details.map(({ field, rule }: { field: string; rule: string }) => [field, rule]),
    [
      ['first_name', 'required'],
      ['last_name', 'required'],
      ['role', 'enum'],
    ],
  )
  assert.equal(changed.body['data'].profile.first_name, 'Adele')
  assert.equal((await ask('GET', `users/${worker.id}/`, chief)).body['data'].membership.position, 'Senior')
})
