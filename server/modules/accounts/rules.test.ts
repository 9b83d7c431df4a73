import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  capabilitiesOf,
  emailKey,
  formatPhone,
  parsePhone,
  profileProblems,
  ratingOf,
  registrationProblems,
  splitName,
} from './rules.ts'

const phones: [given: string, kept: string | null, shown?: string][] = [
  ['(555) 123-4567', '+15551234567', '(555) 123-4567'],
  ['555-123-4567', '+15551234567', '(555) 123-4567'],
  ['555.123.4567', '+15551234567'],
  ['5551234567', '+15551234567'],
  [' 555 123 4567 ', '+15551234567'],
  ['+1 555 123 4567', '+15551234567', '(555) 123-4567'],
  ['1 (555) 123-4567', '+15551234567'],
  ['(555) 987-6543', '+15559876543', '(555) 987-6543'],
  ['(212) 736-5000', '+12127365000', '(212) 736-5000'],
  ['+380 44 123 4567', '+380441234567', '+380 44 123 4567'],
  ['+44 20 7946 0958', '+442079460958', '+44 20 7946 0958'],
  ['+7 495 123-45-67', '+74951234567', '+7 495 123 45 67'],
  ['+49 30 901820', '+4930901820'],
  // International numbers need their +, US ones their ten digits and an area code that is one.
  ['044 123 4567', null],
  ['380441234567', null],
  ['(155) 123-4567', null],
  ['(055) 123-4567', null],
  ['123-4567', null],
  ['(555) 123-45678', null],
  ['+1 555 123 45', null],
  ['+999 123 456 789', null],
  ['(555) 123-4567 ext. 12', null],
  ['call me', null],
  ['+', null],
  ['911', null],
  ['555-123-4567; DROP TABLE users', null],
  ['5'.repeat(40), null],
  ['', null],
]

for (const [given, kept, shown] of phones) {
  test(`"${given}" is ${kept === null ? 'no phone number' : `the phone number ${kept}`}`, () => {
    assert.equal(parsePhone(given), kept)
    if (shown !== undefined) assert.equal(formatPhone(kept), shown)
  })
}

test('a phone as it is shown is the same phone when it comes back', () => {
  for (const [, kept] of phones) {
    if (kept !== null) assert.equal(parsePhone(formatPhone(kept) ?? ''), kept)
  }
})

test('e-mails are compared without case', () => {
  assert.equal(emailKey('Jane@Example.COM'), emailKey(' jane@example.com'))
})

test('a full name is parted at its last word', () => {
  assert.deepEqual(splitName('Jane  Mary Smith'), { first_name: 'Jane Mary', last_name: 'Smith' })
  assert.deepEqual(splitName(' Cher '), { first_name: 'Cher', last_name: '' })
})

test('a rating is the mean to one decimal, and none without reviews', () => {
  assert.equal(ratingOf(0, 0), null)
  assert.equal(ratingOf(14, 3), 4.7)
})

const fields = (body: unknown): string[] => registrationProblems(body).map(({ field, rule }) => `${field} ${rule}`)

test('everything that is wrong with a registration is told, whatever the shape of its body', () => {
  assert.deepEqual(fields({ email: 'a@b.cd', password: 'A@B.CD', confirm_password: 'other', phone: 'junk' }), [
    'password password_is_email',
    'confirm_password passwords_differ',
    'phone phone',
  ])
  assert.deepEqual(fields({ email: 'a@b.cd', password: 'password123', phone: '(555) 123-4567' }), [])
  for (const body of [null, 5, 'text', [], { phone: 5, password: null, email: [] }]) assert.deepEqual(fields(body), [])
})

test('a profile has a birthday in the past and a rate with no more decimals than its currency', () => {
  const today = Temporal.PlainDate.from('2026-01-12')
  const wrong = (body: unknown, currency = 'USD') => profileProblems(body, today, currency).map(({ field }) => field)

  assert.deepEqual(wrong({ profile: { birthday: '2026-01-13' }, provider_profile: { hourly_rate: 50.001 } }), [
    'profile.birthday',
    'provider_profile.hourly_rate',
  ])
  assert.deepEqual(wrong({ profile: { birthday: '1899-12-31' } }), ['profile.birthday'])
  assert.deepEqual(wrong({ profile: { birthday: '2026-01-12' }, provider_profile: { hourly_rate: 50.05 } }), [])
  assert.deepEqual(wrong({ provider_profile: { hourly_rate: 50.5 } }, 'JPY'), ['provider_profile.hourly_rate'])
  assert.deepEqual(wrong({ phone: null, profile: null, provider_profile: 'x' }), [])
})

test('menus follow what a person may do: a manager without grants has but a profile', () => {
  const actor = { userId: 1, email: '', sessionId: 1, locale: null, timeZone: 'UTC' } as const
  const may = (role: 'customer' | 'provider' | 'management' | 'super_admin', permissions: 'user_management'[] = []) =>
    capabilitiesOf({ ...actor, role, permissions: new Set(permissions) })

  assert.deepEqual(may('management'), ['profile', 'notifications'])
  assert.ok(may('management', ['user_management']).includes('user_management'))
  assert.ok(may('super_admin').includes('administrators'))
  assert.ok(may('provider').includes('withdrawals'))
  assert.ok(!may('customer').includes('withdrawals'))
  const member = (role: string) => capabilitiesOf({ ...actor, role: 'customer', permissions: new Set() }, role)
  assert.deepEqual(
    ['admin', 'it', 'employee'].map((role) => member(role).includes('webhooks')),
    [true, true, false],
  )
  assert.deepEqual([may('super_admin').includes('webhooks'), may('management').includes('webhooks')], [true, false])
})
