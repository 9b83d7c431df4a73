import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'

const house = await openHouse()
const ask = (method: 'GET' | 'POST' | 'PUT', path: string, { token }: Person, json?: object) =>
  house.call(method, `/api/v1/${path}`, { token, ...(json ? { json } : {}) })
const ids = ({ body }: Answer): number[] => body['data'].results.map((row: { id: number }) => row.id)

const chief = await house.person('provider', { first_name: 'Olha', last_name: 'Chief' })
await ask('POST', 'organizations/', chief, { name: 'Office' })
const stranger = await house.person('customer', { first_name: 'Zoe', last_name: 'Stranger' })
await ask('POST', 'organizations/', stranger, { name: 'Elsewhere' })

async function hire(first_name: string, last_name: string, birthday: string | null): Promise<Person> {
  const person = await house.person('customer', { first_name, last_name })
  const { db, now } = house.ctx()
  const born = birthday === null ? null : Temporal.PlainDate.from(birthday)
  await db.updateTable('users').set({ email_confirmed_at: now, birthday: born }).where('id', '=', person.id).execute()
  const invited = await ask('POST', 'users/', chief, { email: person.email, role: 'employee' })
  await ask('POST', 'organizations/invitations/accept/', person, { invitation_id: invited.body['data'].invitation.id })
  return person
}
const newYear = await hire('Nina', 'Newyear', '1990-01-02')
const leap = await hire('Leo', 'Leap', '2000-02-29')
const soon = await hire('Sofia', 'Soon', '1985-01-12')
const ageless = await hire('Alan', 'Ageless', null)
const department: string = (await ask('POST', 'departments/', chief, { name: 'Юридичний відділ' })).body['data'].id
await ask('PUT', `users/${leap.id}/`, chief, { position: 'Façade engineer', manager_id: soon.id })
await ask('PUT', `users/${newYear.id}/`, chief, { department_id: department, manager_id: soon.id })

test('Colleagues are found by words of name, e-mail, position and department, ignoring case and accents', async () => {
  const searches = ['facade', 'ENGIN leo', 'юридичн', 'newyear ЮРИД', soon.email, 'stranger']

  const answers = await Promise.all(
    searches.map((q) => ask('GET', `users/search/?q=${encodeURIComponent(q)}`, ageless)),
  )

  assert.deepEqual(answers.map(ids), [[leap.id], [leap.id], [newYear.id], [newYear.id], [soon.id], []])
})

test('The directory is filtered by department and by manager, and names the department', async () => {
  const byDepartment = await ask('GET', `users/?department_id=${department}`, ageless)
  const byManager = await ask('GET', `users/?manager_id=${soon.id}&ordering=last_name`, ageless)
  const elsewhere = await ask('GET', `users/?department_id=${department}`, stranger)

  assert.deepEqual([ids(byDepartment), ids(byManager), ids(elsewhere)], [[newYear.id], [leap.id, newYear.id], []])
  assert.equal(byDepartment.body['data'].results[0].membership.department_name, 'Юридичний відділ')
})

test('A department of another organization, or none at all, is no member’s department', async () => {
  const foreign = (await ask('POST', 'departments/', stranger, { name: 'Theirs' })).body['data'].id

  const answer = await ask('PUT', `users/${leap.id}/`, chief, { department_id: foreign })

  assert.deepEqual([answer.status, answer.body['error'].details[0].field], [400, 'department_id'])
})

test('Two who are made each other’s manager at once end with one manager, not with a circle', async () => {
  const answers = await Promise.all([
    ask('PUT', `users/${chief.id}/`, chief, { manager_id: ageless.id }),
    ask('PUT', `users/${ageless.id}/`, chief, { manager_id: chief.id }),
  ])

  assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), ['200', '400'])
})

test('Colleagues learn day and month of a birthday, never the year', async () => {
  const { text, body } = await ask('GET', `users/${leap.id}/`, ageless)

  assert.equal(body['data'].birthday, '02-29')
  assert.ok(!text.includes('2000-02-29'))
})

const upcoming = async (path: string, person: Person): Promise<[number, string][]> =>
  (await ask('GET', path, person)).body['data'].results.map(
    ({ id, next_birthday }: { id: number; next_birthday: string }) => [id, next_birthday],
  )

test('Birthdays come in order from today on, over the end of the year, and 29 February is kept on the 28th', async () => {
  const today = await upcoming('users/birthdays/?days=0', ageless)
  const soonest = await upcoming('users/birthdays/?days=47', ageless)
  const sooner = await upcoming('users/birthdays/?days=46', ageless)
  const year = await upcoming('users/birthdays/?days=366&page_size=2', ageless)
  const hidden = await upcoming('users/birthdays/?days=366', stranger)

  assert.deepEqual(today, [[soon.id, '2026-01-12']])
  assert.deepEqual(soonest, [
    [soon.id, '2026-01-12'],
    [leap.id, '2026-02-28'],
  ])
  assert.deepEqual([year, sooner], [soonest, today])
  assert.deepEqual(hidden, [])
  house.pass({ days: 354 })
  const { access } = (
    await house.call('POST', '/api/v1/auth/login/', { json: { email: ageless.email, password: ageless.password } })
  ).body['data']
  assert.deepEqual(await upcoming('users/birthdays/?days=11', { ...ageless, token: access }), [
    [newYear.id, '2027-01-02'],
    [soon.id, '2027-01-12'],
  ])
})

test('A leap day’s birthday is on its own day in a leap year', async () => {
  house.pass({ days: 365 })
  const { access } = (
    await house.call('POST', '/api/v1/auth/login/', { json: { email: ageless.email, password: ageless.password } })
  ).body['data']

  const shown = await upcoming('users/birthdays/?days=90', { ...ageless, token: access })

  assert.deepEqual(
    shown.find(([id]) => id === leap.id),
    [leap.id, '2028-02-29'],
  )
})

test('Nobody without an organization asks for birthdays', async () => {
  const nobody = await house.person('provider')

  assert.equal((await ask('GET', 'users/birthdays/', nobody)).status, 403)
})
