import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { openHouse, type Answer, type House, type Person } from '../../../test/support.ts'
import { claim, resourcesFor } from '../scheduling/index.ts'

const root = '/api/v1/rooms/'
const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const statuses = (answers: Answer[]): number[] => answers.map(({ status }) => status)

const house: House = await openHouse()

const found = async (name: string, founder: Person): Promise<string> => {
  const json = { name, time_zone: 'Europe/Kyiv' }
  const made = await house.call('POST', '/api/v1/organizations/', { token: founder.token, json })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

describe('rooms', () => {
  let salon: string
  let other: string
  let admin: Person
  let it: Person
  let employee: Person
  let outsider: Person

  const join = async (role: string): Promise<Person> => {
    const person = await house.person()
    const json = { organization_id: salon, user_id: person.id, role, joined_at: house.ctx().now }
    await house.house.db.insertInto('memberships').values(json).execute()
    return person
  }
  const make = async (fields: object, { token }: Person = admin): Promise<string> => {
    const made = await house.call('POST', root, { token, json: { name: 'Room', capacity: 2, ...fields } })
    assert.equal(made.status, 201, made.text)
    return made.body['data'].id
  }
  const namesOf = async (query: string, { token }: Person = employee, path = ''): Promise<string[]> => {
    const answer = await house.call('GET', `${root}${path}?${query}`, { token })
    assert.equal(answer.status, 200, answer.text)
    return answer.body['data'].results.map(({ name }: { name: string }) => name)
  }

  before(async () => {
    admin = await house.person()
    outsider = await house.person('provider')
    salon = await found('Lavender Spa', admin)
    other = await found('Other Office', outsider)
    it = await join('it')
    employee = await join('employee')
  })

  test('the admin of an organization makes a room in its zone, and its members read it', async () => {
    const json = {
      name: 'Quiet room',
      capacity: 2,
      description: null,
      equipment: [' Massage table', 'massage TABLE', 'Douche'],
    }
    const made = await house.call('POST', root, { token: admin.token, json })

    const read = await house.call('GET', `${root}${made.body['data'].id}/`, { token: employee.token })

    assert.equal(made.status, 201, made.text)
    assert.match(made.body['data'].id, uuid7)
    assert.deepEqual(read.body['data'], {
      id: made.body['data'].id,
      organization_id: salon,
      name: 'Quiet room',
      description: '',
      capacity: 2,
      location: '',
      equipment: ['Massage table', 'Douche'],
      time_zone: 'Europe/Kyiv',
      is_active: true,
      check_in_minutes: null,
      created_at: '2026-01-12T08:00:00Z',
      updated_at: '2026-01-12T08:00:00Z',
    })
  })

  test('admins and IT write, employees only read, and for outsiders it is not there', async () => {
    const id = await make({ name: 'Sauna' }, it)
    const people = [it, employee, outsider, await house.person('super_admin')]
    const tries = async ({ token }: Person) =>
      statuses([
        await house.call('GET', `${root}${id}/`, { token }),
        await house.call('PUT', `${root}${id}/`, { token, json: { capacity: 3 } }),
        await house.call('POST', root, { token, json: { name: 'Mine', capacity: 1, organization_id: salon } }),
        await house.call('DELETE', `${root}${id}/`, { token }),
      ])

    assert.deepEqual(await tries(people[1]!), [200, 403, 403, 403])
    assert.deepEqual(await tries(people[2]!), [404, 404, 404, 404])
    assert.deepEqual(await tries(people[3]!), [404, 404, 404, 404])
    assert.deepEqual(await tries(people[0]!), [200, 200, 201, 200])
    assert.equal((await house.call('GET', `${root}${id}/`, { token: admin.token })).status, 404)
    assert.deepEqual(await namesOf('', outsider), [])
    assert.deepEqual(await namesOf(`organization_id=${salon}`, outsider), [])
  })

  test('without an organization, or with several, it must be named', async () => {
    const nobody = await house.person()
    const both = await join('admin')
    const json = { organization_id: other, user_id: both.id, role: 'it', joined_at: house.ctx().now }
    await house.house.db.insertInto('memberships').values(json).execute()
    const tries = [nobody, both].map(({ token }) =>
      house.call('POST', root, { token, json: { name: 'Where?', capacity: 1 } }),
    )

    for (const answer of await Promise.all(tries)) {
      assert.equal(answer.status, 400)
      assert.equal(answer.body['error'].details[0].field, 'organization_id')
    }
    assert.match(await make({ name: 'There', organization_id: other }, both), uuid7)
    assert.deepEqual(await namesOf('', outsider), ['There'])
  })

  test('rooms are found by words, capacity, equipment and whether they are active', async () => {
    await make({ name: 'Café Größe', capacity: 40, equipment: ['Beamer', 'Tafel'], location: 'Zweiter Stock' })
    await make({ name: 'Cafe klein', capacity: 4, equipment: ['Beamer'], is_active: false })

    assert.deepEqual(await namesOf('search=CAFE'), ['Cafe klein', 'Café Größe'])
    assert.deepEqual(await namesOf('search=cafe%20stock'), ['Café Größe'])
    assert.deepEqual(await namesOf('search=cafe&capacity=5'), ['Café Größe'])
    assert.deepEqual(await namesOf('equipment=beamer'), ['Cafe klein', 'Café Größe'])
    assert.deepEqual(await namesOf('equipment=tafel,BEAMER'), ['Café Größe'])
    assert.deepEqual(await namesOf('equipment=tafel&equipment=beamer'), ['Café Größe'])
    assert.deepEqual(await namesOf('search=cafe&is_active=false'), ['Cafe klein'])
    assert.deepEqual(await namesOf(`search=cafe&organization_id=${other}`), [])
  })

  test('changing a room leaves what was not said as it was', async () => {
    const id = await make({ name: 'Steam', equipment: ['bench'], location: 'Cellar' })

    const changed = await house.call('PUT', `${root}${id}/`, { token: it.token, json: { capacity: 5, location: null } })
    const wrong = await house.call('PUT', `${root}${id}/`, {
      token: it.token,
      json: { capacity: 0, equipment: 'bench', time_zone: 'Mars/Base' },
    })

    const { name, capacity, location, equipment } = changed.body['data']
    assert.deepEqual(
      { name, capacity, location, equipment },
      { name: 'Steam', capacity: 5, location: '', equipment: ['bench'] },
    )
    assert.equal(wrong.status, 400)
    assert.deepEqual(wrong.body['error'].details.map(({ field }: { field: string }) => field).toSorted(), [
      'capacity',
      'equipment',
      'time_zone',
    ])
    assert.deepEqual(await namesOf('search=cellar'), [])
  })

  test('a room with claims ahead is not archived, and the refusal lists them; past ones do not matter', async () => {
    const id = await make({ name: 'Busy' })
    const [resourceId] = await resourcesFor(house.ctx(), [{ roomId: id, organizationId: salon }])
    const take = (source: string, from: string, to: string, expiresAt: Temporal.Instant | null = null) =>
      claim(house.ctx(), {
        source: { kind: 'event', id: source },
        claims: [{ resourceId: resourceId!, from: instant(from), to: instant(to), exclusive: true }],
        expiresAt,
      })
    await take('past', '2026-01-10T10:00:00Z', '2026-01-10T11:00:00Z')
    await take('held', '2026-01-13T10:00:00Z', '2026-01-13T11:00:00Z', house.ctx().now.add({ seconds: 1 }))
    await take('ahead', '2027-05-01T10:00:00Z', '2027-05-01T11:00:00Z')
    house.pass({ seconds: 1 })

    const refused = await house.call('DELETE', `${root}${id}/`, { token: admin.token })
    await house.house.db.deleteFrom('claims').where('source_id', '=', 'ahead').execute()
    const archived = await house.call('DELETE', `${root}${id}/`, { token: admin.token })

    assert.equal(refused.status, 409)
    assert.deepEqual(
      refused.body['error'].details.map(({ params }: { params: object }) => params),
      [{ kind: 'event', from: '2027-05-01T10:00:00Z', to: '2027-05-01T11:00:00Z' }],
    )
    assert.equal(archived.status, 200)
    assert.deepEqual(await namesOf('search=busy'), [])
  })

  test('of an archiving and a claim at once one wins, and an archived room cannot be taken by whoever had read of it before', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await make({ name: 'Wanted' })
      const [resourceId] = await resourcesFor(house.ctx(), [{ roomId: id, organizationId: salon }])
      const [from, to] = [instant('2026-02-01T10:00:00Z'), instant('2026-02-01T11:00:00Z')]
      const take = claim(house.ctx(), {
        source: { kind: 'event', id: `race-${round}` },
        claims: [{ resourceId: resourceId!, from, to, exclusive: true }],
        expiresAt: null,
      })

      const [archived, taken] = await Promise.allSettled([
        house.call('DELETE', `${root}${id}/`, { token: admin.token }),
        take,
      ])

      const status = archived.status === 'fulfilled' ? archived.value.status : 0
      assert.deepEqual([status, taken.status], taken.status === 'fulfilled' ? [409, 'fulfilled'] : [200, 'rejected'])
    }
  })
})

const instant = (text: string): Temporal.Instant => Temporal.Instant.from(text)
