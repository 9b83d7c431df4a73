import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'
import { askerOf, found, join, refusal } from '../../../test/company.ts'
import { departmentIdsOf, membersOfDepartment } from './index.ts'

const house = await openHouse()
const ask = askerOf(house)
const boss = await house.person('customer', { first_name: 'Olha', last_name: 'Chief' })
const acme = await found(house, boss, 'Acme')
const worker = await join(house, acme, boss, 'employee', { first_name: 'Ada', last_name: 'Moroz' })
const helper = await join(house, acme, boss, 'it', { first_name: 'Ivan', last_name: 'Helper' })
const rival = await house.person('provider')
const rivals = await found(house, rival, 'Rivals')

async function made(name: string, fields: object = {}, who = boss): Promise<string> {
  const answer = await ask('POST', 'departments/', who, { name, ...fields })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
type Node = { name: string; children?: Node[] }
const names = ({ body }: Answer): unknown[] => body['data'].results.map(shape)
const shape = ({ name, children }: Node): unknown => (children?.length ? [name, children.map(shape)] : name)
const idsOf = ({ body }: Answer): number[] => body['data'].results.map((row: { id: number }) => row.id)
const ruleOf = ({ status, body }: Answer): string =>
  `${status} ${body['error']?.details?.[0]?.field} ${body['error']?.details?.[0]?.rule}`

const sales = await made('Sales', { head_id: worker.id, description: 'Who sells' })
const retail = await made('Retail', { parent_id: sales })
const shops = await made('Shops', { parent_id: retail, organization_id: acme })
const support = await made('Support')
const foreign = await made('Sales', {}, rival)

test('A department is made by an admin, with a head, and its id is a UUID of version 7', async () => {
  const answer = await ask('GET', `departments/${sales}/`, worker)

  const { created_at: _made, updated_at: _changed, ...row } = answer.body['data']
  assert.match(sales, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  assert.deepEqual(row, {
    id: sales,
    organization_id: acme,
    parent_id: null,
    name: 'Sales',
    description: 'Who sells',
    head_id: worker.id,
    head_name: 'Ada Moroz',
    member_count: 0,
  })
})

test('The departments are a list by name, or a tree; a search keeps what leads to what it finds', async () => {
  const list = await ask('GET', 'departments/?page_size=3', worker)
  const tree = await ask('GET', 'departments/?tree=true', worker)
  const below = await ask('GET', `departments/?parent_id=${sales}`, worker)
  const branch = await ask('GET', `departments/?tree=true&parent_id=${sales}`, worker)
  const searched = await ask('GET', 'departments/?tree=true&search=SHOP', worker)
  const flat = await ask('GET', 'departments/?search=shop', worker)
  const past = await ask('GET', 'departments/?tree=true&page=2', worker)

  assert.deepEqual([names(list), list.body['data'].count], [['Retail', 'Sales', 'Shops'], 4])
  assert.deepEqual(names(tree), [['Sales', [['Retail', ['Shops']]]], 'Support'])
  assert.deepEqual([names(below), names(branch)], [['Retail'], [['Retail', ['Shops']]]])
  assert.deepEqual([names(searched), names(flat)], [[['Sales', [['Retail', ['Shops']]]]], ['Shops']])
  assert.equal(refusal(past), '404 NOT_FOUND')
})

test('For an outsider and another organization there are no departments, whatever they try', async () => {
  const outsider = await house.person('super_admin')
  for (const stranger of [outsider, rival]) {
    const calls = [
      await ask('GET', `departments/${sales}/`, stranger),
      await ask('GET', `departments/${sales}/members/`, stranger),
      await ask('GET', `departments/?organization_id=${acme}`, stranger),
      await ask('PUT', `departments/${sales}/`, stranger, { name: 'Mine' }),
      await ask('DELETE', `departments/${sales}/`, stranger),
      await ask('POST', 'departments/', stranger, { name: 'Mine', organization_id: acme }),
    ]
    assert.deepEqual([...new Set(calls.map(refusal))], ['404 NOT_FOUND'])
  }
  assert.deepEqual(names(await ask('GET', 'departments/', rival)), ['Sales'])
  assert.deepEqual(names(await ask('GET', 'departments/', outsider)), [])
})

test('Only an admin makes, changes and deletes departments', async () => {
  for (const member of [worker, helper]) {
    const calls = [
      await ask('POST', 'departments/', member, { name: 'Mine' }),
      await ask('PUT', `departments/${sales}/`, member, { name: 'Mine' }),
      await ask('DELETE', `departments/${sales}/`, member),
    ]
    assert.deepEqual([...new Set(calls.map(refusal))], ['403 PERMISSION_DENIED'])
  }
})

test('A parent of another organization, a circle, a head who is no member and a sibling’s name are refused', async () => {
  const answers = [
    await ask('POST', 'departments/', boss, { name: 'X', parent_id: foreign }),
    await ask('PUT', `departments/${sales}/`, boss, { parent_id: shops }),
    await ask('PUT', `departments/${sales}/`, boss, { parent_id: sales }),
    await ask('PUT', `departments/${sales}/`, boss, { head_id: rival.id }),
    await ask('POST', 'departments/', boss, { name: ' sales ' }),
    await ask('PUT', `departments/${support}/`, boss, { name: 'SALES' }),
    await ask('POST', 'departments/', boss, { name: '   ' }),
  ]

  assert.deepEqual(answers.map(ruleOf), [
    '400 parent_id not_found',
    '400 parent_id circle',
    '400 parent_id circle',
    '400 head_id not_a_member',
    '409 name name_taken',
    '409 name name_taken',
    '400 name required',
  ])
})

test('Two moves at once cannot close a circle', async () => {
  const pairs: [string, string][] = []
  for (let i = 0; i < 6; i++) pairs.push([await made(`Left ${i}`), await made(`Right ${i}`)])

  const answers = await Promise.all(
    pairs.flatMap(([a, b]) => [
      ask('PUT', `departments/${a}/`, boss, { parent_id: b }),
      ask('PUT', `departments/${b}/`, boss, { parent_id: a }),
    ]),
  )

  assert.equal(answers.filter(({ status }) => status === 200).length, pairs.length)
  assert.equal(answers.filter((answer) => ruleOf(answer) === '400 parent_id circle').length, pairs.length)
  for (const id of pairs.flat()) await ask('DELETE', `departments/${id}/`, boss)
})

test('Deleting a department moves what is below up to its place, and its members stay without one', async () => {
  const top = await made('Service')
  const middle = await made('Desk', { parent_id: top })
  await made('Desk', { parent_id: middle })
  await made('Sales', { parent_id: top })
  await ask('PUT', `users/${helper.id}/`, boss, { department_id: middle })

  const gone = await ask('DELETE', `departments/${middle}/`, boss)
  const refused = await ask('DELETE', `departments/${top}/`, boss)

  assert.equal(gone.status, 200, gone.text)
  assert.deepEqual(names(await ask('GET', `departments/?tree=true&parent_id=${top}`, boss)), ['Desk', 'Sales'])
  assert.equal((await ask('GET', `users/${helper.id}/`, boss)).body['data'].membership.department_id, null)
  assert.equal(ruleOf(refused), '409 name name_taken')
})

test('Members of a department are found with those below it, and what is shared with the parent reaches them', async () => {
  await ask('PUT', `organizations/${acme}/members/${worker.id}/`, boss, { department_id: shops })
  await ask('PUT', `users/${helper.id}/`, boss, { department_id: sales })

  const all = await ask('GET', `departments/${sales}/members/`, worker)
  const direct = await ask('GET', `departments/${sales}/members/?direct=true`, worker)

  assert.deepEqual([idsOf(all), idsOf(direct)], [[helper.id, worker.id], [helper.id]])
  assert.deepEqual(
    await membersOfDepartment(house.ctx(), sales),
    [worker.id, helper.id].toSorted((a, b) => a - b),
  )
  assert.deepEqual(await departmentIdsOf(house.ctx(), worker.id), [sales, retail, shops].toSorted())
  assert.equal((await ask('GET', `departments/${sales}/`, worker)).body['data'].member_count, 1)
})

test('A head who leaves the organization leads no department any more', async () => {
  const leaver = await join(house, acme, boss, 'employee')
  const led = await made('Led', { head_id: leaver.id })

  await ask('DELETE', `organizations/${acme}/members/${leaver.id}/`, leaver)

  assert.equal((await ask('GET', `departments/${led}/`, boss)).body['data'].head_id, null)
})

test('A member without access to the structure meets neither departments nor managers', async () => {
  const blind = await join(house, acme, boss, 'employee')
  await ask('PUT', `users/${worker.id}/`, boss, { manager_id: helper.id })
  await ask('PUT', `users/${blind.id}/`, boss, { access_org_structure: false })

  const refused = [
    await ask('GET', 'departments/', blind),
    await ask('GET', `departments/${sales}/`, blind),
    await ask('GET', `departments/${sales}/members/`, blind),
    await ask('GET', `users/?department_id=${sales}`, blind),
    await ask('GET', `users/?manager_id=${helper.id}`, blind),
  ]
  const seen = (await ask('GET', `users/${worker.id}/`, blind)).body['data'].membership
  const listed = (await ask('GET', `organizations/${acme}/members/`, blind)).text
  const searched = await ask('GET', 'users/search/?q=shops', blind)

  assert.deepEqual([...new Set(refused.map(refusal))], ['403 PERMISSION_DENIED'])
  assert.deepEqual([seen.department_id, seen.department_name, seen.manager_id], [null, null, null])
  assert.ok(!listed.includes(shops) && !listed.includes('Shops'))
  assert.equal(searched.body['data'].count, 0)
  assert.equal(rivals.length, 36)
})
