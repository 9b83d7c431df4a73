import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'

/** Who may see whose figures (SPEC sections 3 and 4). */

const house = await openHouse()
const root = await house.person('super_admin')
const owner = await house.person('customer')
const other = await house.person('provider')
const organization = async (who: Person, name: string): Promise<string> =>
  (await house.call('POST', '/api/v1/organizations/', { token: who.token, json: { name, time_zone: 'Europe/Kyiv' } }))
    .body['data'].id
const salon = await organization(owner, 'Lavender Spa')
const elsewhere = await organization(other, 'Mint Spa')
const paths = ['', 'stats/', 'analytics/']
const ask = (who: Person, path: string, query = ''): Promise<Answer> =>
  house.call('GET', `/api/v1/dashboard/${path}${query}`, { token: who.token })
const grant = async (who: Person, ...permissions: string[]): Promise<void> => {
  const json = { admin_user_id: who.id, permissions, action: 'grant' }
  const answer = await house.call('POST', '/api/v1/auth/admin/permissions/manage/', { token: root.token, json })
  assert.equal(answer.status, 200, answer.text)
}

for (const path of paths) {
  test(`dashboard/${path}: customers and providers see their own, nobody without a token anything`, async () => {
    assert.equal((await house.call('GET', `/api/v1/dashboard/${path}`)).status, 401)
    for (const [who, scope] of [
      [await house.person('customer'), 'customer'],
      [await house.person('provider'), 'provider'],
    ] as const) {
      const answer = await ask(who, path)

      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body['data'].scope, scope)
    }
  })

  test(`dashboard/${path}: of an organization its admins see it, other members not, and for a stranger it does not exist`, async () => {
    const employee = await house.person('customer')
    await house.house.db
      .insertInto('memberships')
      .values({ organization_id: salon, user_id: employee.id, role: 'employee', joined_at: house.ctx().now })
      .execute()
    const query = `?organization_id=${salon}`

    const seen = await ask(owner, path, query)

    assert.equal(seen.status, 200, seen.text)
    assert.deepEqual(
      [seen.body['data'].scope, seen.body['data'].organization_id, seen.body['data'].time_zone],
      ['organization', salon, 'Europe/Kyiv'],
    )
    assert.equal((await ask(employee, path, query)).status, 403)
    assert.equal((await ask(other, path, query)).status, 404)
    assert.equal((await ask(owner, path, `?organization_id=${elsewhere}`)).status, 404)
  })

  test(`dashboard/${path}: an administrator without an active grant sees nothing, nor of an organization`, async () => {
    const manager = await house.person('management')
    await grant(manager, 'service_management')

    assert.equal((await ask(manager, path)).status, 403)
    assert.equal((await ask(manager, path, `?organization_id=${salon}`)).status, 403)
  })
}

test('Each permission opens its own section, and money is for financial_reports only', async () => {
  const sections = { booking_management: 'bookings', user_management: 'people', financial_reports: 'money' }
  for (const [permission, section] of Object.entries(sections)) {
    const manager = await house.person('admin')
    await grant(manager, permission)

    const stats = (await ask(manager, 'stats/')).body['data']
    const [point] = (await ask(manager, 'analytics/')).body['data'].points
    const overview = (await ask(manager, '')).body['data']

    for (const figures of [stats, point, overview.last_30_days, overview.previous_30_days])
      for (const name of Object.values(sections))
        assert.equal(figures[name] !== null, name === section, `${permission}: ${name}`)
    assert.equal(stats.customers !== null, section === 'bookings')
    assert.equal(stats.services !== null, section === 'bookings')
    assert.equal(overview.upcoming !== null, section === 'bookings')
  }
})

test('A permission that was revoked closes its section again', async () => {
  const accountant = await house.person('accountant')
  assert.notEqual((await ask(accountant, 'stats/')).body['data'].money, null)
  const json = { admin_user_id: accountant.id, permissions: ['financial_reports'], action: 'revoke' }
  await house.call('POST', '/api/v1/auth/admin/permissions/manage/', { token: root.token, json })

  assert.equal((await ask(accountant, 'stats/')).status, 403)
})

test('With a permission one looks at any organization, but at none that is not there', async () => {
  const manager = await house.person('admin')
  await grant(manager, 'booking_management', 'user_management')

  const seen = await ask(manager, 'stats/', `?organization_id=${elsewhere}`)

  assert.equal(seen.status, 200, seen.text)
  assert.equal(seen.body['data'].people, null)
  assert.equal(seen.body['data'].money, null)
  assert.equal((await ask(manager, 'stats/', '?organization_id=0199c3a2-7c1e-7b6e-9d0a-000000000000')).status, 404)
})

test('A wish for another person is no wish that is known: one sees one’s own', async () => {
  const answer = await ask(other, 'stats/', `?provider_id=${owner.id}&user_id=${owner.id}`)

  assert.equal(answer.body['data'].scope, 'provider')
})
