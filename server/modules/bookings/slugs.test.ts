import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'

const house = await openHouse()
const [jane, owner] = [await house.person('provider'), await house.person('provider')]

const callPerson = ({ token }: Person, slug: string | null) =>
  house.call('PATCH', '/api/v1/auth/profile/', { token, json: { provider_profile: { slug } } })
const found = (slug: string, { token } = owner) =>
  house.call('POST', '/api/v1/organizations/', { token, json: { name: 'Salon', slug, time_zone: 'UTC' } })
const callSalon = (id: string, slug: string | null) =>
  house.call('PUT', `/api/v1/organizations/${id}/`, { token: owner.token, json: { name: 'Salon', slug } })
const page = async (slug: string, query = '') => {
  const { status, body } = await house.call('GET', `/api/v1/public/pages/${slug}/${query}`)
  return status === 200 ? [body['data'].kind, body['data'].slug] : status
}
const pass = async (slug: string): Promise<void> => {
  const { status, text } = await callPerson(jane, slug)
  assert.equal(status, 200, text)
}

test('a slug names one page, whether a provider’s or an organization’s', async () => {
  await pass('jane')
  const salon = await found('salon')

  const refused = [await found('jane'), await callPerson(jane, 'salon'), await callSalon(salon.body['data'].id, 'jane')]

  assert.deepEqual(
    refused.map(({ status, body }) => [status, body['error'].details[0].field, body['error'].details[0].rule]),
    [
      [409, 'slug', 'slug_taken'],
      [409, 'provider_profile.slug', 'slug_taken'],
      [409, 'slug', 'slug_taken'],
    ],
  )
  assert.deepEqual(
    [await page('jane'), await page('salon')],
    [
      ['provider', 'jane'],
      ['organization', 'salon'],
    ],
  )
  assert.deepEqual(
    [await page('jane', '?kind=provider'), await page('jane', '?kind=organization')],
    [['provider', 'jane'], 404],
  )
})

test('a renamed page is found under its last three names too, and says what it is called now', async () => {
  for (const slug of ['first', 'second', 'third', 'fourth']) await pass(slug)

  assert.deepEqual(
    await Promise.all(['first', 'second', 'third', 'fourth'].map((slug) => page(slug))),
    Array.from({ length: 4 }, () => ['provider', 'fourth']),
  )
  assert.equal((await found('second')).status, 409)

  await pass('fifth')
  assert.deepEqual([await page('first'), await page('second')], [404, ['provider', 'fifth']])
  assert.equal((await found('first')).status, 201)
})

test('one may go back to a former name, and the one left is kept in its place', async () => {
  await pass('here')
  await pass('there')
  await pass('here')

  assert.deepEqual(
    [await page('here'), await page('there')],
    [
      ['provider', 'here'],
      ['provider', 'here'],
    ],
  )
})

test('who gives up the name, is archived or erased, leaves all names to others', async () => {
  const gone = await house.person('provider')
  await callPerson(gone, 'gone-before')
  await callPerson(gone, 'gone')
  const { id } = (await found('brief')).body['data']
  assert.equal((await callSalon(id, 'brief-again')).status, 200)
  await pass('mine')

  await house.call('DELETE', '/api/v1/auth/profile/', { token: gone.token, json: { password: gone.password } })
  await house.call('DELETE', `/api/v1/organizations/${id}/`, { token: owner.token })
  await callPerson(jane, null)

  for (const slug of ['gone-before', 'gone', 'brief', 'brief-again', 'mine']) {
    assert.equal(await page(slug), 404)
    assert.equal((await found(slug)).status, 201, slug)
  }
})

test('of two who take one name at once, one gets it', async () => {
  const answers = await Promise.all([callPerson(jane, 'wanted'), found('wanted'), callPerson(owner, 'wanted')])

  assert.deepEqual(answers.map(({ status }) => status).filter((status) => status === 409).length, 2)
  assert.notEqual(await page('wanted'), 404)
})
