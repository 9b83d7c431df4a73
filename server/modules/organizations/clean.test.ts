import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()
const addresses = async (): Promise<string[]> =>
  (await house.house.db.selectFrom('invitations').select('email').orderBy('email').execute()).map(({ email }) => email)

test('The address of who was invited is forgotten a month later, whatever became of it, by the nightly job', async () => {
  const owner = await house.person('provider')
  const signIn = async (): Promise<string> => {
    const json = { email: owner.email, password: owner.password }
    return (await house.call('POST', '/api/v1/auth/login/', { json })).body['data'].access
  }
  const made = await house.call('POST', '/api/v1/organizations/', {
    token: owner.token,
    json: { name: 'Lavender Spa' },
  })
  const path = `/api/v1/organizations/${made.body['data'].id}/invitations/`
  const invite = async (email: string): Promise<string> =>
    (await house.call('POST', path, { token: await signIn(), json: { email, role: 'employee' } })).body['data'].id
  await invite('ignored@example.com')
  const cancelled = await invite('cancelled@example.com')
  await house.call('DELETE', `${path}${cancelled}/`, { token: await signIn() })

  house.pass({ hours: 29 * 24 })
  await invite('later@example.com')
  await house.house.jobs.run('organizations.clean_invitations')
  assert.deepEqual(await addresses(), ['cancelled@example.com', 'ignored@example.com', 'later@example.com'])

  house.pass({ hours: 2 * 24 })
  await house.house.jobs.run('organizations.clean_invitations')
  assert.deepEqual(await addresses(), ['later@example.com'])
  assert.equal((await house.call('GET', path, { token: await signIn() })).body['data'].count, 1)
  assert.ok(house.house.jobs.scheduled().some(({ name }) => name === 'organizations.clean_invitations'))
})
