import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { meanwhile } from '../../../test/meanwhile.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { startFcm } from '../../platform/push/fake-fcm.fixture.ts'
import { eraseAccount } from '../accounts/index.ts'
import { notify } from './index.ts'

const fcm = await startFcm()
after(() => fcm.stop())
const house = await openHouse(fcm.environment)
const devices = '/api/v1/notifications/devices/'
const register = (person: Person, token: string, more: object = {}) =>
  house.call('POST', devices, { token: person.token, json: { token, platform: 'android', ...more } })
const listOf = async (person: Person): Promise<{ id: number; name: string; is_current: boolean }[]> =>
  (await house.call('GET', devices, { token: person.token })).body['data'].results
const tell = async (person: Person): Promise<string[]> => {
  const before = fcm.sent.length
  await notify(house.ctx(), {
    userId: person.id,
    kind: 'booking_confirmed',
    title: 'Your booking is confirmed',
    body: '',
  })
  await house.drain()
  return fcm.served.slice(before).toSorted()
}
const back = async (person: Person): Promise<Person> => {
  const json = { email: person.email, password: person.password }
  return { ...person, token: (await house.call('POST', '/api/v1/auth/login/', { json })).body['data'].access }
}

test('Each device of each open session is shown what its person is told, and the token is never shown to anybody', async () => {
  const jane = await house.person()
  const registered = await register(jane, 'phone', { name: 'Pixel 9' })
  const tablet = await back(jane)
  await register(tablet, 'tablet', { platform: 'ios' })
  await house.drain()

  assert.equal(registered.status, 201)
  assert.deepEqual(Object.keys(registered.body['data']), [
    'id',
    'platform',
    'name',
    'is_current',
    'created_at',
    'registered_at',
  ])
  assert.deepEqual(
    (await listOf(jane)).map(({ name, is_current }) => [name, is_current]),
    [
      ['', false],
      ['Pixel 9', true],
    ],
  )
  assert.deepEqual(await tell(jane), ['phone', 'tablet'])
  assert.deepEqual(fcm.problems, [])
})

test('A token that is registered again is the same device, and one that another account registers is theirs from then on', async () => {
  const jane = await house.person()
  const john = await house.person()
  const first = await register(jane, 'shared')
  const again = await register(jane, 'shared', { name: 'Renamed' })
  await house.drain()
  assert.equal(again.body['data'].id, first.body['data'].id)
  assert.deepEqual(await tell(jane), ['shared'])

  await register(john, 'shared')

  assert.deepEqual([await tell(jane), await tell(john), (await listOf(jane)).length], [[], ['shared'], 0])
})

test('Signing out silences the device of that session, wherever it was ended, and a new password all others', async () => {
  const jane = await house.person()
  const phone = await back(jane)
  const laptop = await back(jane)
  await register(jane, 'here')
  await register(phone, 'there')
  await register(laptop, 'elsewhere')
  await house.drain()

  await house.call('POST', '/api/v1/auth/logout/', { token: phone.token })
  assert.deepEqual(await tell(jane), ['elsewhere', 'here'])
  const json = { current_password: jane.password, new_password: 'another-password1' }
  const changed = await house.call('POST', '/api/v1/auth/password-change/', { token: jane.token, json })

  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual(await tell(jane), ['here'])
  assert.equal((await listOf(jane)).length, 1)
})

test('A device is forgotten by its id or its token, once, and only by its owner', async () => {
  const jane = await house.person()
  const john = await house.person()
  const { id } = (await register(jane, 'by id')).body['data'] ?? {}
  assert.equal(id, undefined, 'a token has no spaces')
  const one = (await register(jane, 'one')).body['data'].id as number
  await register(jane, 'two')
  const drop = (person: Person, path: string, json?: object) =>
    house.call('DELETE', path, { token: person.token, ...(json ? { json } : {}) }).then(({ status }) => status)

  assert.deepEqual([await drop(john, `${devices}${one}/`), await drop(john, devices, { token: 'two' })], [404, 404])
  assert.deepEqual([await drop(jane, `${devices}${one}/`), await drop(jane, `${devices}${one}/`)], [200, 404])
  assert.deepEqual(
    [await drop(jane, devices, { token: 'two' }), await drop(jane, devices, { token: 'two' })],
    [200, 404],
  )
  assert.deepEqual(await listOf(john), [])
})

test('The 21st device takes the place of the one registered longest ago, also when all come at once', async () => {
  const jane = await house.person()
  for (let i = 0; i < 18; i++) {
    await register(jane, `old-${i}`)
    house.pass({ seconds: 1 })
  }

  await Promise.all(Array.from({ length: 6 }, (_, i) => register(jane, `new-${i}`)))

  const { results, count } = (await house.call('GET', `${devices}?page_size=100`, { token: jane.token })).body['data']
  assert.deepEqual([count, results.length], [20, 20])
  const left = await house.house.db.selectFrom('devices').where('user_id', '=', jane.id).select('token').execute()
  assert.ok(left.every(({ token }) => !['old-0', 'old-1', 'old-2', 'old-3'].includes(token)))
})

test('An erased account leaves no device, preference or quiet hours behind', async () => {
  const jane = await house.person()
  await register(jane, 'erased')
  const json = { topics: [{ topic: 'messages', push: false }], quiet_hours: { start: '22:00', end: '08:00' } }
  await house.call('PUT', '/api/v1/notifications/preferences/', { token: jane.token, json })

  await house.call('DELETE', '/api/v1/auth/profile/', { token: jane.token, json: { password: jane.password } })
  await house.drain()

  const { db } = house.house
  for (const table of ['devices', 'notification_preferences', 'quiet_hours', 'notifications'] as const) {
    const rows = await db.selectFrom(table).where('user_id', '=', jane.id).select('user_id').execute()
    assert.deepEqual(rows, [], table)
  }
})

test('Who is erased while they register a device is told that the session has ended', async () => {
  const jane = await house.person()

  const registered = await meanwhile(
    house,
    (tx) => eraseAccount(tx, jane.id),
    () => register(jane, 'nobodys-phone'),
  )

  assert.equal(registered.status, 401, registered.text)
})
