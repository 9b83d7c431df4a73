import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'

/** Mails to strangers: nobody can have this product send many of them. */

const house = await openHouse({ INVITATIONS_PER_DAY: '3', GUEST_MAILS_PER_DAY: '2' })
const owner = await house.person('provider')
const made = await house.call('POST', '/api/v1/organizations/', { token: owner.token, json: { name: 'Lavender Spa' } })
const organizationId: string = made.body['data'].id
let invited = 0
const invite = (path = `organizations/${organizationId}/invitations/`): Promise<Answer> =>
  house.call('POST', `/api/v1/${path}`, {
    token: owner.token,
    json: { email: `guest.${++invited}@example.com`, role: 'employee', organization_id: organizationId },
  })

test('A person sends so many invitations a day, whichever way; the next is refused until the day is over', async () => {
  const first = [await invite(), await invite('users/'), await invite()]
  const refused = [await invite(), await invite('users/')]
  house.pass({ hours: 23, minutes: 59 })
  const still = await invite()
  house.pass({ minutes: 1 })
  const signedIn = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: owner.email, password: owner.password },
  })
  owner.token = signedIn.body['data'].access
  const next = await invite()

  assert.deepEqual(
    first.map(({ status }) => status),
    [201, 201, 201],
  )
  assert.deepEqual(
    refused.map(({ status }) => status),
    [429, 429],
  )
  assert.equal(refused[0]!.headers['retry-after'], '86400')
  assert.notEqual(still.status, 201)
  assert.equal(next.status, 201)
})

test('A provider books for so many guests a day who are mailed, and for any number who are not', async () => {
  const { token } = owner
  for (let weekday = 1; weekday <= 7; weekday++)
    await house.call('POST', '/api/v1/schedules/', {
      token,
      json: { kind: 'weekly', weekday, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' },
    })
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' }
  const service = (await house.call('POST', '/api/v1/services/', { token, json })).body['data'].id
  const book = async (hour: number, guest: object): Promise<number> =>
    (
      await house.call('POST', '/api/v1/bookings/', {
        token,
        json: { service, date: `2026-01-20T${String(hour).padStart(2, '0')}:00:00Z`, guest: { name: 'Ada', ...guest } },
      })
    ).status

  const mailed = [9, 10, 11].map((hour) => () => book(hour, { email: `ada.${hour}@example.com` }))
  const statuses: number[] = []
  for (const make of mailed) statuses.push(await make())

  assert.deepEqual(statuses, [201, 201, 429])
  assert.equal(await book(12, { phone: '(555) 123-4567' }), 201)
})
