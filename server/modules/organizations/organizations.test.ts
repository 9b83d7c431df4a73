import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const house = await openHouse()
let founder = await house.person('customer')
const outsider = await house.person('provider')
const root = '/api/v1/organizations/'
const made = await house.call('POST', root, {
  token: founder.token,
  json: { name: 'Lavender Spa', slug: 'lavender-spa', time_zone: 'Europe/Kyiv' },
})
const id: string = made.body['data'].id

const join = async (role: string, person?: Person): Promise<Person> => {
  const joining = person ?? (await house.person())
  const invited = await house.call('POST', `${root}${id}/invitations/`, {
    token: founder.token,
    json: { email: joining.email, role },
  })
  assert.equal(invited.status, 201, invited.text)
  await house.drain()
  const mail = (await house.mails(joining.email)).find(({ text }) => text.includes('/invitations/'))
  const token = /invitations\/\?token=([^\s"&<]+)/.exec(mail!.text)![1]!
  const accepted = await house.call('POST', `${root}invitations/accept/`, {
    token: joining.token,
    json: { token: decodeURIComponent(token) },
  })
  assert.equal(accepted.status, 200, accepted.text)
  return joining
}

test('whoever founds an organization is its admin, and its id is a UUID of version 7', async () => {
  const own = await house.call('GET', `${root}${id}/`, { token: founder.token })

  assert.match(id, uuid7)
  assert.equal(own.body['data'].role, 'admin')
  assert.equal(own.body['data'].member_count, 1)
})

test('for an outsider and for every other role it does not exist', async () => {
  const people = [outsider, await house.person('admin'), await house.person('super_admin')]
  for (const { token } of people) {
    const tries = await Promise.all([
      house.call('GET', `${root}${id}/`, { token }),
      house.call('PUT', `${root}${id}/`, { token, json: { name: 'Mine' } }),
      house.call('DELETE', `${root}${id}/`, { token }),
      house.call('GET', `${root}${id}/members/`, { token }),
      house.call('GET', `${root}${id}/invitations/`, { token }),
      house.call('POST', `${root}${id}/invitations/`, { token, json: { email: 'x@example.com' } }),
      house.call('PUT', `${root}${id}/members/${founder.id}/`, { token, json: { role: 'employee' } }),
      house.call('DELETE', `${root}${id}/members/${founder.id}/`, { token }),
    ])
    assert.deepEqual(
      tries.map((answer) => answer.status),
      tries.map(() => 404),
    )
  }
  const list = await house.call('GET', root, { token: outsider.token })
  assert.equal(list.body['data'].count, 0)
})

test('an invited person joins with the role of the invitation, and only they', async () => {
  const invited = await house.person()
  const nosy = await house.person()
  await house.call('POST', `${root}${id}/invitations/`, {
    token: founder.token,
    json: { email: invited.email.toUpperCase(), role: 'it' },
  })
  await house.drain()
  const mail = (await house.mails(invited.email.toUpperCase())).find(({ text }) => text.includes('/invitations/'))
  const token = decodeURIComponent(/invitations\/\?token=([^\s"&<]+)/.exec(mail!.text)![1]!)

  const stolen = await house.call('POST', `${root}invitations/accept/`, { token: nosy.token, json: { token } })
  const forged = await house.call('POST', `${root}invitations/accept/`, {
    token: invited.token,
    json: { token: `${token.slice(0, -4)}0000` },
  })
  const accepted = await house.call('POST', `${root}invitations/accept/`, { token: invited.token, json: { token } })
  const again = await house.call('POST', `${root}invitations/accept/`, { token: invited.token, json: { token } })

  assert.equal(stolen.status, 403)
  assert.equal(forged.status, 400)
  assert.equal(accepted.body['data'].role, 'it')
  assert.equal(again.status, 400)
})

test('an invitation ends when it is taken back, replaced or two weeks old', async () => {
  const invited = await house.person()
  const first = await house.call('POST', `${root}${id}/invitations/`, {
    token: founder.token,
    json: { email: invited.email },
  })
  await house.call('POST', `${root}${id}/invitations/`, { token: founder.token, json: { email: invited.email } })

  const open = await house.call('GET', `${root}${id}/invitations/`, { token: founder.token })
  const gone = await house.call('DELETE', `${root}${id}/invitations/${first.body['data'].id}/`, {
    token: founder.token,
  })

  assert.equal(open.body['data'].results.filter((row: { email: string }) => row.email === invited.email).length, 1)
  assert.equal(gone.status, 404)
})

test('an employee sees members and changes nothing', async () => {
  const employee = await join('employee')

  const members = await house.call('GET', `${root}${id}/members/`, { token: employee.token })
  const tries = await Promise.all([
    house.call('PUT', `${root}${id}/`, { token: employee.token, json: { name: 'Mine' } }),
    house.call('DELETE', `${root}${id}/`, { token: employee.token }),
    house.call('POST', `${root}${id}/invitations/`, { token: employee.token, json: { email: 'y@example.com' } }),
    house.call('PUT', `${root}${id}/members/${employee.id}/`, { token: employee.token, json: { role: 'admin' } }),
    house.call('DELETE', `${root}${id}/members/${founder.id}/`, { token: employee.token }),
  ])

  assert.ok(members.body['data'].results.some((row: { user_id: number }) => row.user_id === employee.id))
  assert.deepEqual(
    tries.map((answer) => answer.status),
    tries.map(() => 403),
  )
})

test('the last admin can neither leave nor step down, also when two leave at once', async () => {
  const alone = await house.call('DELETE', `${root}${id}/members/${founder.id}/`, { token: founder.token })
  const down = await house.call('PUT', `${root}${id}/members/${founder.id}/`, {
    token: founder.token,
    json: { role: 'employee' },
  })
  const second = await join('admin')

  const both = await Promise.all(
    [founder, second].map((person) =>
      house.call('DELETE', `${root}${id}/members/${person.id}/`, { token: person.token }),
    ),
  )

  assert.equal(alone.status, 409)
  assert.equal(down.status, 409)
  assert.deepEqual(
    both.map((answer) => answer.status).toSorted((a, b) => a - b),
    [200, 409],
  )
  const remaining = both[0]!.status === 200 ? second : founder
  if (remaining !== founder) founder = remaining
})

const setManager = (who: Person, manager: number) =>
  house.call('PUT', `${root}${id}/members/${who.id}/`, { token: founder.token, json: { manager_id: manager } })

test('nobody becomes their own manager by way of others', async () => {
  const [ada, bob] = [await join('employee'), await join('employee')]

  const first = await setManager(ada, bob.id)
  const circle = await setManager(bob, ada.id)
  const stranger = await setManager(bob, outsider.id)

  assert.equal(first.status, 200)
  assert.equal(circle.status, 400)
  assert.equal(stranger.status, 400)
})

test('a slug belongs to one organization', async () => {
  const taken = await house.call('POST', root, { token: outsider.token, json: { name: 'Other', slug: 'lavender-spa' } })

  assert.equal(taken.status, 409)
  assert.equal(taken.body['error'].details[0].field, 'slug')
})

test('of invitations of one address that are sent at once one stays open', async () => {
  const json = { email: 'at-once@example.com' }

  const answers = await Promise.all(
    ['employee', 'it', 'admin'].map((role) =>
      house.call('POST', `${root}${id}/invitations/`, { token: founder.token, json: { ...json, role } }),
    ),
  )

  const open = await house.call('GET', `${root}${id}/invitations/`, { token: founder.token })
  const addresses: string[] = open.body['data'].results.map(({ email }: { email: string }) => email)
  assert.deepEqual(
    answers.map((one) => one.status),
    [201, 201, 201],
  )
  assert.equal(addresses.filter((one) => one === json.email).length, 1)
})

test('an archived organization is gone for its members, and its slug is free', async () => {
  const other = await house.call('POST', root, { token: outsider.token, json: { name: 'Brief', slug: 'brief' } })

  const gone = await house.call('DELETE', `${root}${other.body['data'].id}/`, { token: outsider.token })
  const after = await house.call('GET', `${root}${other.body['data'].id}/`, { token: outsider.token })
  const again = await house.call('POST', root, { token: outsider.token, json: { name: 'Brief again', slug: 'brief' } })

  assert.equal(gone.status, 200)
  assert.equal(after.status, 404)
  assert.equal(again.status, 201)
})

test('a person sees their membership with their own account: of the organization asked for, else the oldest', async () => {
  const me = await house.call('GET', '/api/v1/auth/me/', { token: founder.token })
  const other = await house.call('GET', `/api/v1/auth/me/?organization_id=0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d`, {
    token: founder.token,
  })

  assert.equal(me.body['data'].membership.organization_id, id)
  assert.equal(other.body['data'].membership, null)
})
